import Tools

/// The kubectls behind a forward: the one that new connections go to, the one that is to follow it,
/// and earlier ones that are kept while connections use them.
struct ForwardChildren {
    private let kubectl: SupervisedKubectl
    private let namespace: String
    private let timing: ForwardTiming
    /// The kubectl that new connections go to, once it listens.
    private(set) var current: ForwardChild?
    /// The one that follows it, not used yet.
    private var next: ForwardChild?
    private var draining: [ForwardChild] = []
    private var attempts = BackOff()
    /// The pod that was aimed at last.
    private var lastPod: String?
    /// Whether it had a kubectl since it was last idle.
    private var hasRun = false

    /// Describes them; none runs yet.
    init(kubectl: SupervisedKubectl, namespace: String, timing: ForwardTiming) {
        (self.kubectl, self.namespace, self.timing) = (kubectl, namespace, timing)
    }

    /// All that run, or have ended and were not buried yet.
    var all: [ForwardChild] { [current, next].compactMap(\.self) + draining }
    /// Whether there is one that new connections go to or will go to.
    var hasCurrentOrNext: Bool { current != nil || next != nil }
    /// Whether the last attempt failed.
    var hasFailed: Bool { attempts.next != nil }
    /// One that listens, rather the one that starts than the one that is used.
    var listening: ForwardChild? {
        [next, current].compactMap(\.self).first { $0.port != nil && !$0.hasEnded }
    }

    /// Forgets those that have ended.
    ///
    /// - Returns: why each that was needed ended.
    mutating func bury(now: ContinuousClock.Instant) -> [String] {
        var reasons: [String] = []
        for child in [current, next].compactMap(\.self) where child.hasEnded {
            if child === next { next = nil } else { current = nil }
            attempts.fail(timing, now: now)
            reasons.append(child.complaint ?? "kubectl ended by itself")
        }
        return reasons
    }

    /// Lets no new connections go to the one that is used.
    ///
    /// - Parameter isUsed: whether connections still go through it.
    mutating func retire(isUsed: (ForwardChild) -> Bool) {
        if let current, isUsed(current) { draining.append(current) }
        current = nil
    }

    /// Takes note that the one that is used lets nobody through: another is no better at once.
    mutating func fail(isUsed: (ForwardChild) -> Bool, now: ContinuousClock.Instant) {
        retire(isUsed: isUsed)
        attempts.fail(timing, now: now)
    }

    /// Takes note that a connection was answered through this one.
    mutating func succeed(_ child: ForwardChild) {
        child.isProven = true
        if child === current { attempts.reset() }
    }

    /// Makes another attempt due at once.
    mutating func tryAgain() { attempts.reset() }

    /// Gives up the one that was to follow.
    mutating func dropNext() { next = nil }

    /// Gives up what is to follow and does not lead there.
    ///
    /// - Returns: whether it is another pod than before.
    mutating func aim(at destination: ClusterView.Destination) -> Bool {
        let isOther = destination.pod.uid != lastPod
        if isOther {
            // Whatever failed before failed with another pod.
            attempts.reset()
            lastPod = destination.pod.uid
        }
        if let child = next, !child.destination.isSame(as: destination) { next = nil }
        return isOther
    }

    /// Lets new connections go to the one that follows, if it listens and is fit for it.
    ///
    /// - Returns: whether it did.
    mutating func advance(isUsed: (ForwardChild) -> Bool, isFit: (ForwardChild) -> Bool) -> Bool {
        guard let child = next, child.port != nil, isFit(child) else { return false }
        retire(isUsed: isUsed)
        (current, next) = (child, nil)
        return true
    }

    /// When one may be started; nil when it may be now.
    func startTime(isHeld: Bool) -> ContinuousClock.Instant? {
        attempts.dueTime(timing, isHeld: isHeld)
    }

    /// A kubectl that was just started.
    struct Start {
        var child: ForwardChild
        /// Whether it is not the first since the forward was idle.
        var isRestart: Bool
    }

    /// Starts one that is to follow, unless one leads there or an attempt is not due.
    ///
    /// - Parameter isHeld: whether a client waits, so that pauses are short.
    /// - Throws: `InvocationError` when kubectl cannot be started.
    mutating func start(
        to destination: ClusterView.Destination, isHeld: Bool, now: ContinuousClock.Instant
    ) throws -> Start? {
        guard current?.destination.isSame(as: destination) != true, next == nil,
            attempts.isDue(timing, isHeld: isHeld, now: now)
        else { return nil }
        do {
            let child = try ForwardChild(kubectl, namespace: namespace, to: destination)
            next = child
            defer { hasRun = true }
            return Start(child: child, isRestart: hasRun)
        } catch {
            attempts.fail(timing, now: now)
            throw error
        }
    }

    /// Ends those that were kept only for connections that are over.
    mutating func release(isUsed: (ForwardChild) -> Bool) {
        draining.removeAll { $0.hasEnded || !isUsed($0) }
    }

    /// Ends all: the forward is idle, or over.
    mutating func end() {
        (current, next, draining) = (nil, nil, [])
        hasRun = false
    }
}
