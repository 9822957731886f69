import Tools
import Verification
import Vocabulary
import Workloads

/// Pods that belong together, counted: those of a workload, or all with the same annotation.
public struct ComponentStatus: Codable, Sendable, Equatable {
    /// The workload, as `deployment/web`, or the value of the annotation.
    public var name: String
    /// How many pods there should be.
    public var desired: BoundedInteger = 0
    /// How many are ready, old and new ones, so that a rolling update makes none vanish.
    public var ready = 0
    /// How often its containers were started anew.
    public var restarts: BoundedInteger = 0
    /// Containers that run what the registry serves.
    public var fresh = 0
    /// Containers that do not.
    public var stale = 0
    /// Containers of which that could not be found out.
    public var undecided = 0
    /// Why it is not as it should be; empty when it is.
    public var problems: [String] = []
}

/// Counts the components of some namespaces.
struct ComponentCount: Sendable {
    let objects: RolloutObjects
    /// Key of the annotation that names a component; nil for each workload by itself.
    let annotation: String?
    /// The project's namespace; what is in another is shown with its name.
    var home: String?

    private static let kinds = [
        "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet",
        "ReplicationController",
    ]

    /// A pod, whose name is unique in its namespace only.
    private struct PodName: Hashable {
        var namespace: String
        var name: String

        init(namespace: String, name: String) {
            self.namespace = namespace
            self.name = name
        }

        init(_ pod: KubernetesPod) {
            self.init(namespace: pod.metadata.namespace ?? "", name: pod.metadata.name)
        }
    }

    /// The components by name, each with the verdicts of its containers.
    func components(_ judged: [JudgedContainer] = []) -> [ComponentStatus] {
        var found: [String: ComponentStatus] = [:]
        var names: [PodName: String] = [:]
        let diagnosis = RolloutDiagnosis(objects: objects)
        for workload in objects.workloads where isCounted(workload) {
            // Each Job of a CronJob is counted by itself.
            let pods = workload.kind == "CronJob" ? [] : objects.pods(of: workload)
            let suffix = suffix(workload.metadata)
            let reference = "\(workload.kind.lowercased())/\(workload.metadata.name)\(suffix)"
            let name = component(of: workload, pods).map { $0 + suffix } ?? reference
            for pod in pods { names[PodName(pod)] = name }
            // By this name its template is judged where no pod has it.
            let template = "\(workload.kind.lowercased())/\(workload.metadata.name)"
            names[PodName(namespace: workload.metadata.namespace ?? "", name: template)] = name
            var status = found[name] ?? ComponentStatus(name: name)
            add(workload, reference, pods, diagnosis, to: &status)
            found[name] = status
        }
        for pod in objects.pods where names[PodName(pod)] == nil && isCounted(pod) {
            let suffix = suffix(pod.metadata)
            let reference = "pod/\(pod.metadata.name)\(suffix)"
            let name =
                annotation.flatMap { pod.metadata.annotations?[$0] }.map { $0 + suffix }
                ?? reference
            names[PodName(pod)] = name
            var status = found[name] ?? ComponentStatus(name: name)
            status.desired.add(1)
            count([pod], in: &status)
            if !pod.isReady {
                let problem = diagnosis.problem(of: KubernetesWorkload(pod))
                status.problems.append(
                    problem?.description(of: reference) ?? "\(reference) is not ready")
            }
            found[name] = status
        }
        for container in judged {
            let pod = PodName(namespace: container.subject.namespace, name: container.subject.pod)
            guard let name = names[pod] else { continue }
            switch container.verdict {
            case .stale: found[name]?.stale += 1
            case .unknown: found[name]?.undecided += 1
            case _ where container.verdict.isFresh: found[name]?.fresh += 1
            default: break
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// What is said of an object that is not in the project's namespace.
    private func suffix(_ metadata: ObjectMetadata) -> String {
        guard let home, let namespace = metadata.namespace, namespace != home else { return "" }
        return " (namespace \(namespace))"
    }

    /// A pod that ended well is done; one that failed and that nobody replaces is not.
    private func isCounted(_ pod: KubernetesPod) -> Bool {
        !pod.isFinished || pod.metadata.controller == nil && pod.status?.phase == "Failed"
    }

    /// Whether it stands for itself: a ReplicaSet of a Deployment does not, nor a Job that is done.
    private func isCounted(_ workload: KubernetesWorkload) -> Bool {
        guard ComponentCount.kinds.contains(workload.kind) else { return false }
        if let controller = workload.metadata.controller, controller.builtIn != .cronJob {
            return false
        }
        return workload.kind != "Job" || workload.condition("Complete")?.status != "True"
    }

    private func component(of workload: KubernetesWorkload, _ pods: [KubernetesPod]) -> String? {
        guard let annotation else { return nil }
        return workload.spec?.template?.metadata?.annotations?[annotation]
            ?? workload.metadata.annotations?[annotation]
            ?? pods.lazy.compactMap { $0.metadata.annotations?[annotation] }.first
    }

    private func add(
        _ workload: KubernetesWorkload, _ reference: String, _ pods: [KubernetesPod],
        _ diagnosis: RolloutDiagnosis, to status: inout ComponentStatus
    ) {
        switch workload.kind {
        case "DaemonSet": status.desired.add(workload.status?.desiredNumberScheduled ?? 0)
        case "Job": status.desired.add(workload.spec?.completions ?? 1)
        case "CronJob": break
        default: status.desired.add(workload.spec?.replicas ?? 1)
        }
        count(pods, in: &status)
        let problem = diagnosis.problem(of: workload)?.description(of: reference)
        switch RolloutState.judge(workload) {
        case .complete: return
        // A job that just runs is what it is to do.
        case .progressing where workload.kind == "Job" && problem == nil: return
        case .progressing(let words), .failed(let words):
            status.problems.append(problem ?? "\(reference): \(words)")
        }
    }

    private func count(_ pods: [KubernetesPod], in status: inout ComponentStatus) {
        status.ready += pods.count { $0.isReady && !$0.isBeingDeleted }
        for pod in pods {
            status.restarts.add(
                (pod.status?.containerStatuses ?? []).compactMap(\.restartCount).sum())
        }
    }
}
