import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Finds out how a Job ended that is not there any more: `ttlSecondsAfterFinished` removes it.
struct JobEnding: Sendable {
    let reader: RolloutReader
    let namespace: String
    /// When the Job was begun to be applied: what was said before is about another.
    let since: Date
    let clock: WaitClock

    /// What its controller says when it ends well, and when it gives up.
    private static let completed = "Completed"
    private static let failures = [
        "BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy", "FailedIndexes",
        "MaxFailedIndexesExceeded",
    ]

    /// How it ended, by its last status or by the events, which outlive it; nil when nobody says.
    ///
    /// - Parameter last: the Job as it was seen last, if it was.
    func find(_ job: WorkloadReference, last: KubernetesWorkload?) async throws -> RolloutState? {
        if let last, last.hasEnough { return .complete("completed, and was removed") }
        // An event is written a moment after what it tells of.
        for _ in 1...10 {
            let events = try await reader.events(about: "Job", job.name.description, in: namespace)
                .filter { isAbout($0, last) }
            if events.contains(where: { $0.reason == JobEnding.completed }) {
                return .complete("completed, and was removed")
            }
            if let event = events.last(where: { JobEnding.failures.contains($0.reason ?? "") }) {
                return .failed("it failed, and was removed: \(event.message ?? "")")
            }
            try await clock.sleep(.milliseconds(300))
        }
        return nil
    }

    /// Whether an event is about this Job, not about an earlier one of its name.
    private func isAbout(_ event: KubernetesEvent, _ job: KubernetesWorkload?) -> Bool {
        if let uid = job?.metadata.uid { return event.involvedObject.uid == uid }
        // Whole seconds, by the cluster's clock.
        return Date(timestamp: event.lastTime).map { $0 >= since.addingTimeInterval(-2) } ?? false
    }
}

extension KubernetesWorkload {
    /// Whether a Job's pods did all that it wants.
    fileprivate var hasEnough: Bool {
        if case .complete = RolloutState.judge(self) { return true }
        return spec?.completions.map { (status?.succeeded ?? 0) >= $0 }
            ?? ((status?.succeeded ?? 0) > 0)
    }
}
