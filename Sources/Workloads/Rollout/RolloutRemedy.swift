import Tools
import Vocabulary

extension RolloutProblem {
    /// What to do about it.
    ///
    /// - Parameter kubectl: how a command line begins, with context and namespace.
    func remedy(_ kubectl: String) -> String {
        let look = pod.map { "'\(kubectl) describe pod \($0)' shows more" } ?? ""
        return [advice(kubectl), more ?? "", look].filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private func advice(_ kubectl: String) -> String {
        switch kind {
        case .refused:
            PodRefusal.isWebhook(message)
                ? "correct what the webhook asks for, or the webhook: '\(kubectl) get"
                    + " validatingwebhookconfigurations,mutatingwebhookconfigurations'"
                : PodRefusal.remedy(message, kubectl)
        case .quota: PodRefusal.remedy(message, kubectl)
        case .invalidImage: "correct the image's name"
        case .execFormat:
            "build the image for the node's processor; a script needs a first line such as"
                + " #!/bin/sh"
        case .neverPulled:
            "take 'imagePullPolicy: Never' out of the manifest, so that the node may pull the image"
        case .imagePull where PullFailure.isProxy(message):
            "the node asks a proxy that does not answer: 'devcluster doctor' says whether the"
                + " cluster has to be made anew for it"
        case .imagePull(let image, let failure): RolloutProblem.pull(image, failure, kubectl)
        case .configuration: "create or correct what it names and deploy again"
        case .mount: "create or correct the volume's source and deploy again"
        case .locked(let lock): locked(lock)
        case .crash(let crash): self.crash(crash, kubectl)
        case .node: "see 'devcluster up'; a node comes back when its container and kubelet run"
        case .unschedulable: SchedulerMessage.remedy(message)
        case .probe: "correct the probe, or what it asks"
        case .gated(let names): gated(names)
        case .initializing:
            "give it what it waits for, or correct it: '\(kubectl) logs \(pod ?? "POD")"
                + " --container \(container ?? "INIT")' shows all that it says"
        case .blocked: pod.map { "delete it: '\(kubectl) delete pod \($0)'" } ?? ""
        }
    }

    private func crash(_ crash: Crash, _ kubectl: String) -> String {
        if crash.isOutOfMemory { return "raise resources.limits.memory, or use less memory" }
        if crash.isByProbe { return "correct the probe, or what it asks" }
        let container = container.map { " --container \($0)" } ?? ""
        // One that was never started anew has no earlier log.
        let which = crash.restarts > 0 ? " --previous" : ""
        return "see its log with '\(kubectl) logs\(which) \(pod ?? "POD")\(container)'"
    }

    private func locked(_ lock: Lock) -> String {
        let names = lock.database.map { "that is \($0)'s lock: " } ?? ""
        let canBeStopped = lock.lock.canBeCleared && !lock.lock.isContested
        return names + lock.lock.advice
            + (canBeStopped ? ", or name it in spec.locks: then deploy stops it first" : "")
    }

    private func gated(_ names: [String]) -> String {
        let list = names.map { ShownText.line($0) }.joined(separator: ", ")
        let (field, what) =
            reason == "SchedulingGated"
            ? ("schedulingGates", "removes") : ("readinessGates", "sets")
        return "whatever \(what) \(list) does not run here, or waits itself: install it, or take"
            + " \(field) out of the pod's template"
    }

    private static func pull(_ image: String, _ failure: PullFailure, _ kubectl: String) -> String {
        let reference = try? ImageReference(image)
        let host = reference?.registry ?? "the registry"
        switch failure {
        case .notFound:
            guard let reference else { return "the registry has no such image" }
            if let digest = reference.digest {
                return "the registry has no \(reference.path)@\(digest.short): the spec pins a"
                    + " digest; take it out, or push that image"
            }
            let tag = reference.effectiveTag?.description ?? "latest"
            return "the registry has no \(reference.path):\(tag)"
        case .unauthorized:
            return "\(host) wants a password: '\(kubectl) create secret docker-registry NAME"
                + " --docker-server=\(host) …', and name it in imagePullSecrets; or set"
                + " spec.registry.pullSecret, and 'devcluster deploy --create-pull-secret'"
        case .unreachable: return "nothing answers at \(host) as the node sees it: devcluster up"
        case .plainHTTP:
            return "\(host) speaks plain HTTP, and the node asks with TLS: name the image with"
                + " the cluster's registry"
        case .untrusted:
            return "the node does not trust the certificate of \(host): whoever looks after the"
                + " cluster has to give its authority to containerd"
        case .unknownHost: return "the node finds no address for \(host): correct the name"
        case .other: return ""
        }
    }
}
