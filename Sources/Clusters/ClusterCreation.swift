import ChildProcess
import Registries
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Makes a new cluster, with everything around it done while kind works.
package struct ClusterCreation: Sendable {
    let session: Session
    let permissions: UpPermissions
    let switchesContext: Bool

    private var place: ClusterPlace { session.place }

    /// Creates cluster and registry; returns the names of the nodes.
    ///
    /// kind makes the network first and the node containers a few seconds later; the registry
    /// joins the one and hosts.toml goes into the others while kubeadm works.
    func run() async throws -> [String] {
        let readiness = ClusterReadiness(session: session, permissions: permissions)
        let plan = try await plan()
        let names = plan.nodes
        try rememberStart()
        try await session.engine.removeRemains(named: names)
        let service = session.podmanNameService
        await service.mendServers()
        await service.remove(Dictionary(uniqueKeysWithValues: names.map { ($0, nil) }))
        async let registry = readiness.prepareRegistry(plan.registry)
        async let mirrors = MirrorSetup(session: session).run()
        async let wired: Void = NodeWiring(session: session).writeAsNodesAppear(names)
        let title = "create \(place.cluster) (\(counted(names.count, "node")))"
        try await session.activity.step(title) { step in
            do {
                try await session.kind.create(
                    cluster: place.cluster, configuration: plan.document,
                    image: session.configuration.cluster.nodeImage?.description,
                    kubeconfig: place.kubeconfig,
                    environment: NodeProxies(session: session).environment,
                    onProgress: { step.progress($0) })
            } catch let error as InvocationError where error.isFailure {
                // What gets this name later is not our wreck, nor what somebody made meanwhile.
                var isClean = KindText.exists.isIn(error.tail)
                if !isClean { isClean = await KindRemains(session: session).removeNodes() }
                if isClean { place.record.remove() }
                throw error
            }
        }
        let nodes = Array(try await session.engine.containers(named: names).values)
        try readiness.remember(nodes, as: .made, record: nil)
        async let merged = UserKubeconfig(session: session).mend(switchesContext: switchesContext)
        async let ready = readiness.waitForNodes(names, for: .seconds(300))
        _ = try await (registry, mirrors, wired, merged)
        async let pulled: Void = readiness.provePulls(names)
        try await ClusterConfigMaps.apply(session)
        let open = try await ready
        guard open.isEmpty else { throw readiness.notReadyError(open) }
        try await pulled
        try readiness.remember(nodes, as: .ready, record: nil)
        return names
    }

    /// What will be made, when nothing stands in the way.
    struct Plan: Sendable {
        var registry: RegistryDecision
        var document: Data
        var nodes: [String]
    }

    /// Looks for what would fail later, so that a name or port of others costs nobody a minute.
    ///
    /// - Throws: `DevClusterError` naming what stands in the way.
    func plan() async throws -> Plan {
        let decision = try await RegistrySetup(session: session, permissions: permissions)
            .decide()
        try await UserKubeconfig(session: session).requireReadable()
        let network = place.registry.network
        guard try await session.engine.hasNameService(network) else {
            // kind would find out after five minutes, and say 'failed to join node'.
            throw DevClusterError(
                .failed,
                "the network '\(network)' has no name service: nodes would find neither each other"
                    + " nor the registry",
                hint: ClusterCreation.removeNetwork(network, of: place.engine))
        }
        let configuration = try await kindConfiguration()
        return Plan(
            registry: decision, document: try configuration.document(),
            nodes: configuration.expectedNodeNames(cluster: place.cluster))
    }

    /// What mends a network without a name service.
    package static func removeNetwork(_ network: String, of engine: EngineName) -> String {
        "\(engine.rawValue) network rm \(network), when nothing is on it any more; 'devcluster up' makes it anew"
    }

    /// From now on a cluster of this name that is not remembered as ready is a wreck of ours.
    private func rememberStart() throws {
        guard !session.isDryRun else { return }
        try place.record.write(
            ClusterRecord(
                phase: .creating, nodes: [:],
                nodeImage: session.configuration.cluster.nodeImage?.description,
                registry: place.registry.name, createdAt: Date()))
    }

    /// What kind will be told, with the user's own file.
    func kindConfiguration() async throws -> KindConfiguration {
        let cluster = session.configuration.cluster
        var base: JSONValue?
        if let path = cluster.kindConfig {
            let reader = ManifestReader(runner: session.runner)
            base = try await reader.document(at: session.configuration.absolutePath(path))
        }
        return KindConfiguration(
            controlPlanes: cluster.controlPlanes, workers: cluster.workers,
            portMappings: cluster.portMappings.map {
                KindConfiguration.PortMapping(
                    address: $0.address.description, hostPort: Int($0.hostPort.value),
                    nodePort: Int($0.nodePort.value), networkProtocol: $0.protocol.rawValue)
            }, base: base)
    }
}

extension KindConfiguration {
    /// The names of the nodes that kind will make from this.
    func expectedNodeNames(cluster: String) -> [String] {
        guard let nodes = base?["nodes"]?.array, !nodes.isEmpty else {
            return KindConfiguration.nodeNames(
                cluster: cluster, controlPlanes: controlPlanes, workers: workers)
        }
        let controlPlanes = nodes.filter { $0["role"]?.string != "worker" }.count
        return KindConfiguration.nodeNames(
            cluster: cluster, controlPlanes: controlPlanes,
            workers: nodes.count - controlPlanes)
    }
}
