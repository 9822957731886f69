import ChildProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One forward: its socket, the kubectl behind it, and the connections.
final class SupervisedForward {
    let wish: ForwardWish
    let timing: ForwardTiming
    private let kubectl: SupervisedKubectl
    let journal: ForwardJournal
    /// The first reading of the cluster that it may be judged by.
    private let reading: Int

    /// What the ledger is to say.
    var record: ForwardRecord
    /// Whether the ledger should be written soon.
    var isChanged = true
    /// Whether only counters are otherwise than in the ledger.
    var isCounted = false

    private(set) var listener: Socket?
    private var listening = BackOff()
    /// The kubectl that new connections go to, once it listens.
    var current: ForwardChild?
    /// The one that follows it, not listening yet.
    private(set) var next: ForwardChild?
    /// Earlier ones, kept while connections use them.
    private(set) var draining: [ForwardChild] = []
    var relays: [Relay] = []
    var starting = BackOff()
    private var lastPod: String?
    /// What kubectl said last, so that it is not written again for each attempt.
    var lastComplaint: String?
    /// Whether it had a kubectl since it was last idle.
    private var hasRun = false
    var lastUse: ContinuousClock.Instant?
    private var choice = ClusterView.Choice.unknown
    private let createdAt = ContinuousClock.now
    var sentBefore = 0
    var receivedBefore = 0

    init(
        _ wish: ForwardWish, context: String, kubectl: SupervisedKubectl, timing: ForwardTiming,
        journal: ForwardJournal, earlier: ForwardRecord?, reading: Int
    ) {
        self.reading = reading
        self.wish = wish
        self.timing = timing
        self.kubectl = kubectl
        self.journal = journal
        record = ForwardRecord(wish, context: context)
        record.supervisor = .current
        if let earlier {
            // Of the same request: a supervisor that died is followed by one that goes on.
            record.startedAt = earlier.startedAt
            record.restarts = earlier.restarts
            record.connections = earlier.connections
            record.bytesSent = earlier.bytesSent
            record.bytesReceived = earlier.bytesReceived
        }
        (sentBefore, receivedBefore) = (record.bytesSent, record.bytesReceived)
    }

    /// All kubectls of it.
    var children: [ForwardChild] { [current, next].compactMap(\.self) + draining }
    /// Whether somebody waits for a connection.
    var isHeld: Bool { relays.contains { $0.state == .held } }

    /// Whether it was used so lately that its kubectl and the watch are kept.
    func isInUse(_ now: ContinuousClock.Instant) -> Bool {
        !relays.isEmpty || lastUse.map { now < $0 + timing.idle } ?? false
    }

    /// When the cluster need not be watched for it any longer.
    private var watchEnd: ContinuousClock.Instant { (lastUse ?? createdAt) + timing.idle }

    /// Whether the cluster has to be watched for it.
    func needsWatch(_ now: ContinuousClock.Instant) -> Bool { !relays.isEmpty || now < watchEnd }

    /// The pod that its kubectl is to lead to: the ready one, or the one that will be.
    private var target: ClusterView.Destination? {
        switch choice {
        case .pod(let destination): destination
        case .none(_, let coming): coming
        case .unknown, .impossible: nil
        }
    }

    /// Whether it might work if only more were known.
    var isLost: Bool {
        switch choice {
        case .unknown, .impossible: true
        case .none, .pod: false
        }
    }

    /// When it next has something to do by itself.
    func nextTime(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var times: [ContinuousClock.Instant] = []
        if listener == nil, let time = listening.dueTime(timing, isHeld: false) {
            times.append(time)
        }
        if relays.isEmpty, watchEnd > now { times.append(watchEnd) }
        if let first = relays.lazy.filter({ $0.state == .held }).map(\.heldSince).min() {
            times.append(first + timing.hold)
            if let current, !current.isProven, relays.contains(where: { $0.child === current }) {
                times.append(provenTime)
            }
        }
        if target != nil, current == nil, next == nil, isInUse(now),
            let due = starting.dueTime(timing, isHeld: isHeld)
        {
            times.append(due)
        }
        return times.min()
    }

    var provingSince: ContinuousClock.Instant?
    private var provenTime: ContinuousClock.Instant {
        (provingSince ?? .now) + timing.proof
    }

