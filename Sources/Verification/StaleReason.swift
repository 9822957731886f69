import StateFiles
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// Why a container runs something else than its tag stands for, from evidence.
struct StaleReason: Sendable, Equatable {
    var cause: StaleCause
    /// In words, both digests included.
    var text: String

    /// Works it out.
    ///
    /// - Parameters:
    ///   - container: a stale container with both digests.
    ///   - owner: what made its pod.
    ///   - otherHost: the registry that the spec names, where it is not the one that was asked.
    ///   - pushedAt: a time before which what the tag stands for cannot have been pushed.
    init(
        _ container: JudgedContainer, owner: PodOwner?, otherHost: String?, pushedAt: Date?
    ) {
        let subject = container.subject
        let difference =
            "it runs \(container.running?.short ?? "-"), the registry serves"
            + " \(container.served?.short ?? "-")"
        let pinned = (try? ImageReference(subject.image))?.digest
        if let template = subject.templateImage, owner?.hasNewestTemplate == true {
            cause = .changedPod
            text =
                "\(difference) for \(ShownText.line(template)): the image was changed in the pod"
                + " itself, and \(StaleReason.name(subject)) has not replaced it"
        } else if let template = subject.templateImage {
            cause = .oldTemplate
            text =
                "\(difference) for \(ShownText.line(template)): "
                + StaleReason.rollout(subject, owner)
        } else if let pinned, pinned != container.served {
            cause = .pinnedDigest
            text = "\(difference): the spec pins \(pinned.short)"
        } else if let otherHost {
            cause = .otherRegistry
            text =
                "\(difference): its spec names \(ShownText.line(otherHost)), and what was built was"
                + " pushed to another registry"
        } else if let delay = StaleReason.delay(subject, pushedAt) {
            cause = .pushedLater
            let pullsAgain = subject.pullPolicy == "Always"
            text =
                "\(difference): the tag was pushed again \(delay) after the container started"
                + (pullsAgain ? "" : ", and \(StaleReason.policy(subject)) would start it again")
        } else if subject.pullPolicy == "Always" {
            cause = .pushedLater
            text = "\(difference): the tag was pushed again after the container started"
        } else {
            cause = .cachedImage
            let node = subject.node.map { " on \($0)" } ?? ""
            text =
                "\(difference): the tag was pushed again, and \(StaleReason.policy(subject)) serves"
                + " the image cached\(node)"
        }
    }

    private static func policy(_ subject: ContainerImage) -> String {
        subject.pullPolicy.map { ShownText.line($0) } ?? "its pull policy"
    }

    /// How long after the start of the container the tag was pushed, as `3m`.
    private static func delay(_ subject: ContainerImage, _ pushedAt: Date?) -> String? {
        guard let pushedAt, let start = subject.startedAt.flatMap({ Date(timestamp: $0) })
        else { return nil }
        let seconds = pushedAt.timeIntervalSince(start)
        // Both clocks are this machine's, but the API cuts seconds off.
        guard seconds > 1 else { return nil }
        return "\(HumanDuration(BoundedInteger(seconds).seconds))"
    }

    private static func name(_ subject: ContainerImage) -> String {
        subject.owner.map { ShownText.line($0) } ?? "its workload"
    }

    /// Why a pod of an old template is still there.
    private static func rollout(_ subject: ContainerImage, _ owner: PodOwner?) -> String {
        let name = StaleReason.name(subject)
        let old =
            owner?.replicaSet.map { "the old ReplicaSet \(ShownText.line($0))" } ?? "an old pod"
        guard let workload = owner?.workload else { return "\(old) still serves" }
        if ["ReplicaSet", "ReplicationController"].contains(workload.kind) {
            return "\(name) never replaces its pods: delete them, or make it a Deployment"
        }
        let strategy = workload.spec?.updateStrategy
        if strategy?.type == "OnDelete" {
            return "\(name) keeps old pods until they are deleted (OnDelete)"
        }
        if let partition = strategy?.rollingUpdate?.partition, let ordinal = subject.ordinal,
            ordinal < partition
        {
            return "\(name) keeps old pods below its partition"
        }
        switch RolloutState.judge(workload) {
        case .failed(let reason):
            return "the rollout of \(name) failed (\(ShownText.line(reason))), \(old) still serves"
        case .progressing(let state):
            return "the rollout of \(name) has not finished (\(ShownText.line(state))),"
                + " \(old) still serves"
        case .complete: return "\(old) still serves"
        }
    }
}
