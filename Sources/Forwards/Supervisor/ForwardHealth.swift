import SystemLibraries

/// Whether the program behind a forward is well, asked now and then where the configuration says so.
struct ForwardHealth {
    /// The path that is asked for; nil asks nothing, and takes every program for well.
    private let path: String?
    private let timing: ForwardTiming
    /// The question that is under way.
    private var probe: ForwardProbe?
    private var failing = BackOff()
    private var probedAt: ContinuousClock.Instant?
    /// Whether the program was well when it was asked last.
    private var wasWell = false

    /// Describes it; nothing is asked yet.
    init(path: String?, timing: ForwardTiming) { (self.path, self.timing) = (path, timing) }

    /// Whether the program is well, as far as is known.
    var isWell: Bool { path == nil || wasWell }
    /// Whether clients may be connected through this kubectl.
    func isFit(_ child: ForwardChild) -> Bool { path == nil || child.isWell }

    /// What `poll` waits for; -1 when nothing is asked.
    var descriptor: Int32 { probe?.descriptor ?? -1 }
    var events: Int16 { probe?.events ?? 0 }

    /// Why the program is not well.
    struct Failure {
        var reason: String
        /// The kubectl that it was asked through; nil when that took no connection.
        var child: ForwardChild?
    }

    /// When something has to be done; nil when it may be done now.
    ///
    /// - Parameter child: the kubectl to ask through; nil while there is none.
    func nextTime(asking child: ForwardChild?, isHeld: Bool) -> ContinuousClock.Instant? {
        if let probe { return probe.end }
        guard path != nil, let child else { return nil }
        return child.isWell
            ? probedAt.map { $0 + timing.probe } : failing.dueTime(timing, isHeld: isHeld)
    }

    /// Begins to ask when it is time, and gives up what is not answered in time.
    ///
    /// - Parameters:
    ///   - child: the kubectl to ask through; nil while there is none.
    ///   - all: those that there are: a question through another is given up.
    mutating func ask(
        _ child: ForwardChild?, among all: [ForwardChild], isHeld: Bool,
        now: ContinuousClock.Instant
    ) -> Failure? {
        if let probe {
            if !all.contains(where: { $0 === probe.child }) {
                self.probe = nil
            } else if now >= probe.end {
                return finish(.failed("no answer within \(timing.probeLimit)"), now: now)
            }
        }
        guard probe == nil, let path, let child, let port = child.port,
            nextTime(asking: child, isHeld: isHeld).map({ $0 <= now }) ?? true
        else { return nil }
        probe = ForwardProbe(path: path, child: child, port: port, end: now + timing.probeLimit)
        return probe == nil ? finish(.failed("kubectl does not listen"), now: now) : nil
    }

    /// Takes in what `poll` reported of the question.
    mutating func work(
        _ scratch: UnsafeMutableRawBufferPointer, now: ContinuousClock.Instant
    ) -> Failure? {
        probe.flatMap { finish($0.work(scratch), now: now) }
    }

    private mutating func finish(
        _ verdict: ForwardProbe.Verdict, now: ContinuousClock.Instant
    ) -> Failure? {
        guard verdict != .waiting else { return nil }
        let child = probe?.child
        (probe, probedAt) = (nil, now)
        wasWell = verdict == .passed
        child?.isWell = wasWell
        guard case .failed(let reason) = verdict else {
            failing.reset()
            return nil
        }
        failing.fail(timing, now: now)
        return Failure(reason: "probe http \(path ?? ""): \(reason)", child: child)
    }

    /// Another pod is asked from now on, of which nothing is known.
    mutating func forget() {
        failing.reset()
        wasWell = false
    }

    /// Gives up the question that is under way.
    mutating func stop() { probe = nil }
}
