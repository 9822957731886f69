import SystemLibraries
import Tools
import Vocabulary

/// The connections of a forward: accepted, held, relayed.
extension SupervisedForward {
    /// Takes the clients that wait at its socket.
    ///
    /// - Returns: false when there are too many open files.
    func accept(now: ContinuousClock.Instant) -> Bool {
        while let client = listener?.accepted() {
            relays.append(Relay(client, now: now))
            record.connections.add(1)
            isCounted = true
            lastUse = now
        }
        return ![EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
    }

    /// Reads what a kubectl says.
    func readOutput(of child: ForwardChild) {
        let limit = 20
        let lines = child.readOutput().filter { line in
            defer { lastComplaint = line }
            return line != lastComplaint
        }
        // The last ones tell most of what is so now.
        if lines.count > limit {
            journal.write("kubectl: \(counted(lines.count - limit, "more line"))")
        }
        for line in lines.suffix(limit) { journal.write("kubectl: \(line)") }
    }

    /// Works on a connection.
    func work(
        on relay: Relay, _ scratch: UnsafeMutableRawBufferPointer, isClientGone: Bool,
        now: ContinuousClock.Instant
    ) {
        lastUse = now
        switch relay.work(scratch, isClientGone: isClientGone) {
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
        guard relay.canBeRepeated, neverConnected || isRefused || wasNeverTaken(by: child) else {
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

    /// Whether kubectl ended before it took any connection but those that were answered.
    private func wasNeverTaken(by child: ForwardChild) -> Bool {
        let answered = child.answered + relays.count { $0.child === child && $0.isAnswered }
        guard child.handled <= answered else { return false }
        // Of a process that is killed, sockets may be closed before its output.
        for _ in 0..<3 where !child.hasEnded {
            child.waitForOutput()
            readOutput(of: child)
        }
        return child.hasEnded && child.handled <= answered
    }

    func close(_ relay: Relay) {
        if relay.isAnswered { relay.child?.answered += 1 }
        sentBefore.add(BoundedInteger(relay.counts.sent))
        receivedBefore.add(BoundedInteger(relay.counts.received))
        relay.close()
        relays.removeAll { $0 === relay }
    }

    /// Connects the clients that are held.
    func feed(now: ContinuousClock.Instant) {
        guard let child = current, let port = child.port, !child.hasEnded, isFit(child) else {
            return
        }
        var unanswered = relays.count { $0.child === child && !$0.isAnswered }
        // A pod that goes away keeps its connections, but gets no new ones.
        for relay in relays where relay.state == .held {
            let isPaced = now > relay.heldSince + timing.moment && unanswered >= timing.burst
            if isPaced, let lastFed, now < lastFed + timing.pace { continue }
            if !child.isProven {
                if let since = provingSince, now >= since + timing.proof {
                    child.isProven = true
                } else if relays.contains(where: { $0.child === child }) {
                    return
                }
                provingSince = provingSince ?? now
            }
            if now > relay.heldSince + timing.moment { lastFed = now }
            guard relay.connect(to: child, port: port) else { return }
            unanswered += 1
        }
    }
}
