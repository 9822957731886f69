import ChildProcess
import Forwards
import Registries
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// What `up` found and did.
public struct UpReport: Codable, Sendable, Equatable {
    /// The cluster.
    public var cluster: String
    /// The context to use with kubectl.
    public var context: String
    /// Its nodes.
    public var nodes: [String]
    /// The registry as image references name it.
    public var registry: String
    /// What was done; empty when everything was right already.
    public var changes: [String]
    /// What the configuration says that the cluster was not made with.
    public var drift: [ClusterDrift] = []

    /// 2 when the cluster is right and not what the configuration describes.
    public var exitCode: Int32 { drift.isEmpty ? 0 : 2 }
}

/// Makes cluster, registry and forwards right, from whatever state they are in.
public struct ClusterUp: Sendable {
    let session: Session
    private let permissions: UpPermissions
    /// Whether a new cluster's context becomes the current one.
    private let switchesContext: Bool
    /// Paths of the fields that file, variables or flags set.
    private let stated: Set<String>

    private var place: ClusterPlace { session.place }
    private var ownership: ClusterOwnership { ClusterOwnership(session: session) }

    /// Describes the work; nothing starts yet.
    public init(
        session: Session, permissions: UpPermissions = UpPermissions(),
        switchesContext: Bool = true, stated: Set<String> = []
    ) {
        self.session = session
        self.permissions = permissions
        self.switchesContext = switchesContext
        self.stated = stated
    }

    /// Does it: whoever brings a cluster up brings its forwards up too.
    ///
    /// - Throws: `DevClusterError` or `InvocationError`; running it again goes on from there.
    public func run() async throws -> UpReport {
        let report = try await makeRight()
        try await PortForwards(session: session).resume()
        return report
    }

    private func makeRight() async throws -> UpReport {
        try session.requireTools("kind", "kubectl", "curl")
        let lock = try await session.lock(place.lock)
        defer { withExtendedLifetime(lock) {} }
        let record = try place.record.read()
        if let record, record.phase == .ready, !permissions.recreates {
            let names = record.nodes.keys.sorted()
            let probe = try await session.activity.step("look at \(place.cluster)") { _ in
                try await ClusterProbe.take(session, nodes: names)
            }
            let problems = probe.problems(session, nodes: names)
            if problems.isEmpty {
                let containers = names.compactMap { probe.containers[$0] }
                return report(names, drift: drift(containers, record))
            }
            problems.forEach { session.activity.report(.note($0)) }
        }
        return try await repair(record)
    }

    private func report(_ nodes: [String], changes: [String] = [], drift: [ClusterDrift] = [])
        -> UpReport
    {
        UpReport(
            cluster: place.cluster, context: place.context, nodes: nodes,
            registry: place.registryHost, changes: changes, drift: drift)
    }

    private func drift(_ nodes: [Container], _ record: ClusterRecord?) -> [ClusterDrift] {
        ClusterDrift.find(
            session.configuration.cluster, stated: stated, nodes: nodes, record: record)
    }

    private func repair(_ record: ClusterRecord?) async throws -> UpReport {
        let remains = KindRemains(session: session)
        var changes = record?.phase == .creating ? try await remains.endCreation() : []
        changes += try await remains.unlockKubeconfigs()
        let found = try await session.engine.nodes(ofCluster: place.cluster)
        let nodes = found.filter { !$0.isBeingRemoved }
        for node in found where node.isBeingRemoved {
            try await session.engine.remove(container: node.name)
            changes.append("removed what was left of \(node.name)")
        }
        let damage = ClusterOwnership.damage(nodes, record)
        let other = nodes.isEmpty ? await otherEngine() : nil
        let state = ClusterState(
            record: record.map { $0.phase == .creating ? .creating : .made } ?? .none,
            nodes: nodes.isEmpty ? .none : damage.isEmpty ? .all : .some,
            isOurs: nodes.isEmpty
                ? true : await ownership.isOurs(nodes: nodes, record: record),
            isElsewhere: other != nil)
        let creation = ClusterCreation(
            session: session, permissions: permissions, switchesContext: switchesContext)
        switch ClusterOutcome.decide(state, recreates: permissions.recreates) {
        case .refuse: throw ownership.foreign(for: "change")
        case .refuseElsewhere: throw elsewhere(other)
        case .offer: throw await offer(damage)
        case .replace:
            let why = permissions.recreates ? "as asked" : "it never became ready"
            // Nothing is deleted that could not be made anew.
            _ = try await creation.plan()
            try await deleteCluster(why: why)
            changes.append("deleted the old cluster, \(why)")
            fallthrough
        case .create:
            let made = try await creation.run()
            changes.append("created the cluster")
            return report(made, changes: changes + (try await preload()))
        case .mend:
            changes += try await ClusterRepair(session: session, permissions: permissions)
                .run(nodes, record: record)
            changes += try await preload()
            if changes.isEmpty { changes = ["restored what was not right"] }
            return report(
                nodes.filter { !$0.isLoadBalancer }.map(\.name), changes: changes,
                drift: drift(nodes, record))
        }
    }

    /// Puts the images of `spec.preload` into registry and nodes.
    private func preload() async throws -> [String] {
        guard !session.configuration.preload.isEmpty, !session.isDryRun else { return [] }
        return try await Preload(session: session).run().changes
    }

    private func deleteCluster(why: String) async throws {
        try await session.activity.step("delete \(place.cluster) (\(why))") { _ in
            try await session.kind.delete(cluster: place.cluster)
        }
        if !session.isDryRun { place.record.remove() }
    }

    /// Another engine that has a cluster of this name; one that does not answer has none.
    private func otherEngine() async -> EngineName? {
        for name in EngineName.allCases where name != session.engine.name {
            guard findExecutable(name.rawValue, path: session.environment["PATH"]) != nil else {
                continue
            }
            let engine = Engine(name, runner: session.runner)
            if (try? await engine.clusterNames().contains(place.cluster)) == true { return name }
        }
        return nil
    }

    private func elsewhere(_ engine: EngineName?) -> DevClusterError {
        let other = engine?.rawValue ?? "another engine"
        return DevClusterError(
            .failed,
            "\(other) already has a cluster '\(place.cluster)', and both would share the context"
                + " \(place.context)",
            hint: "set spec.engine to \(other), or metadata.name to another name")
    }

    private func offer(_ damage: [String]) async -> DevClusterError {
        let claims = await ClusterDown(session: session).boundClaims()
        let lost =
            switch claims {
            case nil: "what runs in it and its volumes are lost"
            case let claims? where claims.isEmpty: "what runs in it is lost; it has no volumes"
            case let claims?:
                "what runs in it is lost, and the data of "
                    + claims.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
            }
        return DevClusterError(
            .failed,
            "the cluster '\(place.cluster)' is damaged: " + damage.joined(separator: ", "),
            hint:
                "make it anew with 'devcluster up --recreate'; \(lost), the registry's images stay")
    }
}
