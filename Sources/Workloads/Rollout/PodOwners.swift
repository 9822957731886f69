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
    /// label of the pod, so that they need not be read.
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
        let key = Key(namespace: pod.metadata.namespace, name: name)
        return PodOwner(name: name, workload: workloads[key], replicaSet: replicaSet)
    }
}
