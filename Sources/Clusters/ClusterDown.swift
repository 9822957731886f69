import ChildProcess
import Forwards
import Registries
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// What `down` deleted.
public struct DownReport: Codable, Sendable, Equatable {
    /// The cluster.
    public var cluster: String
    /// What was deleted; empty when there was nothing.
    public var deleted: [String]
    /// What is left of the registry that was removed, in words; nil for nothing.
    public var kept: String?
}

/// Deletes a cluster of ours; its registry stays unless asked for.
public struct ClusterDown: Sendable {
    let session: Session
    /// Whether the registry's container goes too.
    let removesRegistry: Bool
    /// Whether the registry's images go too.
    let removesData: Bool

    private var place: ClusterPlace { session.place }

    /// Describes the work; nothing starts yet.
    public init(session: Session, removesRegistry: Bool = false, removesData: Bool = false) {
        self.session = session
        self.removesRegistry = removesRegistry || removesData
        self.removesData = removesData
    }

    /// Claims that are bound in the cluster: their data is lost when it is deleted.
    ///
    /// - Returns: nil when the cluster does not answer, so that nobody knows.
    public func boundClaims() async -> [BoundClaim]? {
        await BoundClaim.all(session)
    }

    /// Whether there is a cluster to delete.
    public func exists() async throws -> Bool {
        try await !session.engine.nodes(ofCluster: place.cluster).isEmpty
    }

    /// Deletes; running it again is no error.
    ///
    /// - Throws: `DevClusterError` when the cluster or the container is not ours.
    public func run() async throws -> DownReport {
        let lock = try await session.lock(place.lock)
        defer { withExtendedLifetime(lock) {} }
        var report = DownReport(cluster: place.cluster, deleted: [])
        let remains = KindRemains(session: session)
        if try place.record.read()?.phase == .creating { _ = try await remains.endCreation() }
        _ = try await remains.unlockKubeconfigs()
        let nodes = try await session.engine.nodes(ofCluster: place.cluster)
        if !nodes.isEmpty {
            try await ClusterOwnership(session: session).require(
                nodes: nodes, record: try place.record.read(), for: "delete")
        }
        let registry = removesRegistry ? try await removableRegistry() : nil
        let ended = try await ForwardLedger(folder: place.folder).endAll(dryRun: session.isDryRun)
        report.deleted += ended.map { "port-forward \($0)" }
        if !nodes.isEmpty {
            try await session.activity.step("delete cluster \(place.cluster)") { _ in
                try await session.kind.delete(cluster: place.cluster)
            }
            report.deleted.append("cluster \(place.cluster)")
        }
        if !session.isDryRun {
            place.record.remove()
            try? FileManager.default.removeItem(atPath: place.kubeconfig)
            DirectAPI(session: session).forget()
        }
        if removesRegistry {
            report.deleted += try await MirrorSetup(session: session).remove(data: removesData)
            report.deleted += try await remove(registry)
            if registry != nil, !removesData {
                report.kept =
                    "the images are still in the volume \(place.registry.volume): 'devcluster down"
                    + " --data' deletes it"
            }
        }
        return report
    }

    /// The registry's container, when it may be removed; nil when there is none.
    private func removableRegistry() async throws -> Container? {
        let name = place.registry.name
        guard let container = try await session.engine.containers(named: [name])[name] else {
            return nil
        }
        guard container.isManaged else {
            throw DevClusterError(
                .failed,
                "the container '\(name)' was not made by devcluster, which therefore"
                    + " does not remove it",
                hint: "remove it with '\(session.engine.name.rawValue) rm -f \(name)'")
        }
        let users = try await AttachedClusters(session: session).find().map(\.name)
            .filter { $0 != place.cluster }
        guard users.isEmpty else {
            throw DevClusterError(
                .failed,
                "the registry '\(name)' is also used by the cluster"
                    + " \(users.joined(separator: ", "))",
                hint: "delete that cluster first, or leave out --registry")
        }
        return container
    }

    private func remove(_ container: Container?) async throws -> [String] {
        guard let container else {
            guard removesData else { return [] }
            try await session.engine.remove(volume: place.registry.volume)
            return ["volume \(place.registry.volume)"]
        }
        let name = container.name
        var deleted: [String] = []
        try await session.activity.step("remove registry \(name)") { _ in
            try await session.engine.remove(container: name)
        }
        deleted.append("registry \(name)")
        let volume = container.mounts.first { $0.destination == RegistryProgram.dataPath }?.name
        if removesData, let volume {
            try await session.engine.remove(volume: volume)
            deleted.append("volume \(volume)")
        }
        return deleted
    }
}
