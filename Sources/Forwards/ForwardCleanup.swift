import ChildProcess
import StateFiles
import SystemLibraries
import Vocabulary

/// What `pf cleanup` found and ended.
public struct ForwardCleanup: Codable, Sendable, Equatable {
    /// Forwards of ours that were ended, as `cluster/name`.
    public var ended: [String]
    /// `kubectl port-forward`s of others.
    public var foreign: [ForeignForward]
    /// Whether the foreign ones were ended too.
    public var endedForeign: Bool

    /// Ends all forwards of ours in every cluster; needs no configuration and no cluster.
    ///
    /// - Parameter foreign: whether to end those of others too.
    /// - Throws: `DevClusterError` naming a process that could not be ended.
    public static func run(_ state: StateFolder, foreign: Bool, dryRun: Bool) async throws
        -> ForwardCleanup
    {
        var cleanup = ForwardCleanup(
            ended: [], foreign: ForwardProcess.foreign(), endedForeign: foreign && !dryRun)
        for folder in try state.allPlaces() {
            let place = folder.split(separator: "/").last.map(String.init) ?? folder
            cleanup.ended += try await ForwardLedger(folder: folder).endAll(dryRun: dryRun)
                .map { "\(place)/\($0)" }
        }
        cleanup.ended += try await endStrays(state, dryRun: dryRun)
        guard cleanup.endedForeign else { return cleanup }
        for forward in cleanup.foreign where await !forward.process.end() {
            throw DevClusterError(
                .failed,
                "the port-forward \(forward.process.pid) of user '\(forward.user)' could not be"
                    + " ended", hint: "ask \(forward.user)")
        }
        return cleanup
    }

    /// Ends what is left of forwards whose folder is gone.
    private static func endStrays(_ state: StateFolder, dryRun: Bool) async throws -> [String] {
        let known = Set(try state.allPlaces().flatMap { ForwardProcess.ours(folder: $0) })
        let strays = ForwardProcess.ours(state: state).filter { !known.contains($0) }
        for process in strays where !dryRun {
            guard await process.end() else {
                throw DevClusterError(
                    .failed, "the process \(process.pid) of a forward does not end")
            }
        }
        return strays.map { "process \($0.pid)" }
    }
}
