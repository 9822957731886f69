import ChildProcess
import Registries
import Sessions
import Settings
import SystemLibraries
import Tools

/// What one parallel look at a cluster and its registry found.
struct ClusterProbe: Sendable {
    /// The registry's container and the expected node containers, by name.
    var containers: [String: Container] = [:]
    /// Nodes as the API lists them; nil when the API did not answer through the user's kubeconfig.
    var apiNodes: [KubernetesNode]?
    /// ConfigMaps of `kube-public` by name.
    var configMaps: [String: [String: String]] = [:]
    /// Why each node could not pull from the registry; a node that could is absent.
    var pullProblems: [String: String] = [:]
    /// Images of `spec.preload` that a node lacks.
    var unloaded: [String] = []
    /// Why the registry does not answer on the host; nil when it does.
    var registryProblem: String?

    private enum Part: Sendable {
        case containers([String: Container])
        case items([ClusterItem]?)
        case registry(String?)
        case pulls([String: String])
        case unloaded([String])
    }

    /// Looks at everything at once: nothing waits for anything else.
    ///
    /// The API is read through the user's own kubeconfig, which proves its entry at the same
    /// time. What fails is recorded as a problem.
    /// When the containers are not right already, nobody waits for a pull to time out.
    /// - Throws: `DevClusterError` or `InvocationError` when the engine does not work, without which
    ///   nothing is known.
    static func take(_ session: Session, nodes: [String]) async throws -> ClusterProbe {
        let place = session.place
        return try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                let names = [place.registry.name] + nodes + session.mirrors.map(\.container)
                return .containers(try await session.engine.containers(named: names))
            }
            group.addTask { .items(await readAsUser(session)) }
            group.addTask {
                do {
                    return .registry(try await session.registry.problem())
                } catch {
                    return .registry("\(error)")
                }
            }
            group.addTask { .pulls(await PullProof(session: session).problems(nodes: nodes)) }
            if !session.configuration.preload.isEmpty {
                group.addTask {
                    let missing = try? await Preload(session: session).missing(on: nodes)
                    return .unloaded(missing ?? [])
                }
            }
            var probe = ClusterProbe()
            for try await part in group {
                switch part {
                case .containers(let containers):
                    probe.containers = containers
                    if !probe.containerProblems(session, nodes).isEmpty { group.cancelAll() }
                case .items(let items): items.map { probe.add($0) }
                case .registry(let problem): probe.registryProblem = problem
                case .pulls(let problems): probe.pullProblems = problems
                case .unloaded(let names): probe.unloaded = names
                }
            }
            return probe
        }
    }

    /// The same through the user's kubeconfig; nil when the API does not answer through it.
    private static func readAsUser(_ session: Session) async -> [ClusterItem]? {
        let direct = DirectAPI(session: session)
        if let items = await direct.items(configMapsOf: ClusterItem.namespace) { return items }
        guard let items = try? await ClusterItem.read(session, kubeconfig: nil) else { return nil }
        await direct.learn()
        return items
    }

    private mutating func add(_ items: [ClusterItem]) {
        var nodes: [KubernetesNode] = []
        for item in items {
            switch item {
            case .node(let node): nodes.append(node)
            case .configMap(let name, let data): configMaps[name] = data
            default: break
            }
        }
        apiNodes = nodes
    }

    /// What is wrong with the containers, in words.
    private func containerProblems(_ session: Session, _ nodes: [String]) -> [String] {
        let place = session.place
        var problems: [String] = []
        for name in nodes {
            guard let node = containers[name], node.isRunning else {
                problems.append("node \(name) is \(containers[name]?.status ?? "missing")")
                continue
            }
            if node.networks[place.registry.network] == nil {
                problems.append(
                    "node \(name) is not on the network '\(place.registry.network)'")
            }
        }
        problems += RegistryDecision.decide(
            containers[place.registry.name], spec: place.registry
        ).reasons.map { "registry: \($0)" }
        for mirror in session.mirrors {
            let faults =
                containers[mirror.container].map { mirror.faults($0, place.registry) }
                ?? ["there is none"]
            problems += faults.map { "mirror of \(mirror.host): \($0)" }
        }
        return problems
    }

    /// What is wrong, in words; empty when everything is as it has to be.
    ///
    /// What else fails while containers are not right follows from that and is not listed.
    func problems(_ session: Session, nodes: [String]) -> [String] {
        let place = session.place
        var problems = containerProblems(session, nodes)
        guard problems.isEmpty else { return problems }
        if let registryProblem { problems.append("registry: \(registryProblem)") }
        problems += session.podmanNameService.find(containers.mapValues { $0 }).map {
            "the name service has an address of \($0) at which nothing is"
        }
        if let apiNodes {
            if Set(apiNodes.map(\.metadata.name)) != Set(nodes) {
                problems.append("the API lists other nodes than there are")
            }
            for node in apiNodes where !node.isReady {
                problems.append("node \(node.metadata.name) is not ready")
            }
            problems += ClusterConfigMaps.missing(in: configMaps, place).map {
                "ConfigMap \($0) is not right"
            }
        } else {
            problems.append("the API does not answer through the kubeconfig")
        }
        problems += unloaded.map { "\($0) is not on every node" }
        for (node, problem) in pullProblems.sorted(by: { $0.key < $1.key }) {
            problems.append("\(node) cannot pull: \(problem)")
        }
        return problems
    }
}
