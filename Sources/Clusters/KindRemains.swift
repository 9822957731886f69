import ChildProcess
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// What a run of kind leaves behind when its `devcluster` is killed.
package struct KindRemains: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Ends a `kind create` that outlived its `devcluster`, with everything that it started.
    ///
    /// When it fails later, because its nodes were deleted under it, it would delete whatever has
    /// the cluster's name by then. It is known by the path of our own kubeconfig. Whoever calls
    /// this holds the cluster's lock, so no living `devcluster` waits for it.
    /// - Returns: what was done.
    /// - Throws: `DevClusterError` when it does not end.
    func endCreation() async throws -> [String] {
        var done: [String] = []
        for process in ProcessIdentity.all() {
            guard let line = process.commandLine, isCreation(line) else { continue }
            guard !session.isDryRun else { return ["a kind left behind would be ended"] }
            // Its children first: they could not be found by descent after its end.
            let family = [process] + process.descendants()
            for member in family { member.send(SIGSTOP) }
            for member in process.descendants().filter({ !family.contains($0) }) + family {
                member.send(SIGKILL)
                _ = await member.end(grace: .zero)
            }
            guard !process.isAlive else {
                throw DevClusterError(
                    .failed, "process \(process.pid) still creates the cluster and does not end",
                    hint: "end it with 'kill -9 \(process.pid)'")
            }
            done.append("ended a kind that was left behind (process \(process.pid))")
        }
        await awaitNodes()
        return done
    }

    /// Removes the nodes that a kind which failed could not remove, or that appeared after it ended.
    ///
    /// - Returns: whether nothing is left of it.
    func removeNodes() async -> Bool {
        await awaitNodes()
        guard let left = try? await session.engine.nodes(ofCluster: session.place.cluster) else {
            return false
        }
        guard !left.isEmpty else { return true }
        try? await session.kind.delete(cluster: session.place.cluster)
        return (try? await session.engine.nodes(ofCluster: session.place.cluster))?.isEmpty == true
    }

    /// Waits for nodes that are just being made: kind makes all at once, and does not wait for the
    /// others when one fails.
    private func awaitNodes() async {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end,
            ProcessIdentity.all().contains(where: {
                guard let line = $0.commandLine else { return false }
                return Engine.isMakingNode(ofCluster: session.place.cluster, line)
            })
        {
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
        }
    }

    private func isCreation(_ line: [String]) -> Bool {
        Kind.isCreation(line) && line.contains(session.place.kubeconfig)
    }

    /// How long a lock of a kubeconfig may be held: kind and kubectl hold it for milliseconds.
    private static let lockAge: TimeInterval = 10

    /// Removes `config.lock` files that a killed kind or kubectl left beside kubeconfigs.
    ///
    /// Both make them exclusively, never look at their age, and fail at once where one is
    /// (kind's `kubeconfig/internal/kubeconfig/lock.go`, client-go's `clientcmd/loader.go`); kind
    /// does so at the end of a creation, and deletes the cluster for it.
    /// - Returns: what was done.
    /// - Throws: `CancellationError`, or `DevClusterError` when one cannot be removed.
    func unlockKubeconfigs() async throws -> [String] {
        // One that somebody holds just now is gone, or old enough, in a moment.
        while !locks.filter({ !KindRemains.isStale($0) }).isEmpty {
            try await Task.sleep(for: .milliseconds(200))
        }
        return try staleLocks.map { path in
            if !session.isDryRun { try remove(path) }
            return "removed the stale \(path)"
        }
    }

    /// Locks of kubeconfigs that nobody can be holding any more.
    package var staleLocks: [String] { locks.filter(KindRemains.isStale) }

    private var locks: [String] {
        kubeconfigs.map { $0 + ".lock" }.filter { KindRemains.modified($0) != nil }
    }

    private static func isStale(_ path: String) -> Bool {
        // Time stamps of the future are no sign of life either.
        modified(path).map { abs(Date().timeIntervalSince($0)) >= lockAge } ?? false
    }

    private func remove(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            guard KindRemains.modified(path) != nil else { return }
            throw DevClusterError(
                .failed, "the kubeconfig's lock \(path) was left behind and cannot be removed",
                hint: "rm '\(path)'", cause: error)
        }
    }

    private static func modified(_ path: String) -> Date? {
        FileStatus(path)?.modified
    }

    private var kubeconfigs: [String] {
        [session.place.kubeconfig] + UserKubeconfig.files(session.environment)
    }
}
