import ChildProcess
import Forwards
import Registries
import Sessions
import StateFiles
import Tools

/// What `stop` stopped.
public struct StopReport: Codable, Sendable, Equatable {
    /// The cluster.
    public var cluster: String
    /// What was stopped; empty when nothing ran.
    public var stopped: [String]
    /// Other clusters that still use the registry, which therefore goes on.
    public var sharedWith: [String]
}

/// Stops a cluster of ours and keeps everything, so that `up` resumes it.
public struct ClusterStop: Sendable {
    let session: Session

    private var place: ClusterPlace { session.place }

    /// Describes the work; nothing starts yet.
    public init(session: Session) {
        self.session = session
    }

    /// Stops forwards, nodes and registry; running it again is no error.
    ///
    /// - Throws: `DevClusterError` when there is no cluster, or it is not ours.
    public func run() async throws -> StopReport {
        let lock = try await session.lock(place.lock)
        defer { withExtendedLifetime(lock) {} }
        let nodes = try await session.engine.nodes(ofCluster: place.cluster)
        guard !nodes.isEmpty else { throw session.noNodes }
        try await ClusterOwnership(session: session).require(
            nodes: nodes, record: try place.record.read(), for: "stop")
        var report = StopReport(cluster: place.cluster, stopped: [], sharedWith: [])
        report.stopped += try await endForwards().map { "port-forward \($0)" }
        async let registry = stopRegistry()
        let running = nodes.filter { !["exited", "created"].contains($0.status) }
        if !running.isEmpty {
            let names = running.map(\.name)
            try await session.activity.step("stop \(names.joined(separator: ", "))") { _ in
                for node in running where node.status == "paused" {
                    try await session.engine.resume(container: node.name, isPaused: true)
                }
                try await session.engine.stop(containers: names)
            }
            report.stopped += names.map { "node \($0)" }
        }
        let (stopped, users) = try await registry
        report.sharedWith = users
        if stopped { report.stopped.append("registry \(place.registry.name)") }
        return report
    }

    /// Ends the forwards and remembers which were wanted: `up` starts them again.
    private func endForwards() async throws -> [String] {
        let specs = StoredFile<ForwardSpecs>(path: ForwardSpecs.path(place.folder))
        let wanted = try specs.read()
        let ended = try await ForwardLedger(folder: place.folder).endAll(dryRun: session.isDryRun)
        if let wanted, !session.isDryRun { try specs.write(wanted) }
        return ended
    }

    /// Stops the registry, unless a cluster that runs pulls from it.
    private func stopRegistry() async throws -> (stopped: Bool, users: [String]) {
        let name = place.registry.name
        let container = try await session.engine.containers(named: [name])[name]
        guard let container, container.isManaged, container.isRunning else { return (false, []) }
        let others = try await AttachedClusters(session: session).find().map(\.name)
            .filter { $0 != place.cluster }
        var users: [String] = []
        for cluster in others {
            let nodes = try await session.engine.nodes(ofCluster: cluster)
            if nodes.contains(where: \.isRunning) { users.append(cluster) }
        }
        guard users.isEmpty else { return (false, users) }
        try await session.activity.step("stop registry \(name)") { _ in
            try await session.engine.stopNow(container: name)
            let mirrors = try await session.engine.containers(
                named: session.mirrors.map(\.container))
            for mirror in mirrors.values where mirror.isManaged && mirror.isRunning {
                try await session.engine.stopNow(container: mirror.name)
            }
        }
        return (true, [])
    }
}
