/// What keeps a pod from becoming ready, as the cluster says it.
struct PodProblem: Sendable, Hashable {
    /// What to do about it: how long waiting can still help.
    enum Class: Sendable, Hashable {
        /// The image cannot be pulled; the reference.
        case imagePull(String)
        /// The image's name is no reference.
        case invalidImage
        /// A ConfigMap, Secret or key is missing, or the container cannot be made.
        case containerConfiguration
        /// The container ends again and again; how often it was started anew.
        case crashLoop(restarts: Int)
        /// No node takes the pod.
        case unschedulable
        /// Nothing that is known to be one.
        case other
    }

    var pod: String
    var container: String?
    var kind: Class
    var reason: String
    var message: String

    /// The most telling problem of a pod; nil when it just needs time.
    static func find(in pod: KubernetesPod) -> PodProblem? {
        let statuses =
            (pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])
        for status in statuses {
            if let problem = find(in: status, pod: pod) { return problem }
        }
        if let scheduled = pod.condition("PodScheduled"), scheduled.status == "False",
            scheduled.reason == "Unschedulable"
        {
            return PodProblem(
                pod: pod.metadata.name, container: nil, kind: .unschedulable,
                reason: "Unschedulable", message: scheduled.message ?? "")
        }
        return nil
    }

    private static func find(in status: KubernetesPod.ContainerStatus, pod: KubernetesPod)
        -> PodProblem?
    {
        func problem(_ kind: Class, _ reason: String, _ message: String) -> PodProblem {
            PodProblem(
                pod: pod.metadata.name, container: status.name, kind: kind, reason: reason,
                message: message)
        }
        if let waiting = status.state?.waiting, let reason = waiting.reason {
            let message = waiting.message ?? ""
            switch reason {
            case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable":
                let image = specified(status.name, pod) ?? status.image
                return problem(.imagePull(image), reason, message)
            case "InvalidImageName":
                return problem(.invalidImage, reason, message)
            case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
                return problem(.containerConfiguration, reason, message)
            case "CrashLoopBackOff":
                let last = status.lastState?.terminated.map(ended) ?? message
                return problem(.crashLoop(restarts: status.restartCount ?? 0), reason, last)
            default: return nil
            }
        }
        if let terminated = status.state?.terminated, terminated.exitCode != 0 {
            return problem(
                .crashLoop(restarts: status.restartCount ?? 0), terminated.reason ?? "Error",
                ended(terminated))
        }
        return nil
    }

    private static func specified(_ container: String, _ pod: KubernetesPod) -> String? {
        (pod.spec.containers + (pod.spec.initContainers ?? []))
            .first { $0.name == container }?.image
    }

    private static func ended(_ state: KubernetesPod.State.Terminated) -> String {
        let reason = state.reason.map { $0 == "Error" ? "" : " (\($0))" } ?? ""
        let message = state.message.map { ": \($0)" } ?? ""
        return "it ended with exit code \(state.exitCode)\(reason)\(message)"
    }
}
