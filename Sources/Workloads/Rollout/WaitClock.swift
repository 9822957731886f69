/// The time that a wait goes by; tests have one that passes at once.
package struct WaitClock: Sendable {
    /// What time it is.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// Waits; throws `CancellationError`.
    package var sleep: @Sendable (Duration) async throws -> Void

    /// The time of this machine.
    package static let continuous = WaitClock(
        now: { .now }, sleep: { try await Task.sleep(for: $0) })
}
