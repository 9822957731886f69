import Tools
import Vocabulary

extension RolloutProblem {
    /// The most telling problem of a pod; nil when it just needs time.
    ///
    /// - Parameter events: warnings about the pod, where they were read.
    static func find(in pod: KubernetesPod, events: [KubernetesEvent] = []) -> RolloutProblem? {
        let mine = events.filter { $0.concerns(pod) }
        let statuses =
            (pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])
        for status in statuses {
            if let problem = find(in: status, pod: pod, events: mine) { return problem }
        }
        if let scheduled = pod.condition("PodScheduled"), scheduled.status == "False",
            let problem = unscheduled(pod, scheduled)
        {
            return problem
        }
        // An init container runs only after every volume was mounted.
        return initializing(pod) ?? mount(pod, mine) ?? probe(pod, mine) ?? notReady(pod)
    }

    private static func unscheduled(_ pod: KubernetesPod, _ condition: ObjectCondition)
        -> RolloutProblem?
    {
        let message = condition.message ?? ""
        switch condition.reason {
        case "Unschedulable":
            return RolloutProblem(
                pod: pod.metadata.name, kind: .unschedulable, reason: "Unschedulable",
                message: message)
        case "SchedulingGated":
            let names = (pod.spec.schedulingGates ?? []).map(\.name)
            return RolloutProblem(
                pod: pod.metadata.name, kind: .gated(names), reason: "SchedulingGated",
                message: "\(message): \(names.joined(separator: ", "))")
        default: return nil
        }
    }

    /// An init container that has not ended; a sidecar never does.
    private static func initializing(_ pod: KubernetesPod) -> RolloutProblem? {
        let sidecars = Set(pod.sidecars.map(\.name))
        let running = (pod.status?.initContainerStatuses ?? []).first {
            $0.state?.running != nil && !sidecars.contains($0.name)
        }
        return running.map {
            RolloutProblem(
                pod: pod.metadata.name, container: $0.name, kind: .initializing,
                reason: "initializing",
                message:
                    "init container \($0.name) runs and has not ended, which the others wait for")
        }
    }

    /// All programs are ready, and somebody else still has to say so.
    private static func notReady(_ pod: KubernetesPod) -> RolloutProblem? {
        guard let ready = pod.condition("Ready"), ready.reason == "ReadinessGatesNotReady" else {
            return nil
        }
        let gates = (pod.spec.readinessGates ?? []).map(\.conditionType)
        return RolloutProblem(
            pod: pod.metadata.name,
            kind: .gated(gates.filter { pod.condition($0)?.status != "True" }),
            reason: "ReadinessGatesNotReady", message: ready.message ?? "")
    }

    private static func find(
        in status: KubernetesPod.ContainerStatus, pod: KubernetesPod, events: [KubernetesEvent]
    ) -> RolloutProblem? {
        if let waiting = status.state?.waiting, let reason = waiting.reason {
            return find(in: status, reason, waiting.message ?? "", pod: pod, events: events)
        }
        if let terminated = status.state?.terminated, terminated.exitCode != 0 {
            return crash(status, terminated, terminated.reason ?? "Error", pod, events)
        }
        return nil
    }

    private static func find(
        in status: KubernetesPod.ContainerStatus, _ reason: String, _ message: String,
        pod: KubernetesPod, events: [KubernetesEvent]
    ) -> RolloutProblem? {
        func problem(_ kind: Kind, _ message: String) -> RolloutProblem {
            RolloutProblem(
                pod: pod.metadata.name, container: status.name, kind: kind, reason: reason,
                message: message)
        }
        switch reason {
        case "ErrImageNeverPull":
            return problem(
                .neverPulled(pod.specifiedImage(of: status.name) ?? status.image), message)
        // The last two are of CRI-O, from its source.
        case "ErrImagePull", "ImagePullBackOff", "RegistryUnavailable",
            "SignatureValidationFailed", "ImageInspectError":
            guard !PullFailure.isQueue(message) else { return nil }
            let image = pod.specifiedImage(of: status.name) ?? status.image
            // A back-off says nothing of the error that came before it; the event does.
            let told =
                PullFailure(message: message) == .other
                ? events.lastMessage("Failed", of: status.name, containing: image) ?? message
                : message
            guard !PullFailure.isQueue(told) else { return nil }
            return problem(.imagePull(image, PullFailure(message: told)), told)
        case "InvalidImageName": return problem(.invalidImage, message)
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
            guard !StartFailure.isPassing(message) else { return nil }
            return problem(
                StartFailure.isExecFormat(message) ? .execFormat : .configuration, message)
        case "CrashLoopBackOff":
            guard let last = status.lastState?.terminated else {
                let crash = Crash(restarts: status.restartCount ?? 0, exit: "")
                return problem(.crash(crash), message)
            }
            return crash(status, last, reason, pod, events)
        default: return nil
        }
    }

    private static func crash(
        _ status: KubernetesPod.ContainerStatus, _ last: KubernetesPod.State.Terminated,
        _ reason: String, _ pod: KubernetesPod, _ events: [KubernetesEvent]
    ) -> RolloutProblem {
        var crash = Crash(
            restarts: status.restartCount ?? 0, exit: "\(last.exitCode) \(last.reason ?? "")",
            isOutOfMemory: last.reason == "OOMKilled")
        crash.isOfJob = pod.metadata.controller?.builtIn == .job
        let message = last.message ?? ""
        var text = "it ended with exit code \(last.exitCode)"
        if let reason = last.reason, reason != "Error" { text += " (\(reason))" }
        if !message.isEmpty { text += ": \(message)" }
        if !crash.isOutOfMemory, [137, 143].contains(last.exitCode),
            let probe = events.lastMessage(
                "Unhealthy", of: status.name, containing: KubeletText.failedProbe.words),
            !KubeletText.readiness.begins(probe)
        {
            crash.isByProbe = true
            text = "the kubelet ended it: \(answer(probe))"
        }
        let isStart = last.reason == "StartError" || last.reason == "ContainerCannotRun"
        let kind: Kind =
            StartFailure.isExecFormat(message)
            ? .execFormat : isStart ? .configuration : .crash(crash)
        return RolloutProblem(
            pod: pod.metadata.name, container: status.name, kind: kind, reason: reason,
            message: text)
    }

    /// A volume that cannot be mounted shows in events only.
    private static func mount(_ pod: KubernetesPod, _ events: [KubernetesEvent])
        -> RolloutProblem?
    {
        let isCreating = (pod.status?.containerStatuses ?? []).contains {
            ["ContainerCreating", "PodInitializing"].contains($0.state?.waiting?.reason)
        }
        let reasons = ["FailedMount", "FailedAttachVolume"]
        guard isCreating,
            let event = events.filter({
                reasons.contains($0.reason ?? "") && !StartFailure.isPassing($0.message ?? "")
            }).newest
        else { return nil }
        return RolloutProblem(
            pod: pod.metadata.name, container: nil, kind: .mount,
            reason: event.reason ?? "FailedMount", message: (event.message ?? "").trimmingSpace)
    }

    /// What a probe said; a command that printed nothing leaves a colon at the end.
    private static func answer(_ message: String) -> String {
        let text = message.trimmingSpace
        return text.hasSuffix(":") ? String(text.dropLast()) : text
    }

    /// What the probe of a container that runs got for an answer.
    private static func probe(_ pod: KubernetesPod, _ events: [KubernetesEvent])
        -> RolloutProblem?
    {
        let sidecars = Set(pod.sidecars.map(\.name))
        let waiting =
            (pod.status?.initContainerStatuses ?? []).filter { sidecars.contains($0.name) }
            + (pod.status?.containerStatuses ?? [])
        for status in waiting where status.state?.running != nil && status.ready == false {
            let said = events.filter { $0.reason == "Unhealthy" && $0.isAbout(status.name) }
            guard let event = said.newest, let message = event.message else { continue }
            return RolloutProblem(
                pod: pod.metadata.name, container: status.name,
                kind: .probe(
                    KubeletText.startup.begins(message)
                        ? .startup(pod.startupSeconds(of: status.name)) : .readiness),
                reason: "not ready", message: answer(message))
        }
        return nil
    }
}

