import ChildProcess
import SystemLibraries
import Tools
import Vocabulary

/// One forward: its socket, the kubectl behind it, and the connections.
final class SupervisedForward {
    private(set) var spec: ForwardSpec
    let timing: ForwardTiming
    let kubectl: SupervisedKubectl
    let journal: ForwardJournal
    /// The first reading of the cluster that it may be judged by.
    private var reading: Int

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
    var next: ForwardChild?
    /// Earlier ones, kept while connections use them.
    var draining: [ForwardChild] = []
    var relays: [Relay] = []
    var starting = BackOff()
    var lastPod: String?
    /// What went wrong since it last ran well, so that it is written once.
    private var lastNote: String?
    /// What kubectl said last, so that it is not written again for each attempt.
    var lastComplaint: String?
    /// Whether it had a kubectl since it was last idle.
    var hasRun = false
    var lastUse: ContinuousClock.Instant?
    var choice = ClusterView.Choice.unknown
    /// The state of the view that the choice was made from.
    private var chosenFrom: Int?
    /// When a command last asked for it.
    private var askedAt: ContinuousClock.Instant
    /// The question that is under way; only where the configuration asks for it.
    var probe: ForwardProbe?
    var probing = BackOff()
    var probedAt: ContinuousClock.Instant?
    /// Whether the program was well when it was asked last.
    var isWell = false
    var sentBefore: BoundedInteger = 0
    var receivedBefore: BoundedInteger = 0

    init(
        _ spec: ForwardSpec, context: String, kubectl: SupervisedKubectl, timing: ForwardTiming,
        journal: ForwardJournal, earlier: ForwardRecord?, reading: Int
    ) {
        self.reading = reading
        askedAt = timing.now()
        self.spec = spec
        self.timing = timing
        self.kubectl = kubectl
        self.journal = journal
        record = ForwardRecord(spec, context: context)
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
        if !relays.isEmpty { return true }
        // Only through a kubectl can a program be asked whether it is well.
        return spec.probe == nil ? lastUse.map { now < $0 + timing.idle } ?? false : now < watchEnd
    }

    /// When the cluster need not be watched for it any longer.
    private var watchEnd: ContinuousClock.Instant { max(lastUse ?? askedAt, askedAt) + timing.idle }

    /// Whether the cluster has to be watched for it.
    func needsWatch(_ now: ContinuousClock.Instant) -> Bool { !relays.isEmpty || now < watchEnd }

