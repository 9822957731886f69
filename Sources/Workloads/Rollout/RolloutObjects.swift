import ChildProcess
import Tools
import Vocabulary

/// The objects of one or more namespaces that rollouts are judged by, read at one time.
package struct RolloutObjects: Sendable {
    package var workloads: [KubernetesWorkload] = [] { didSet { lazyIndex = .init() } }
    package var pods: [KubernetesPod] = [] { didSet { lazyIndex = .init() } }
    /// Only where they were asked for.
    package var nodes: [KubernetesNode] = []
    /// Namespaces that are being deleted; only where they were asked for.
    var endingNamespaces: [String] = []
    /// Only where they were asked for.
    var events: [KubernetesEvent] = []
    /// The project's namespace, in which references that name none are; nil where only one
    /// namespace was read.
    var home: String?

    private var lazyIndex = OwnershipIndex.Lazy()

    /// Who belongs to whom.
    var index: OwnershipIndex { lazyIndex.of(self) }

    /// An object of a list, as far as rollouts are concerned.
    package enum Item: Decodable {
        case workload(KubernetesWorkload)
        case pod(KubernetesPod)
        case node(KubernetesNode)
        case namespace(KubernetesNamespace)
        /// Of no kind that has pods: a Service, or a kind of another group.
        case other

        package init(from decoder: any Decoder) throws {
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

    package init(workloads: [KubernetesWorkload], pods: [KubernetesPod]) {
        self.workloads = workloads
        self.pods = pods
    }

    /// Reads what concerns these workloads, in one call, from the API server's store.
    package static func read(
        _ kubectl: Kubectl, namespace: String, for workloads: [WorkloadReference]
    ) async throws -> RolloutObjects {
        let outcome = try await kubectl.read(resources(for: workloads), namespace: namespace)
            .checked()
        return try kubectl.decode(RolloutObjects.self, outcome)
    }

    /// Each type costs a request, so only those that are needed are read.
    static func resources(for workloads: [WorkloadReference]) -> String {
        var kinds = Set(workloads.map(\.kind.builtIn))
        if kinds.contains(.deployment) { kinds.insert(.replicaSet) }
        // A CronJob's pods are those of its Jobs.
        if kinds.contains(.cronJob) { kinds.insert(.job) }
        kinds.remove(.pod)
        return (kinds.map(\.resource).sorted() + ["pods"]).joined(separator: ",")
    }

    /// The workload that is meant; a pod by itself as one that has itself.
    package func workload(_ reference: WorkloadReference) -> KubernetesWorkload? {
        let name = reference.name.description
        if reference.kind == .pod {
            return pods.first {
                $0.metadata.name == name && isMeant($0.metadata, by: reference)
            }.map { KubernetesWorkload($0) }
        }
        return (index.workloadsByName[name] ?? []).lazy.map { workloads[$0] }.first {
            $0.kind.lowercased() == reference.kind.rawValue
                && isMeant($0.metadata, by: reference)
        }
    }

    private func isMeant(_ metadata: ObjectMetadata, by reference: WorkloadReference) -> Bool {
        guard let namespace = reference.namespace ?? home else { return true }
        return metadata.namespace == namespace
    }

    /// Adds what was read at the same time of another namespace.
    package mutating func add(_ other: RolloutObjects) {
        workloads += other.workloads
        pods += other.pods
        nodes += other.nodes
        endingNamespaces += other.endingNamespaces
        events += other.events
    }

    /// Adds Jobs, and their pods, that were seen before and are gone now that they ended.
    package mutating func addJobs(
        goneSince before: RolloutObjects, _ references: [WorkloadReference]
    ) {
        for reference in references where reference.kind == .job && workload(reference) == nil {
            guard let job = before.workload(reference) else { continue }
            workloads.append(job)
            pods += before.pods(of: job)
        }
    }

    /// The pods that belong to a workload, through its ReplicaSets for a Deployment, and through
    /// its Jobs for a CronJob.
    package func pods(of workload: KubernetesWorkload) -> [KubernetesPod] {
        guard let id = workload.metadata.uid else { return [] }
        let index = index
        if workload.kind == "Pod" { return (index.podsByID[id] ?? []).map { pods[$0] } }
        // A CronJob's Jobs have the pods, a Deployment's ReplicaSets.
        let sets = workloads(of: workload).filter { ["ReplicaSet", "Job"].contains($0.kind) }
        let owners = Set([id] + sets.compactMap(\.metadata.uid))
        return owners.flatMap { index.pods[$0] ?? [] }.sorted().map { pods[$0] }
    }

    /// The workloads that another one made.
    private func workloads(of owner: KubernetesWorkload) -> [KubernetesWorkload] {
        guard let id = owner.metadata.uid else { return [] }
        return (index.workloads[id] ?? []).map { workloads[$0] }
    }

    /// How far a workload is, by its own status and, for a CronJob, by that of its last Job.
    func state(of workload: KubernetesWorkload) -> RolloutState {
        let state = RolloutState.judge(workload)
        guard case .complete(let words) = state, let job = lastJob(of: workload) else {
            return state
        }
        let last: String
        switch RolloutState.judge(job) {
        case .complete(let words): last = words
        case .failed(let words): last = "failed: \(words)"
        case .progressing(let words): last = words
        }
        return .complete("\(words); its last job \(job.metadata.name): \(last)")
    }

    /// The Job that a CronJob started last; nil before there is one.
    func lastJob(of workload: KubernetesWorkload) -> KubernetesWorkload? {
        workloads(of: workload).filter { $0.kind == "Job" }.max {
            ($0.metadata.creationTimestamp ?? "") < ($1.metadata.creationTimestamp ?? "")
        }
    }

    /// The ReplicaSet that a Deployment brings to its full size; nil before there is one.
    func newestReplicaSet(of workload: KubernetesWorkload) -> KubernetesWorkload? {
        workloads(of: workload).first {
            $0.kind == "ReplicaSet" && $0.revision == workload.revision
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
        case "Job", "CronJob", "Pod": return all
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

extension RolloutObjects: ItemList {
    package init() {}

    package mutating func add(_ item: Item) {
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
