import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Tells programs that run from those that are about to end again.
///
/// Without a readiness probe the cluster takes a program for ready as soon as it is started; one
/// that ends again and again is ready for a moment each time.
struct RolloutSteadiness: Sendable {
    /// How long a program that ended before must have run.
    static let period = Duration.seconds(5)
    /// How long another must have been seen to run: the kubelet notices once a second what ended.
    static let firstPeriod = Duration.seconds(1)

    private struct Start: Hashable {
        var pod: String?
        var container: String
        var restarts: BoundedInteger
    }

    /// When each start was seen first: the node may have another time than we.
    private var starts: [Start: ContinuousClock.Instant] = [:]

    /// How often each program had been started when it was seen first.
    private var firstRestarts: [Program: BoundedInteger] = [:]

    private struct Program: Hashable {
        var pod: String?
        var container: String
    }

    /// Whether every program that runs under another name than its container's was started anew
    /// since it was seen first: then it is the container's image, which has several names.
    mutating func isReplaced(_ pod: KubernetesPod) -> Bool {
        var isReplaced = true
        for status in pod.otherNamed {
            let program = Program(pod: pod.metadata.uid, container: status.name)
            let restarts = status.restartCount ?? 0
            let first = firstRestarts[program] ?? restarts
            firstRestarts[program] = first
            if restarts <= first { isReplaced = false }
        }
        return isReplaced
    }

    /// Whether every program of these pods has been seen to run for so long.
    mutating func isSteady(
        _ pods: [KubernetesPod], for period: Duration, at now: ContinuousClock.Instant
    ) -> Bool {
        var isSteady = true
        for pod in pods {
            for status in pod.status?.containerStatuses ?? [] {
                let start = Start(
                    pod: pod.metadata.uid, container: status.name,
                    restarts: status.restartCount ?? 0)
                let seen = starts[start] ?? now
                starts[start] = seen
                if status.state?.running == nil || now - seen < period { isSteady = false }
            }
        }
        return isSteady
    }

    /// Whether every program of these pods has run long enough to be believed.
    mutating func isSteady(_ pods: [KubernetesPod], at now: ContinuousClock.Instant) -> Bool {
        var isSteady = true
        for pod in pods {
            for status in pod.status?.containerStatuses ?? []
            where !pod.hasReadinessProbe(status.name) {
                guard let running = status.state?.running else { return false }
                let period =
                    status.hasEnded ? RolloutSteadiness.period : RolloutSteadiness.firstPeriod
                let start = Start(
                    pod: pod.metadata.uid, container: status.name,
                    restarts: status.restartCount ?? 0)
                let seen = starts[start] ?? now
                starts[start] = seen
                if !running.isOld && now - seen < period { isSteady = false }
            }
        }
        return isSteady
    }
}

extension KubernetesPod {
    fileprivate func hasReadinessProbe(_ container: String) -> Bool {
        spec.containers.contains { $0.name == container && $0.readinessProbe != nil }
    }
}

extension KubernetesPod.ContainerStatus {
    fileprivate var hasEnded: Bool { (restartCount ?? 0) > 0 || state?.terminated != nil }
}

extension KubernetesPod.State.Running {
    fileprivate var isOld: Bool {
        startedAt.flatMap { Date(timestamp: $0) }
            .map { Date().timeIntervalSince($0) > RolloutSteadiness.period.inSeconds } ?? false
    }
}
