import Tools

/// One forward: lets its parts act on what is known now. Each of them keeps its own state.
final class SupervisedForward {
    private(set) var spec: ForwardSpec
    private let timing: ForwardTiming
    private(set) var listener: ForwardListener
    private(set) var target: ForwardTarget
    private(set) var children: ForwardChildren
    private(set) var health: ForwardHealth
    private(set) var clients: ForwardClients
    private(set) var entry: ForwardEntry
    private var use: ForwardUse

    /// Describes it; nothing runs yet.
    ///
    /// - Parameters:
    ///   - earlier: the entry of the same request, by a supervisor that died.
    ///   - reading: the first reading of the cluster that it may be judged by.
    init(
        _ spec: ForwardSpec, context: String, kubectl: SupervisedKubectl, timing: ForwardTiming,
        journal: ForwardJournal, earlier: ForwardRecord?, reading: Int
    ) {
        self.spec = spec
        self.timing = timing
        listener = ForwardListener(address: spec.address, port: spec.port, timing: timing)
        target = ForwardTarget(reading: reading)
        children = ForwardChildren(kubectl: kubectl, namespace: spec.namespace, timing: timing)
        health = ForwardHealth(path: spec.probe, timing: timing)
        entry = ForwardEntry(spec, context: context, journal: journal, earlier: earlier)
        clients = ForwardClients(
            timing: timing, sent: entry.record.bytesSent, received: entry.record.bytesReceived)
        use = ForwardUse(idle: timing.idle, hasProbe: spec.probe != nil, askedAt: timing.now())
    }

    /// Whether the cluster has to be watched for it.
    func needsWatch(_ now: ContinuousClock.Instant) -> Bool {
        use.needsWatch(hasClients: !clients.isEmpty, now: now)
    }

    private func needsKubectl(_ now: ContinuousClock.Instant) -> Bool {
        use.needsKubectl(hasClients: !clients.isEmpty, now: now)
    }

    /// The kubectl that the program is asked through whether it is well.
    private var asked: ForwardChild? { target.isReady ? children.listening : nil }

    /// When it next has something to do by itself.
    func nextTime(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var times = [
            listener.nextTime,
            clients.nextTime(through: children.current, isFit: health.isFit, now: now),
            health.nextTime(asking: asked, isHeld: clients.isHeld),
        ]
        if clients.isEmpty, use.watchEnd > now { times.append(use.watchEnd) }
        if target.destination != nil, !children.hasCurrentOrNext, needsKubectl(now) {
            times.append(children.startTime(isHeld: clients.isHeld))
        }
        return times.compactMap(\.self).min()
    }

    /// Whether this spec changes nothing that clients would notice.
    ///
    /// A command that saw it fail may ask anew when it came right already, and serves clients.
    func goesOn(as wanted: ForwardSpec?) -> Bool {
        guard let wanted, wanted.asksFor(spec) else { return false }
        return entry.record.state == .failed || wanted.generation == nil
            || wanted.generation == spec.generation
    }

    /// A command asks for it, perhaps anew.
    func look(again wanted: ForwardSpec, reading: Int) {
        use.noteRequest(now: timing.now())
        // Its entry may be damaged.
        entry.markChanged()
        listener.tryAgain()
        guard wanted != spec else { return }
        spec = wanted
        target.require(reading: reading)
        entry.restart(for: wanted)
        children.tryAgain()
    }

    /// Its entry was written.
    func noteWritten() { entry.noteWritten() }

    /// Acts on what is known now; a view that is too old says nothing.
    ///
    /// - Parameter outage: why the cluster does not answer just now; nil when it does.
    func step(_ view: ClusterView?, outage: String?, now: ContinuousClock.Instant) {
        target.choose(from: view, for: spec)
        listen(now: now)
        for reason in children.bury(now: now) {
            entry.note(error: reason)
            entry.markChanged()
        }
        if let view = target.usable(view), let pod = children.current?.pod, !view.isReady(pod.uid) {
            children.retire(isUsed: clients.areUsing)
        }
        note(
            health.ask(asked, among: children.all, isHeld: clients.isHeld, now: now))
        follow(now: now)
        if let child = children.current, let port = child.port, !child.hasEnded,
            health.isFit(child)
        {
            clients.feed(through: child, port: port, now: now)
        }
        if clients.giveUp(now: now) {
            entry.note(error: "a client was held for \(timing.hold) and given up")
        }
        if !needsKubectl(now), !children.all.isEmpty {
            entry.log("unused for \(timing.idle): kubectl ended")
            children.end()
            health.stop()
            entry.markChanged()
        }
        children.release(isUsed: clients.areUsing)
        describe(outage: outage)
    }

    private func listen(now: ContinuousClock.Instant) {
        switch listener.open(now: now) {
        case .notTried: break
        case .failed(let reason): entry.note(error: reason)
        case .opened:
            entry.log("listens on \(spec.address):\(spec.port) for \(spec.target)")
            entry.clearError()
        }
    }

