import Vocabulary

/// Why containerd could not pull an image, from the words that the kubelet passes on.
///
/// There is no field that says it.
package enum PullFailure: Sendable, Hashable {
    /// The registry answered, and does not have it.
    case notFound
    /// The registry wants to know who asks.
    case unauthorized
    /// Nothing answered at the registry's address.
    case unreachable
    /// The registry speaks plain HTTP, and was asked with TLS.
    case plainHTTP
    /// The registry speaks TLS, and the node does not trust its certificate.
    case untrusted
    /// The registry's name has no address on the node.
    case unknownHost
    /// Not known.
    case other

    /// Reads the message of `ErrImagePull`.
    package init(message: String) {
        let texts: [([ToolText], PullFailure)] = [
            ([ContainerdText.plainHTTP], .plainHTTP), ([ContainerdText.untrusted], .untrusted),
            ([ContainerdText.unknownHost], .unknownHost),
            (ContainerdText.unauthorized, .unauthorized),
            (ContainerdText.unreachable, .unreachable), (ContainerdText.notFound, .notFound),
        ]
        self = texts.first { $0.0.areIn(message) }?.1 ?? .other
    }

    /// Whether containerd asked a proxy for the registry, and nothing answered there.
    package static func isProxy(_ message: String) -> Bool { ContainerdText.proxy.isIn(message) }

    /// Whether the kubelet only waits its turn: it limits how many pulls begin in a second.
    package static func isQueue(_ message: String) -> Bool { KubeletText.queue.isIn(message) }
}

/// What the kernel or the container runtime says of a program that cannot be started.
package enum StartFailure {
    /// Whether the program is for another processor, or no program at all.
    ///
    /// - Parameter text: the container's log, or the message of its state.
    package static func isExecFormat(_ text: String) -> Bool {
        ContainerdText.execFormat.isIn(text)
    }

    /// Whether the kubelet was only too busy to read a Secret or ConfigMap, and tries again.
    package static func isPassing(_ text: String) -> Bool {
        KubeletText.unsynced.isIn(text) && KubeletText.syncTimeout.isIn(text)
    }

    /// Whether a volume is still attached to another node.
    package static func isAttachedElsewhere(_ text: String) -> Bool {
        KubeletText.attachedElsewhere.isIn(text)
    }
}

/// Why the API refused a pod, from the words of a controller's event.
package enum PodRefusal {
    /// Whether a quota is used up: it is free again when other pods are gone.
    package static func isQuota(_ message: String) -> Bool { KubeletText.quota.isIn(message) }
    /// What to do about a refusal that is no webhook's.
    package static func remedy(_ message: String, _ kubectl: String) -> String {
        if let quota = ExceededQuota(message) { return quota.remedy(kubectl) }
        if isQuota(message) {
            return "'\(kubectl) describe quota' shows what uses it: remove that, or raise it"
        }
        if let wanted = message.split(separator: KubeletText.mustSpecify.words).last,
            KubeletText.unstatedForQuota.isIn(message)
        {
            return "a quota wants every container to say \(ShownText.line(String(wanted))): set it"
                + " in its resources, or give defaults with a LimitRange"
        }
        if KubeletText.limit.isIn(message), KubeletText.bound.isIn(message) {
            return "stay within the LimitRange, or change it: '\(kubectl) describe limitrange'"
        }
        return "the API does not let the pod be made: correct what it names"
    }

    /// Whether an admission webhook did not answer, which says nothing about the pod: its own pod may
    /// just be replaced (apiserver, `pkg/admission/plugin/webhook/errors`; 1.20 and 1.36).
    package static func isSilentWebhook(_ message: String) -> Bool {
        KubectlText.silentWebhook.isIn(message)
    }

    /// Whether an admission webhook refused, or did not answer.
    package static func isWebhook(_ message: String) -> Bool {
        KubeletText.webhook.areIn(message)
    }
}
