import ChildProcess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One forward: its socket, the kubectl behind it, and the connections.
final class SupervisedForward {
    let wish: ForwardWish
    private let timing: ForwardTiming
    private let kubectl: SupervisedKubectl
    private let journal: ForwardJournal

    /// What the ledger is to say.
    private(set) var record: ForwardRecord
    /// Whether the ledger should be written soon.
    var isChanged = true
    /// Whether only counters are otherwise than in the ledger.
    var isCounted = false

    private(set) var listener: Socket?
    private var listening = BackOff()
    /// The kubectl that new connections go to, once it listens.
    private(set) var current: ForwardChild?
    /// The one that follows it, not listening yet.
    private(set) var next: ForwardChild?
    /// Earlier ones, kept while connections use them.
    private(set) var draining: [ForwardChild] = []
    private(set) var relays: [Relay] = []
    private var starting = BackOff()
    private var lastPod: String?
    /// Whether it had a kubectl since it was last idle.
    private var hasRun = false
    private(set) var lastUse: ContinuousClock.Instant?
    private var choice = ClusterView.Choice.unknown
    private let createdAt = ContinuousClock.now
    private var sentBefore = 0
    private var receivedBefore = 0

    init(
        _ wish: ForwardWish, context: String, kubectl: SupervisedKubectl, timing: ForwardTiming,
        journal: ForwardJournal, earlier: ForwardRecord?
    ) {
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

    private var provingSince: ContinuousClock.Instant?
    private var provenTime: ContinuousClock.Instant {
        (provingSince ?? .now) + timing.proof
    }

    /// Takes the clients that wait at its socket.
    ///
    /// - Returns: false when there are too many open files.
    func accept(now: ContinuousClock.Instant) -> Bool {
        while let client = listener?.accepted() {
            relays.append(Relay(client, now: now))
            record.connections += 1
            isCounted = true
            lastUse = now
        }
        return ![EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
    }

    /// Reads what a kubectl says.
    func readOutput(of child: ForwardChild) {
        for line in child.readOutput() { journal.write("kubectl: \(line)") }
    }

    /// Works on a connection.
    func work(
        on relay: Relay, _ scratch: UnsafeMutableRawBufferPointer, now: ContinuousClock.Instant
    ) {
        lastUse = now
        switch relay.work(scratch) {
        case .going:
            if relay.isAnswered, let child = relay.child {
                child.isProven = true
                if child === current { starting.reset() }
            }
        case .over: close(relay)
        case .backendEnded: backendEnded(relay, now: now)
        }
        isCounted = true
    }

    /// kubectl's side of a connection is gone: held again if it provably reached nobody.
    private func backendEnded(_ relay: Relay, now: ContinuousClock.Instant) {
        guard let child = relay.child else { return close(relay) }
        let neverConnected = relay.state == .connecting
        // It wrote why before it closed the connection.
        readOutput(of: child)
        let unanswered = relays.count { $0.child === child && !$0.isAnswered }
        let isRefused = child.refusals > 0 && unanswered <= child.refusals
        guard relay.canBeRepeated, neverConnected || isRefused else {
            if !relay.isAnswered {
                journal.write("a connection ended without an answer from \(child.pod.name)")
            }
            return close(relay)
        }
        if isRefused {
            child.refusals -= 1
            note(error: child.complaint ?? "the pod refuses connections")
        }
        relay.hold(now: relay.heldSince)
        // kubectl ends after a refusal, and a new one is no better at once.
        if child === current {
            drain(child)
            current = nil
            starting.fail(timing, now: now)
        }
    }

    private func close(_ relay: Relay) {
        sentBefore += relay.counts.sent
        receivedBefore += relay.counts.received
        relay.close()
        relays.removeAll { $0 === relay }
    }

    /// Acts on what is known now; a view of nil is too old to choose by.
    func step(_ view: ClusterView?, now: ContinuousClock.Instant) {
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
            provingSince = nil
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

    private func drain(_ child: ForwardChild) {
        if relays.contains(where: { $0.child === child }) { draining.append(child) }
    }

    /// Connects the clients that are held.
    private func feed(now: ContinuousClock.Instant) {
        guard let child = current, let port = child.port, !child.hasEnded else { return }
        // A pod that goes away keeps its connections, but gets no new ones.
        for relay in relays where relay.state == .held {
            if !child.isProven {
                if let since = provingSince, now >= since + timing.proof {
                    child.isProven = true
                } else if relays.contains(where: { $0.child === child }) {
                    return
                }
                provingSince = provingSince ?? now
            }
            guard relay.connect(to: child, port: port) else { return }
        }
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
            state = .running
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