    /// Acts on what is known now; a view of nil is too old to choose by.
    func step(_ view: ClusterView?, now: ContinuousClock.Instant) {
        let view = view.flatMap { $0.completed >= reading ? $0 : nil }
        choice = view?.choice(for: wish) ?? .unknown
        listen(now: now)
        buryDeadChildren(now: now)
        if let child = current, let view, !view.isReady(child.pod.uid) {
            drain(child)
            current = nil
        }
        follow(now: now)
        feed(now: now)
        for relay in relays
        where relay.state == .held && now >= relay.heldSince + timing.hold {
            note(error: "a client was held for \(timing.hold) and given up")
            close(relay)
        }
        if !isInUse(now), !children.isEmpty {
            journal.write("unused for \(timing.idle): kubectl ended")
            (current, next, draining) = (nil, nil, [])
            hasRun = false
            isChanged = true
        }
        draining.removeAll { child in
            child.hasEnded || !relays.contains { $0.child === child }
        }
        describe()
    }

    private func listen(now: ContinuousClock.Instant) {
        guard listener == nil, listening.isDue(timing, isHeld: false, now: now) else { return }
        listener = Socket.listening(address: wish.address, port: wish.port)
        if listener == nil {
            note(error: "cannot listen on \(wish.address):\(wish.port): " + systemError())
            listening.fail(timing, now: now)
        } else {
            journal.write("listens on \(wish.address):\(wish.port) for \(wish.target)")
            listening.reset()
            record.lastError = nil
        }
    }

    private func buryDeadChildren(now: ContinuousClock.Instant) {
        for child in children where child.hasEnded {
            if child === next {
                next = nil
            } else if child === current {
                current = nil
            } else {
                continue
            }
            note(error: child.complaint ?? "kubectl ended by itself")
            starting.fail(timing, now: now)
            isChanged = true
        }
    }

    /// Lets kubectl follow the pod that is chosen.
    ///
    /// The kubectl of a pod that is not ready yet is started already: it takes 0.2 s.
    private func follow(now: ContinuousClock.Instant) {
        if case .impossible = choice, let child = current {
            drain(child)
            current = nil
        }
        guard let target else {
            if choice != .unknown { next = nil }
            return
        }
        if target.pod.uid != lastPod {
            // Whatever failed before failed with another pod.
            starting.reset()
            lastPod = target.pod.uid
        }
        if let child = next, !child.destination.isSame(as: target) { next = nil }
        if let child = next, child.port != nil, case .pod = choice {
            if let old = current { drain(old) }
            (current, next) = (child, nil)
            (provingSince, lastComplaint) = (nil, nil)
            journal.write("leads to pod \(target.pod.name), port \(target.port)")
            isChanged = true
        }
        guard current?.destination.isSame(as: target) != true, next == nil, isInUse(now),
            starting.isDue(timing, isHeld: isHeld, now: now)
        else { return }
        start(target, now: now)
    }

    private func start(_ target: ClusterView.Destination, now: ContinuousClock.Instant) {
        do {
            let child = try ForwardChild(kubectl, namespace: wish.namespace, to: target)
            next = child
            if hasRun { record.restarts += 1 }
            hasRun = true
            record.process = child.process
            record.arguments = child.arguments
        } catch {
            note(error: "\(error)")
            starting.fail(timing, now: now)
        }
        isChanged = true
    }

    func drain(_ child: ForwardChild) {
        if relays.contains(where: { $0.child === child }) { draining.append(child) }
    }

    private func describe() {
        var state = ForwardStatus.State.waiting
        var pod: String?
        switch choice {
        case .unknown:
            state = record.state
            pod = record.pod
        case .impossible(let reason):
            state = .failed
            note(error: reason)
        case .none(let reason, _): note(error: reason)
        case .pod(let destination):
            // Its pod is ready, but the cluster does not let anybody through.
            state = current == nil && starting.next != nil ? .waiting : .running
            pod = destination.pod.name
        }
        if listener == nil { state = .failed }
        if state != record.state || pod != record.pod {
            journal.write("\(state.rawValue)" + (pod.map { ", pod \($0)" } ?? ""))
            isChanged = true
        }
        (record.state, record.pod) = (state, pod)
        record.bytesSent = sentBefore + relays.reduce(0) { $0 + $1.counts.sent }
        record.bytesReceived = receivedBefore + relays.reduce(0) { $0 + $1.counts.received }
        if children.isEmpty { record.process = nil }
    }

    /// Says that the cluster does not answer; what is known of it stays.
    func note(error: String) {
        guard error != record.lastError else { return }
        record.lastError = error
        journal.write(error)
        isChanged = true
    }

    /// Ends everything of it.
    func end() {
        for relay in relays { relay.close() }
        relays = []
        (current, next, draining) = (nil, nil, [])
        listener = nil
        journal.write("ended")
    }
}

/// The system's words for `errno`.
private func systemError() -> String { String(cString: strerror(errno)) }