extension KubernetesPod {
    /// The image that the spec names for a container.
    fileprivate func specifiedImage(of container: String) -> String? {
        (spec.containers + (spec.initContainers ?? [])).first { $0.name == container }?.image
    }

    /// How many seconds a container's startup probe allows.
    fileprivate func startupSeconds(of container: String) -> BoundedInteger {
        let probe = (spec.containers + sidecars).first { $0.name == container }?.startupProbe
        let period = probe?.periodSeconds ?? 10
        let tries = probe?.failureThreshold ?? 3
        return period.multiplied(by: tries).adding(probe?.initialDelaySeconds ?? 0)
    }
}

extension KubernetesEvent {
    /// Whether it is about this pod, not about an earlier one of the same name.
    fileprivate func concerns(_ pod: KubernetesPod) -> Bool {
        involvedObject.kind == "Pod" && involvedObject.name == pod.metadata.name
            && (involvedObject.uid == nil || involvedObject.uid == pod.metadata.uid)
    }

    /// Whether it is about a container of this name.
    fileprivate func isAbout(_ container: String) -> Bool {
        involvedObject.fieldPath?.hasSuffix("{\(container)}") ?? false
    }
}

extension [KubernetesEvent] {
    /// The one that happened last.
    var newest: KubernetesEvent? { self.max { $0.lastTime < $1.lastTime } }

    fileprivate func lastMessage(
        _ reason: String, of container: String, containing text: String
    ) -> String? {
        filter {
            $0.reason == reason && $0.isAbout(container) && $0.message?.contains(text) == true
        }.newest?.message
    }
}
