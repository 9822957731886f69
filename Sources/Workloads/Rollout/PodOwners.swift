import Tools
import Vocabulary

/// Who made a pod.
package struct PodOwner: Sendable {
    /// Kind and name, as `deployment/web`; with the group where it is not Kubernetes' own.
    package var name: String
    /// The owner itself, where it was read.
    package var workload: KubernetesWorkload?
    /// Name of the pod's ReplicaSet, for a Deployment.
    package var replicaSet: String?
    /// Whether the pod was made from the template that the owner has now; nil where nothing tells.
    package var hasNewestTemplate: Bool?

    init(name: String, workload: KubernetesWorkload? = nil, replicaSet: String? = nil) {
        self.name = name
        self.workload = workload
        self.replicaSet = replicaSet
    }

    /// The owner of the pods that a workload makes.
    package init(_ workload: KubernetesWorkload) {
        self.init(
            name: "\(workload.kind.lowercased())/\(workload.metadata.name)", workload: workload,
            replicaSet: nil)
    }

    /// What the owner's template names for a container; nil when it has no such container.
    package func image(of container: String) -> String? {
        let spec = workload?.podTemplate?.spec
        let containers = (spec?.containers ?? []) + (spec?.initContainers ?? [])
        return containers.first { $0.name == container }?.image
    }
}

/// The workloads of some objects, to find the owners of pods among.
package struct PodOwners: Sendable {
    private struct Key: Hashable {
        var namespace: String?
        var name: String
    }

    private var workloads: [Key: KubernetesWorkload] = [:]

    package init(_ objects: RolloutObjects) {
        for workload in objects.workloads {
            let name = "\(workload.kind.lowercased())/\(workload.metadata.name)"
            workloads[Key(namespace: workload.metadata.namespace, name: name)] = workload
        }
    }

    /// The pod's workload; nil for a pod that nothing owns.
    ///
    /// A Deployment names its ReplicaSets after itself and the hash of the template, which is a
    /// label of the pod; they are read only to tell what the pod was made from.
    package func owner(of pod: KubernetesPod) -> PodOwner? {
        guard let controller = pod.metadata.controller else { return nil }
        var name = controller.shown
        var replicaSet: String?
        if controller.builtIn == .replicaSet,
            let hash = pod.metadata.labels?["pod-template-hash"],
            controller.name.hasSuffix("-" + hash)
        {
            name = "deployment/" + controller.name.dropLast(hash.count + 1)
            replicaSet = controller.name
        }
        let workload = find(name, in: pod.metadata.namespace)
        var owner = PodOwner(name: name, workload: workload, replicaSet: replicaSet)
        owner.hasNewestTemplate = workload.flatMap {
            hasNewestTemplate(pod, of: $0, replicaSet: replicaSet)
        }
        return owner
    }

    /// The configuration that deployed the pod, or the nearest of what made it; nil where none did,
    /// or that was not read.
    package func deployer(of pod: KubernetesPod) -> Deployer? {
        var metadata = pod.metadata
        // A CronJob's pod has a Job in between, a Deployment's a ReplicaSet.
        for _ in 0..<3 {
            if let deployer = metadata.deployer { return deployer }
            guard
                let owner = metadata.controller.flatMap({ find($0.shown, in: metadata.namespace) })
            else { return nil }
            metadata = owner.metadata
        }
        return nil
    }

    private func find(_ name: String, in namespace: String?) -> KubernetesWorkload? {
        workloads[Key(namespace: namespace, name: name)]
    }

    private func hasNewestTemplate(
        _ pod: KubernetesPod, of workload: KubernetesWorkload, replicaSet: String?
    ) -> Bool? {
        let labels = pod.metadata.labels
        switch workload.kind {
        // By the images: while it is paused, or not yet seen by its controller, a Deployment has the
        // revision of its template of before.
        case "Deployment":
            return replicaSet.flatMap { find("replicaset/\($0)", in: pod.metadata.namespace) }
                .map { $0.images == workload.images }
        case "StatefulSet":
            guard workload.isObserved else { return nil }
            return workload.status?.updateRevision.map { $0 == labels?["controller-revision-hash"] }
        case "DaemonSet":
            return workload.templateGeneration.map { $0 == labels?["pod-template-generation"] }
        // Its template can never be changed.
        case "Job": return true
        default: return nil
        }
    }
}

extension KubernetesWorkload {
    /// What its template names for each container.
    fileprivate var images: [String: String] {
        let spec = podTemplate?.spec
        return Dictionary(
            ((spec?.initContainers ?? []) + (spec?.containers ?? [])).map { ($0.name, $0.image) },
            uniquingKeysWith: { first, _ in first })
    }
}
