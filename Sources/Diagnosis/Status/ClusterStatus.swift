import ChildProcess
import Forwards
import Registries
import Sessions
import Settings
import Tools
import Verification
import Vocabulary
import Workloads

/// What there is, and whether it is as it should be.
public struct StatusReport: Codable, Sendable, Equatable {
    /// A node.
    public struct Node: Codable, Sendable, Equatable {
        /// Its name.
        public var name: String
        /// `ready`, `not ready`, `unknown` where the API did not say, or the state of a container
        /// that does not run.
        public var state: String
        /// The kubelet's version; nil when the API did not say.
        public var version: String?
    }

    /// The cluster.
    public var cluster: String
    /// Its context.
    public var context: String
    /// The project's namespace.
    public var namespace: String
    /// All namespaces that were looked at: those that its deploys touched.
    public var namespaces: [String]?
    /// Its nodes.
    public var nodes: [Node]
    /// The registry as image references name it.
    public var registry: String
    /// What runs in the namespaces.
    public var components: [ComponentStatus]
    /// Services of type LoadBalancer that have no address.
    public var pendingLoadBalancers: [String]
    /// The cluster's forwards.
    public var forwards: [ForwardStatus]
    /// What images take; nil when that could not be read in time.
    public var storage: StorageFigures?
    /// What is wrong, in words; empty when all is right.
    public var problems: [String]

    /// 0 all right, 2 something is not.
    public var exitCode: Int32 { problems.isEmpty ? 0 : DevClusterError.Code.found.exitCode }
}

/// Looks at everything a developer asks for at a time; changes nothing.
public struct ClusterStatus: Sendable {
    let session: Session

    /// Looks at this session's cluster.
    public init(session: Session) {
        self.session = session
    }

    private var place: ClusterPlace { session.place }
    private var namespace: String { session.configuration.namespace.description }

    /// What the API said.
    private struct Objects: Sendable {
        var rollout = RolloutObjects(workloads: [], pods: [])
        var balancers: [String] = []
        var namespaces: Set<String> = []
        /// Why they are not known.
        var problem: String?

        mutating func add(_ other: Objects) {
            rollout.add(other.rollout)
            balancers += other.balancers
            namespaces.formUnion(other.namespaces)
        }
    }

    private static let types =
        BuiltInKind.resources(
            .deployment, .statefulSet, .daemonSet, .job, .cronJob, .replicaSet,
            .replicationController, .pod, .service)
    /// What takes longer is left out, or told as a problem.
    private static let patience = Duration.seconds(10)

    /// Looks, at everything at once.
    ///
    /// - Throws: `DevClusterError` when there is no cluster; what does not answer is a problem in
    ///   the report.
    public func run() async throws -> StatusReport {
        try await session.requireCluster(for: .reading)
        let quick = session.limited(to: ClusterStatus.patience)
        async let containers = containers(quick)
        async let registry = registryProblem(quick)
        async let images = judged(quick)
        async let storage = try? RegistryList(session: quick).run([]).figures
        let objects = await objects(quick)
        let nodes = nodes(
            objects.rollout.nodes, await containers, isKnown: objects.problem == nil)
        let components = ComponentCount(
            objects: objects.rollout,
            annotation: session.configuration.componentAnnotation?.description, home: namespace
        ).components(await images)
        var problems = [objects.problem, await registry].compactMap(\.self)
        var forwards: [ForwardStatus] = []
        do {
            forwards = try ForwardLedger(folder: place.folder).statuses()
        } catch {
            problems.append(Doctor.words(error))
        }
        problems += nodes.filter { !["ready", "unknown"].contains($0.state) }.map {
            "node \($0.name) is \($0.state)"
        }
        problems += components.flatMap(\.problems)
        let stale = components.filter { $0.stale > 0 }.map(\.name)
        if !stale.isEmpty {
            problems.append(
                "\(stale.joined(separator: ", ")): does not run what was deployed; see"
                    + " 'devcluster verify-image'")
        }
        problems += forwards.filter { [.failed, .dead].contains($0.state) }.map {
            "forward \($0.forward.name) is \($0.state.rawValue)"
                + ($0.forward.lastError.map { ": \(ShownText.line($0))" } ?? "")
        }
        try Task.checkCancellation()
        return StatusReport(
            cluster: place.cluster, context: place.context, namespace: namespace,
            namespaces: objects.namespaces.sorted(), nodes: nodes, registry: place.registryHost,
            components: components,
            pendingLoadBalancers: objects.balancers, forwards: forwards, storage: await storage,
            problems: problems)
    }

