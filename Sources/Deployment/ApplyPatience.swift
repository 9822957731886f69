import Workloads

/// How long refusals that pass by themselves are tried again.
struct ApplyPatience: Sendable {
    /// How long pods may take to start.
    let rollout: Duration
    let clock: WaitClock
    private var since: [PassingRefusal: ContinuousClock.Instant] = [:]
    private var pause = Duration.milliseconds(250)

    init(rollout: Duration, clock: WaitClock) {
        (self.rollout, self.clock) = (rollout, clock)
    }

    /// Refusals of a kind not seen before, with how long they are tried again.
    mutating func news(_ refusals: [PassingRefusal]) -> [PassingRefusal: Duration] {
        var news: [PassingRefusal: Duration] = [:]
        for refusal in refusals where since[refusal] == nil {
            since[refusal] = clock.now()
            news[refusal] = refusal.deadline(rollout: rollout)
        }
        return news
    }

    /// How long the one was tried that has been tried for long enough; nil while none has.
    func exhausted(_ refusals: [PassingRefusal]) -> Duration? {
        refusals.map { $0.deadline(rollout: rollout) - (clock.now() - (since[$0] ?? clock.now())) }
            .contains { $0 <= .zero }
            ? refusals.map { $0.deadline(rollout: rollout) }.min() : nil
    }

    /// Waits for the next try, longer each time.
    mutating func wait() async throws {
        try await clock.sleep(pause)
        pause = min(pause * 2, .seconds(2))
    }
}
