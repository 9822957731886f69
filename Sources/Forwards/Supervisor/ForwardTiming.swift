/// The times by which a supervisor acts.
struct ForwardTiming: Sendable {
    /// How long a kubectl is kept that nobody uses; each takes about 50 MB.
    var idle: Duration = .seconds(600)
    /// How long a client is held before it sees an error.
    var hold: Duration = .seconds(120)
    /// The first pause after something failed; it doubles.
    var firstPause: Duration = .milliseconds(100)
    /// The longest pause while nobody waits.
    var longestPause: Duration = .seconds(30)
    /// The longest pause while a client is held.
    var longestPauseWhenHeld: Duration = .seconds(1)
    /// How often Services and workloads are read again while forwards are in use.
    var refresh: Duration = .seconds(60)
    /// How long a first connection may take to be refused; after that others follow.
    var proof: Duration = .milliseconds(300)
    /// How many clients that were held are let through at once, while none of them has an answer.
    ///
    /// A program's queue of connections can be short (busybox httpd: 9); what does not fit in is
    /// dropped by the kernel and sent again a second later, and then after three and seven.
    var burst = 4
    /// The pause before each further one.
    var pace: Duration = .milliseconds(10)
    /// After how long a client counts as held.
    var moment: Duration = .milliseconds(10)
    /// How often a program is asked whether it is well, and how long it may take to answer.
    var probe: Duration = .seconds(10)
    var probeLimit: Duration = .seconds(5)
    /// How often counters are written.
    var counters: Duration = .seconds(2)
    /// How often it is checked that the state folder is still there.
    var presence: Duration = .seconds(30)

    /// What time it is; tests move a clock of their own.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// How long nothing is looked at without an event, at most.
    var longestWait: Duration = .seconds(3600)
}

/// Pauses that double, to a limit.
struct BackOff {
    private(set) var next: ContinuousClock.Instant?
    private var pause: Duration?

    /// Notes a failure; the next attempt is due after the pause.
    mutating func fail(_ timing: ForwardTiming, now: ContinuousClock.Instant) {
        let longer = pause.map { min($0 * 2, timing.longestPause) } ?? timing.firstPause
        pause = longer
        next = now + longer
    }

    /// Notes a success, or news that make another attempt worth while.
    mutating func reset() {
        next = nil
        pause = nil
    }

    /// Whether an attempt is due. While a client is held, pauses are short.
    func isDue(_ timing: ForwardTiming, isHeld: Bool, now: ContinuousClock.Instant) -> Bool {
        dueTime(timing, isHeld: isHeld).map { $0 <= now } ?? true
    }

    /// When an attempt is due; nil means now.
    func dueTime(_ timing: ForwardTiming, isHeld: Bool) -> ContinuousClock.Instant? {
        guard let next, let pause else { return nil }
        guard isHeld, pause > timing.longestPauseWhenHeld else { return next }
        return next - pause + timing.longestPauseWhenHeld
    }
}