    private func objects(_ session: Session) async -> Objects {
        do {
            let namespaces = ProjectNamespaces(session: session)
            let recorded = try namespaces.recorded
            async let known = objects(recorded, session.kubectl)
            let more = try await namespaces.find().subtracting(recorded)
            var all = try await known
            all.add(try await objects(more, session.kubectl))
            return all
        } catch let error as DevClusterError {
            return Objects(problem: error.message + (error.hint.map { "; \($0)" } ?? ""))
        } catch let error as InvocationError where error.reason == .outputLimitExceeded {
            return Objects(problem: "too many objects to be looked at: \(Doctor.words(error))")
        } catch let error as InvocationError where error.reason == .timedOut {
            return Objects(
                problem: "the API of \(place.context) did not answer within"
                    + " \(HumanDuration(ClusterStatus.patience))")
        } catch {
            return Objects(
                problem: "the API of \(place.context) does not answer: \(Doctor.words(error))")
        }
    }

    private func objects(_ namespaces: Set<String>, _ kubectl: Kubectl) async throws -> Objects {
        try await namespaces.sorted().concurrentMap { try await objects(in: $0, kubectl) }
            .reduce(into: Objects()) { $0.add($1) }
    }

    private func objects(in place: String, _ kubectl: Kubectl) async throws -> Objects {
        let types = ClusterStatus.types + (place == namespace ? ",nodes" : "")
        let outcome = try kubectl.answeredAsAllowed(
            await kubectl.read(types, namespace: place))
        let found = try kubectl.decode(StatusObjects.self, outcome)
        let suffix = place == namespace ? "" : " (namespace \(place))"
        return Objects(
            rollout: found.rollout,
            balancers: found.pendingBalancers.map { "service/\($0)\(suffix)" },
            namespaces: [place])
    }

    /// Containers of our own nodes that are there, by name; nil for a cluster of others.
    private func containers(_ session: Session) async -> [Container]? {
        guard place.existingContext == nil else { return nil }
        return try? await session.engine.nodes(ofCluster: place.cluster)
            .filter { !$0.isLoadBalancer }
    }

    /// The API's word, except of a node whose container does not run: that it learns late.
    private func nodes(
        _ known: [KubernetesNode], _ containers: [Container]?, isKnown: Bool
    ) -> [StatusReport.Node] {
        let missing = isKnown ? "not ready" : "unknown"
        var nodes: [String: StatusReport.Node] = [:]
        for node in known {
            nodes[node.metadata.name] = StatusReport.Node(
                name: node.metadata.name, state: node.isReady ? "ready" : "not ready",
                version: node.status?.nodeInfo?.kubeletVersion)
        }
        for container in containers ?? [] where !container.isRunning || nodes[container.name] == nil
        {
            nodes[container.name] = StatusReport.Node(
                name: container.name, state: container.isRunning ? missing : container.status,
                version: nodes[container.name]?.version)
        }
        return nodes.values.sorted { $0.name < $1.name }
    }

    private func registryProblem(_ session: Session) async -> String? {
        do {
            return try await session.registry.problem().map {
                "the registry does not answer: \($0); \(session.registry.remedy)"
            }
        } catch {
            return "the registry does not answer: \(Doctor.words(error))"
        }
    }

    private func judged(_ session: Session) async -> [JudgedContainer] {
        let report = try? await ImageVerification(session: session).run(.project)
        return report?.containers ?? []
    }
}
