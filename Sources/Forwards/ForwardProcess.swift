import ChildProcess
import StateFiles
import SystemLibraries
import Tools

/// The processes of forwards, found without the ledger.
package enum ForwardProcess {
    /// A variable in the environment of every process of a forward of ours: supervisors and
    /// kubectls. Its value is the state folder.
    ///
    /// No identity by itself: a browser that a login plugin of kubectl opens inherits it too.
    static let mark = "DEVCLUSTER_FORWARD"

    /// Our processes of this folder (Linux; elsewhere only the ledger knows).
    package static func ours(folder: String) -> [ProcessIdentity] { ours { $0 == folder } }

    /// Our processes of any folder of this state.
    static func ours(state: StateFolder) -> [ProcessIdentity] {
        ours { $0.hasPrefix(state.path + "/") }
    }

    /// Processes that carry the mark, and run what a supervisor is or starts.
    private static func ours(_ isMeant: (String) -> Bool) -> [ProcessIdentity] {
        #if os(Linux)
            return ProcessIdentity.all().filter { process in
                guard process != .current, let folder = markedFolder(environment(of: process)),
                    isMeant(folder), let command = process.commandLine
                else { return false }
                return isOurs(command, folder: folder)
            }
        #else
            return []
        #endif
    }

    /// Whether a command line is that of a supervisor of this folder, or of a kubectl as one
    /// starts it.
    static func isOurs(_ command: [String], folder: String) -> Bool {
        if command.suffix(2) == [ForwardSupervisor.command, folder] { return true }
        return SupervisedKubectl.isStarted(as: command)
    }

    /// `kubectl port-forward` processes that are not ours.
    package static func foreign() -> [ForeignForward] {
        #if os(Linux)
            return ProcessIdentity.all().compactMap { process in
                guard let command = process.commandLine, KubectlForward.isForward(command)
                else { return nil }
                let variables = environment(of: process)
                // Empty for a moment after the start: it could be ours.
                guard variables?.isEmpty != true else { return nil }
                if let folder = markedFolder(variables), isOurs(command, folder: folder) {
                    return nil
                }
                return ForeignForward(
                    process: process, user: user(of: process.pid),
                    command: command.joined(separator: " "))
            }
        #else
            return []
        #endif
    }

    /// The value of the mark in an environment as `/proc` has it.
    private static func markedFolder(_ environment: [UInt8]?) -> String? {
        let prefix = Array("\(mark)=".utf8)
        let entry = environment?.split(separator: 0).first { $0.starts(with: prefix) }
        return entry.map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }
}

#if os(Linux)
    /// The environment a process was started with; nil when it may not be looked at.
    private func environment(of process: ProcessIdentity) -> [UInt8]? {
        readFile("/proc/\(process.pid)/environ", limit: 4 << 20)
    }

    /// Whose process it is: the owner of its folder in `/proc`.
    private func user(of pid: Int32) -> String {
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0 else { return "" }
        return PortHolder.userName(status.st_uid)
    }
#endif

/// A `kubectl port-forward` that somebody else started.
public struct ForeignForward: Codable, Sendable, Equatable {
    /// The process.
    public var process: ProcessIdentity
    /// Its user.
    public var user: String
    /// Its command line.
    public var command: String
}