    /// The pod that its kubectl is to lead to: the ready one, or the one that will be.
    var target: ClusterView.Destination? {
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
            } else if let current, current.port != nil, isFit(current), let lastFed {
                times.append(lastFed + timing.pace)
            }
        }
        if target != nil, current == nil, next == nil, isInUse(now),
            let due = starting.dueTime(timing, isHeld: isHeld)
        {
            times.append(due)
        }
        if let time = probeTime { times.append(time) }
        return times.min()
    }

    var provingSince: ContinuousClock.Instant?
    /// When a client that was held was connected last.
    var lastFed: ContinuousClock.Instant?
    private var provenTime: ContinuousClock.Instant {
        (provingSince ?? timing.now()) + timing.proof
    }

    /// Whether this spec changes nothing that clients would notice.
    ///
    /// A command that saw it fail may ask anew when it came right already, and serves clients.
    func goesOn(as wanted: ForwardSpec?) -> Bool {
        guard let wanted, wanted.asksFor(spec) else { return false }
        return record.state == .failed || wanted.generation == nil
            || wanted.generation == spec.generation
    }

    /// A command asks for it, perhaps anew.
    func look(again wanted: ForwardSpec, reading: Int) {
        askedAt = timing.now()
        // Its entry may be damaged.
        isChanged = true
        listening.reset()
        guard wanted != spec else { return }
        (spec, self.reading) = (wanted, reading)
        (record.request, record.origin) = (wanted.id, wanted.origin)
        (record.state, record.lastError, lastNote) = (.starting, nil, nil)
        starting.reset()
    }

    /// Chooses where it leads; a pass over all pods only when something changed.
    private func choose(_ view: ClusterView?) {
        guard let view else {
            (choice, chosenFrom) = (.unknown, nil)
            return
        }
        guard chosenFrom != view.changes else { return }
        (choice, chosenFrom) = (view.choice(for: spec), view.changes)
    }

    /// Acts on what is known now; a view of nil is too old to choose by.
    ///
    /// - Parameter outage: why the cluster does not answer just now; nil when it does.
    func step(_ view: ClusterView?, outage: String?, now: ContinuousClock.Instant) {
        let view = view.flatMap { $0.completed >= reading ? $0 : nil }
        choose(view)
        listen(now: now)
        buryDeadChildren(now: now)
        if let child = current, let view, !view.isReady(child.pod.uid) {
            drain(child)
            current = nil
        }
        ask(now: now)
        follow(now: now)
        feed(now: now)
        for relay in relays
        where relay.state == .held && now >= relay.heldSince + timing.hold {
            note(error: "a client was held for \(timing.hold) and given up")
            close(relay)
        }
        if !isInUse(now), !children.isEmpty {
            journal.write("unused for \(timing.idle): kubectl ended")
            (current, next, draining, probe) = (nil, nil, [], nil)
            hasRun = false
            isChanged = true
        }
        draining.removeAll { child in
            child.hasEnded || !relays.contains { $0.child === child }
        }
        describe(outage: outage)
    }

    private func listen(now: ContinuousClock.Instant) {
        guard listener == nil, listening.isDue(timing, isHeld: false, now: now) else { return }
        listener = Socket.listening(address: spec.address, port: spec.port)
        if listener == nil {
            note(error: "cannot listen on \(spec.address):\(spec.port): " + systemError())
            listening.fail(timing, now: now)
        } else {
            journal.write("listens on \(spec.address):\(spec.port) for \(spec.target)")
            listening.reset()
            (lastNote, record.lastError) = (nil, nil)
        }
    }

    private func describe(outage: String?) {
        var state = ForwardStatus.State.waiting
        var pod: String?
        switch choice {
        case .unknown:
            state = record.state
            pod = record.pod
            if let outage { note(error: outage) }
        case .impossible(let reason):
            state = .failed
            note(error: reason)
        case .none(let reason, _): note(error: reason)
        case .pod(let destination):
            // Its pod was ready, but the cluster does not let anybody through.
            let isCutOff =
                current == nil && (starting.next != nil || outage != nil)
                || spec.probe != nil && !isWell
            state = isCutOff ? .waiting : .running
            pod = destination.pod.name
            if isCutOff, let outage { note(error: outage) }
        }
        if listener == nil { state = .failed }
        if state != record.state || pod != record.pod {
            journal.write("\(state.rawValue)" + (pod.map { ", pod \($0)" } ?? ""))
            if state == .running { lastNote = nil }
            isChanged = true
        }
        (record.state, record.pod) = (state, pod)
        record.bytesSent = relays.reduce(sentBefore) { $0.adding(BoundedInteger($1.counts.sent)) }
        record.bytesReceived = relays.reduce(receivedBefore) {
            $0.adding(BoundedInteger($1.counts.received))
        }
        if children.isEmpty { record.process = nil }
    }

    /// Says what went wrong.
    func note(error: String) {
        guard error != lastNote else { return }
        (lastNote, record.lastError) = (error, error)
        journal.write(error)
        isChanged = true
    }

    /// Ends everything of it.
    func end() {
        for relay in relays { relay.close() }
        relays = []
        (current, next, draining, probe) = (nil, nil, [], nil)
        listener = nil
        journal.write("ended")
    }
}

/// The system's words for `errno`.
private func systemError() -> String { String(cString: strerror(errno)) }