    /// Lets kubectl follow the pod that is chosen.
    ///
    /// The kubectl of a pod that is not ready yet is started already: it takes 0.2 s.
    private func follow(now: ContinuousClock.Instant) {
        if target.isImpossible { children.retire(isUsed: clients.areUsing) }
        guard let destination = target.destination else {
            if target.choice != .unknown { children.dropNext() }
            return
        }
        if children.aim(at: destination) { health.forget() }
        if target.isReady, children.advance(isUsed: clients.areUsing, isFit: health.isFit) {
            clients.meetNewKubectl()
            entry.meetNewKubectl()
            entry.log("leads to pod \(destination.pod.name), port \(destination.port)")
            entry.markChanged()
        }
        guard needsKubectl(now) else { return }
        do {
            let start = try children.start(to: destination, isHeld: clients.isHeld, now: now)
            if let start { entry.note(start) }
        } catch {
            entry.note(error: "\(error)")
            entry.markChanged()
        }
    }

    private func describe(outage: String?) {
        var state = ForwardStatus.State.waiting
        var pod: String?
        switch target.choice {
        case .unknown:
            state = entry.record.state
            pod = entry.record.pod
            if let outage { entry.note(error: outage) }
        case .impossible(let reason):
            state = .failed
            entry.note(error: reason)
        case .none(let reason, _): entry.note(error: reason)
        case .pod(let destination):
            // Its pod was ready, but the cluster does not let anybody through.
            let isCutOff =
                children.current == nil && (children.hasFailed || outage != nil)
                || !health.isWell
            state = isCutOff ? .waiting : .running
            pod = destination.pod.name
            if isCutOff, let outage { entry.note(error: outage) }
        }
        entry.note(listener.isOpen ? state : .failed, pod: pod)
        entry.count(sent: clients.sent, received: clients.received)
        if children.all.isEmpty { entry.noteNoKubectl() }
    }

    /// Takes the clients that wait at its socket.
    ///
    /// - Returns: false when there are too many open files.
    func accept(now: ContinuousClock.Instant) -> Bool {
        while true {
            switch listener.accept() {
            case .nobody: return true
            case .tooManyFiles: return false
            case .client(let client):
                clients.add(client, now: now)
                entry.countConnection()
                use.noteUse(now: now)
            }
        }
    }

    /// Reads what a kubectl says.
    func readOutput(of child: ForwardChild) { entry.log(kubectl: child.readOutput()) }

    /// Works on a connection.
    func work(
        on relay: Relay, _ scratch: UnsafeMutableRawBufferPointer, isClientGone: Bool,
        now: ContinuousClock.Instant
    ) {
        use.noteUse(now: now)
        switch relay.work(scratch, isClientGone: isClientGone) {
        case .going: if relay.isAnswered, let child = relay.child { children.succeed(child) }
        case .over: clients.close(relay)
        case .backendEnded: backendEnded(relay, now: now)
        }
        entry.noteTraffic()
    }

    /// kubectl's side of a connection is gone: held again if it provably reached nobody.
    private func backendEnded(_ relay: Relay, now: ContinuousClock.Instant) {
        guard let child = relay.child else { return clients.close(relay) }
        let neverConnected = relay.state == .connecting
        // It wrote why before it closed the connection.
        readOutput(of: child)
        let isRefused = child.refusals > 0 && clients.unanswered(by: child) <= child.refusals
        guard relay.canBeRepeated, neverConnected || isRefused || wasNeverTaken(by: child) else {
            if !relay.isAnswered {
                entry.log("a connection ended without an answer from \(child.pod.name)")
            }
            return clients.close(relay)
        }
        if isRefused {
            child.refusals -= 1
            entry.note(error: child.complaint ?? "the pod refuses connections")
        }
        relay.hold(now: relay.heldSince)
        // kubectl ends after a refusal, and a new one is no better at once.
        if child === children.current { children.fail(isUsed: clients.areUsing, now: now) }
    }

    /// Whether kubectl ended before it took any connection but those that were answered.
    private func wasNeverTaken(by child: ForwardChild) -> Bool {
        let answered = clients.answered(by: child)
        guard child.handled <= answered else { return false }
        // Of a process that is killed, sockets may be closed before its output.
        for _ in 0..<3 where !child.hasEnded {
            child.waitForOutput()
            readOutput(of: child)
        }
        return child.hasEnded && child.handled <= answered
    }

    /// Takes in what `poll` reported of a question whether the program is well.
    func workOnProbe(_ scratch: UnsafeMutableRawBufferPointer, now: ContinuousClock.Instant) {
        note(health.work(scratch, now: now))
    }

    private func note(_ failure: ForwardHealth.Failure?) {
        guard let failure else { return }
        if let child = failure.child {
            // A refusal was of the probe, and says nothing about a client's connection.
            let before = child.refusals
            readOutput(of: child)
            child.refusals = before
        }
        entry.note(error: failure.reason)
    }

    /// Ends everything of it.
    func end() {
        clients.end()
        children.end()
        health.stop()
        listener.close()
        entry.log("ended")
    }
}
