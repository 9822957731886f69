import Tools
import Vocabulary

/// How long a problem is waited out before the rollout is given up.
enum RolloutPatience: Sendable, Equatable {
    /// Waiting cannot help.
    case none
    /// Until it has stood unchanged for so long.
    case unchanged(Duration)
    /// Until it was started anew too often while nothing else came further.
    case restarts
    /// To the deadline: something else decides, such as a Job's own limit.
    case unlimited

    /// The table of all problems.
    init(_ problem: RolloutProblem) {
        switch problem.kind {
        // Its own program may be one of those that just come up.
        case .refused where PodRefusal.isSilentWebhook(problem.message):
            self = .unchanged(.seconds(60))
        case .refused, .quota, .invalidImage, .execFormat, .neverPulled: self = .none
        case .locked(let lock):
            self =
                !lock.isCertain
                ? .restarts
                : lock.lock.isPort && !lock.lock.isOld ? .unchanged(.seconds(30)) : .none
        // Somebody answered, and will say the same the next time.
        case .imagePull(_, .notFound), .imagePull(_, .unauthorized), .imagePull(_, .plainHTTP),
            .imagePull(_, .untrusted):
            self = .none
        // A name or a proxy may come back with the network, within one more try of the kubelet.
        case .imagePull(_, .unknownHost): self = .unchanged(.seconds(10))
        case .imagePull where PullFailure.isProxy(problem.message):
            self = .unchanged(.seconds(10))
        case .imagePull: self = .unchanged(.seconds(30))
        case .configuration: self = .unchanged(.seconds(10))
        // What is missing is made by somebody or not; another volume may still be on its way.
        case .mount:
            self = .unchanged(.seconds(KubeletText.noVolumeSource.isIn(problem.message) ? 10 : 30))
        case .crash(let crash): self = crash.isOfJob ? .unlimited : .restarts
        case .node, .unschedulable, .blocked, .gated: self = .unchanged(.seconds(30))
        case .probe(.readiness): self = .unchanged(.seconds(30))
        // The kubelet should end the container when the probe's own limit is reached; that of
        // Kubernetes 1.20 never does.
        case .probe(.startup(let seconds)):
            self = .unchanged(max(.seconds(30), seconds.adding(10).seconds))
        // A migration may take its time.
        case .initializing: self = .unlimited
        }
    }

    /// Whether a problem that has stood unchanged for so long is given up.
    func isOver(after age: Duration) -> Bool {
        switch self {
        case .none: true
        case .unchanged(let limit): age >= limit
        case .restarts, .unlimited: false
        }
    }
}
