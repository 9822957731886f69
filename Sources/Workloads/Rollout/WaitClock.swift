/// The time that a wait goes by; tests have one that passes at once.
struct WaitClock: Sendable {
    /// What time it is.
    var now: @Sendable () -> ContinuousClock.Instant
    /// Waits; throws `CancellationError`.
    var sleep: @Sendable (Duration) async throws -> Void

    /// The time of this machine.
    static let continuous = WaitClock(
        now: { .now }, sleep: { try await Task.sleep(for: $0) })
}
