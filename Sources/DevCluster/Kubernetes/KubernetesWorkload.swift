import ChildProcess

/// A Deployment, StatefulSet, DaemonSet, Job or ReplicaSet, as far as its rollout is concerned.
struct KubernetesWorkload: Decodable, Sendable {
    struct Selector: Decodable, Sendable { var matchLabels: [String: String]? }

    struct Template: Decodable, Sendable {
        struct Spec: Decodable, Sendable {
            var containers: [KubernetesPod.Container]
            var initContainers: [KubernetesPod.Container]?
        }
        struct Metadata: Decodable, Sendable { var annotations: [String: String]? }
        var metadata: Metadata?
        var spec: Spec
    }

    struct Strategy: Decodable, Sendable {
        struct RollingUpdate: Decodable, Sendable { var partition: BoundedInteger? }
        var type: String?
        var rollingUpdate: RollingUpdate?
    }

    struct Spec: Decodable, Sendable {
        var replicas: BoundedInteger?
        var paused: Bool?
        var template: Template?
        var updateStrategy: Strategy?
        var completions: BoundedInteger?
    }

    struct Status: Decodable, Sendable {
        var observedGeneration: BoundedInteger?
        var replicas: BoundedInteger?
        var updatedReplicas: BoundedInteger?
        var readyReplicas: BoundedInteger?
        var availableReplicas: BoundedInteger?
        var currentRevision: String?
        var updateRevision: String?
        var desiredNumberScheduled: BoundedInteger?
        var updatedNumberScheduled: BoundedInteger?
        var numberAvailable: BoundedInteger?
        var succeeded: BoundedInteger?
        var active: BoundedInteger?
        var failed: BoundedInteger?
        var conditions: [ObjectCondition]?
    }

    /// One of Kubernetes' own; what is of another group is never read as a workload.
    var kind: String
    var metadata: ObjectMetadata
    var spec: Spec?
    var status: Status?

    /// Whether the status speaks of the spec that is there, not of an earlier one.
    var isObserved: Bool { (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) }

    func condition(_ type: String) -> ObjectCondition? {
        status?.conditions?.first { $0.type == type }
    }

    /// The revision that Deployments write on themselves and on their ReplicaSets.
    var revision: String? { metadata.annotations?["deployment.kubernetes.io/revision"] }

    /// How often a DaemonSet's template changed; its pods have the same in a label.
    var templateGeneration: String? {
        metadata.annotations?["deprecated.daemonset.template.generation"]
    }
}

/// The objects of a namespace that a rollout is judged by, from one read.
struct RolloutObjects: Decodable, Sendable {
    var workloads: [KubernetesWorkload] = []
    var pods: [KubernetesPod] = []
    /// Only where they were asked for.
    var nodes: [KubernetesNode] = []
    /// Namespaces that are being deleted; only where they were asked for.
    var endingNamespaces: [String] = []
    /// Only where they were asked for.
    var events: [KubernetesEvent] = []

    private enum Item: Decodable {
        case workload(KubernetesWorkload)
        case pod(KubernetesPod)
        case node(KubernetesNode)
        case namespace(KubernetesNamespace)
        /// Of no kind that has pods: a Service, or a kind of another group.
        case other

        init(from decoder: any Decoder) throws {
            let type = try ObjectType(from: decoder)
            switch type.builtIn {
            case .pod: self = .pod(try KubernetesPod(from: decoder))
            case .namespace: self = .namespace(try KubernetesNamespace(from: decoder))
            case .deployment, .statefulSet, .daemonSet, .job, .cronJob, .replicaSet,
                .replicationController:
                self = .workload(try KubernetesWorkload(from: decoder))
            default:
                self = type.isNode ? .node(try KubernetesNode(from: decoder)) : .other
            }
        }
    }

    init(from decoder: any Decoder) throws {
        for item in try KubernetesList<Item>(from: decoder).items {
            switch item {
            case .workload(let workload): workloads.append(workload)
            case .pod(let pod): pods.append(pod)
            case .node(let node): nodes.append(node)
            case .namespace(let namespace):
                if namespace.isEnding { endingNamespaces.append(namespace.metadata.name) }
            case .other: break
            }
        }
    }

    init(workloads: [KubernetesWorkload], pods: [KubernetesPod]) {
        self.workloads = workloads
        self.pods = pods
    }

    /// Reads what concerns these workloads, in one call, from the API server's store.
    static func read(
        _ kubectl: Kubectl, namespace: String, for workloads: [WorkloadReference]
    ) async throws -> RolloutObjects {
        let outcome = try await kubectl.run(
            ["get", resources(for: workloads), "--output", "json"], namespace: namespace
        ).checked()
        return try kubectl.decode(RolloutObjects.self, outcome)
    }

    /// Each type costs a request, so only those that are needed are read.
    static func resources(for workloads: [WorkloadReference]) -> String {
        var types = Set(workloads.map(\.kind.builtIn.resource))
        if types.contains(BuiltInKind.deployment.resource) {
            types.insert(BuiltInKind.replicaSet.resource)
        }
        return (types.sorted() + ["pods"]).joined(separator: ",")
    }

    func workload(_ reference: WorkloadReference) -> KubernetesWorkload? {
        workloads.first {
            $0.kind.lowercased() == reference.kind.rawValue
                && $0.metadata.name == reference.name.description
        }
    }

    /// The pods that belong to a workload, through its ReplicaSets for a Deployment.
    func pods(of workload: KubernetesWorkload) -> [KubernetesPod] {
        var owners: Set<String> = []
        if let uid = workload.metadata.uid { owners.insert(uid) }
        for set in workloads where set.kind == "ReplicaSet" {
            if let owner = set.metadata.controller?.uid, owner == workload.metadata.uid,
                let uid = set.metadata.uid
            {
                owners.insert(uid)
            }
        }
        return pods.filter { pod in
            pod.metadata.controller.map { owners.contains($0.uid) } ?? false
        }
    }

    /// The ReplicaSet that a Deployment brings to its full size; nil before there is one.
    func newestReplicaSet(of workload: KubernetesWorkload) -> KubernetesWorkload? {
        workloads.first {
            $0.kind == "ReplicaSet" && $0.metadata.controller?.uid == workload.metadata.uid
                && $0.revision == workload.revision
        }
    }

    /// Those of the workload's pods that have its newest template, and are not being deleted.
    func currentPods(of workload: KubernetesWorkload) -> [KubernetesPod] {
        let all = pods(of: workload).filter { !$0.isBeingDeleted }
        switch workload.kind {
        case "Deployment":
            guard let newest = newestReplicaSet(of: workload) else { return [] }
            return all.filter { $0.metadata.controller?.uid == newest.metadata.uid }
        case "StatefulSet":
            guard let revision = workload.status?.updateRevision else { return all }
            return all.filter { $0.metadata.labels?["controller-revision-hash"] == revision }
        case "Job": return all
        case "DaemonSet" where workload.templateGeneration != nil:
            return all.filter {
                $0.metadata.labels?["pod-template-generation"] == workload.templateGeneration
            }
        default:
            let images = Set(workload.spec?.template?.spec.containers.map(\.image) ?? [])
            return all.filter { images.isSuperset(of: $0.spec.containers.map(\.image)) }
        }
    }
}
