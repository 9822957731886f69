import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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
}

/// Makes cluster and registry right, from whatever state they are in.
public struct ClusterUp: Sendable {
    let session: Session
    /// Whether a damaged or different cluster may be deleted and made anew.
    let recreates: Bool
    /// Whether a new cluster's context becomes the current one.
    let switchesContext: Bool

    private var place: ClusterPlace { session.place }

    /// Describes the work; nothing starts yet.
    public init(session: Session, recreates: Bool = false, switchesContext: Bool = true) {
        self.session = session
        self.recreates = recreates
        self.switchesContext = switchesContext
    }

    /// Does it.
    ///
    /// - Throws: `DevClusterError` or `InvocationError`; running it again goes on from there.
    public func run() async throws -> UpReport {
        try session.requireTools("kind", "kubectl", "curl")
        let lock = try await session.lock(place.lock)
        defer { withExtendedLifetime(lock) {} }
        let record = place.record.read()
        if let record, record.phase == .ready, !recreates {
            let names = record.nodes.keys.sorted()
            let problems = try await session.activity.step("look at \(place.cluster)") { _ in
                await ClusterProbe.take(session, nodes: names).problems(session, nodes: names)
            }
            if problems.isEmpty { return report(names, changes: []) }
            problems.forEach { session.activity.report(.note($0)) }
        }
        return try await repair(record)
    }

    private func report(_ nodes: [String], changes: [String]) -> UpReport {
        UpReport(
            cluster: place.cluster, context: place.context, nodes: nodes,
            registry: place.registryHost, changes: changes)
    }

    private func repair(_ record: ClusterRecord?) async throws -> UpReport {
        let creation = ClusterCreation(session: session, switchesContext: switchesContext)
        var nodes = try await session.engine.nodes(ofCluster: place.cluster)
        var changes: [String] = []
        if !nodes.isEmpty {
            let ownership = ClusterOwnership(session: session)
            try await ownership.require(nodes: nodes, record: record, for: "change")
            let damage = ClusterOwnership.damage(nodes, record)
            if record?.phase == .creating || recreates {
                let why = recreates ? "as asked" : "it never became ready"
                // Nothing is deleted that could not be made anew.
                _ = try await creation.plan()
                try await deleteCluster(why: why)
                changes.append("deleted the old cluster, \(why)")
                nodes = []
            } else if !damage.isEmpty {
                throw DevClusterError(
                    .failed,
                    "the cluster '\(place.cluster)' is damaged: "
                        + damage.joined(separator: ", "),
                    hint: "make it anew with 'devcluster up --recreate'; what runs in it and its"
                        + " volumes are lost, the registry's images stay")
            }
        }
        if nodes.isEmpty {
            let made = try await creation.run()
            return report(made, changes: changes + ["created the cluster"])
        }
        changes += try await mend(nodes, record: record)
        return report(nodes.filter { !$0.isLoadBalancer }.map(\.name), changes: changes)
    }

    private func deleteCluster(why: String) async throws {
        try await session.activity.step("delete \(place.cluster) (\(why))") { _ in
            try await session.kind.delete(cluster: place.cluster)
        }
        if !session.isDryRun { place.record.remove() }
    }

    /// Mends a cluster that was ready once: nodes, registry, kubeconfig, ConfigMaps, in the
    /// order in which each needs the one before.
    private func mend(_ nodes: [Container], record: ClusterRecord?) async throws -> [String] {
        let members = nodes.filter { !$0.isLoadBalancer }
        let names = members.map(\.name)
        let readiness = ClusterReadiness(session: session)
        var changes: [String] = []
        let decision = try await RegistrySetup(session: session).decide()
        let stopped = nodes.filter { !$0.isRunning }.map(\.name)
        let start = Date()
        if !stopped.isEmpty {
            try await session.activity.step("start \(stopped.joined(separator: ", "))") { _ in
                try await session.engine.start(containers: stopped)
            }
            changes.append("started " + stopped.joined(separator: ", "))
        }
        if let done = try await readiness.prepareRegistry(decision) {
            changes.append("registry \(done)")
        }
        try await session.activity.step("tell the nodes about the registry") { _ in
            try await NodeWiring(session: session).write(nodes: names)
        }
        let kubeconfig = UserKubeconfig(session: session)
        if try await kubeconfig.mend(switchesContext: false) {
            changes.append("restored the kubeconfig's entry")
        }
        try await readiness.waitForNodes(
            names, heartbeatAfter: stopped.isEmpty ? nil : start)
        try await ClusterConfigMaps.apply(session)
        try await readiness.provePulls(names)
        try readiness.remember(members, as: .ready, record: record)
        return changes.isEmpty ? ["restored what was not right"] : changes
    }
}
