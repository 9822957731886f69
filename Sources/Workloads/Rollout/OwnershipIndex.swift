import Synchronization
import Tools

/// Which objects belong to which: looking at all pods for each workload costs minutes where there
/// are ten thousands of both.
struct OwnershipIndex: Sendable {
    /// Places of pods, by the UID of their controller.
    private(set) var pods: [String: [Int]] = [:]
    /// Places of pods, by their own UID.
    private(set) var podsByID: [String: [Int]] = [:]
    /// Places of workloads, by the UID of their controller.
    private(set) var workloads: [String: [Int]] = [:]
    /// Places of workloads, by name.
    private(set) var workloadsByName: [String: [Int]] = [:]
    /// Places of pods that have a port of their node and may keep another pod from it.
    private(set) var portOwners: [PodHolding: [Int]] = [:]
    /// Namespaces in which a pod is being deleted.
    private(set) var namespacesWithEndingPods: Set<String?> = []

    init(_ objects: RolloutObjects) {
        for (place, pod) in objects.pods.enumerated() {
            if let owner = pod.metadata.controller?.uid { pods[owner, default: []].append(place) }
            if let id = pod.metadata.uid { podsByID[id, default: []].append(place) }
            if pod.isBeingDeleted { namespacesWithEndingPods.insert(pod.metadata.namespace) }
            if pod.spec.nodeName != nil, !pod.isFinished {
                for port in pod.hostPorts { portOwners[port, default: []].append(place) }
            }
        }
        for (place, workload) in objects.workloads.enumerated() {
            workloadsByName[workload.metadata.name, default: []].append(place)
            if let owner = workload.metadata.controller?.uid {
                workloads[owner, default: []].append(place)
            }
        }
    }

    /// Makes an index when it is first asked for; whoever changes the objects takes a new one.
    final class Lazy: Sendable {
        private let index = Mutex<OwnershipIndex?>(nil)

        func of(_ objects: RolloutObjects) -> OwnershipIndex {
            index.withLock { index in
                let made = index ?? OwnershipIndex(objects)
                index = made
                return made
            }
        }
    }
}
