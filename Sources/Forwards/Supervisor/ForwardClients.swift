import Vocabulary

/// The clients of a forward: held until there is a kubectl for them, then relayed through it, not
/// all at once.
struct ForwardClients {
    private let timing: ForwardTiming
    private(set) var relays: [Relay] = []
    /// What connections that are over have sent and received.
    private var past: (sent: BoundedInteger, received: BoundedInteger)
    /// Since when it is seen whether the kubectl that is used lets anybody through.
    private var provingSince: ContinuousClock.Instant?
    /// When a client that was held was connected last.
    private var lastFed: ContinuousClock.Instant?

    /// - Parameters:
    ///   - sent: bytes that earlier clients sent.
    ///   - received: bytes that earlier clients received.
    init(timing: ForwardTiming, sent: BoundedInteger, received: BoundedInteger) {
        self.timing = timing
        past = (sent, received)
    }

    var isEmpty: Bool { relays.isEmpty }
    /// Whether somebody waits for a connection.
    var isHeld: Bool { relays.contains { $0.state == .held } }
    /// Bytes that all clients sent.
    var sent: BoundedInteger {
        relays.reduce(past.sent) { $0.adding(BoundedInteger($1.counts.sent)) }
    }
    /// Bytes that all clients received.
    var received: BoundedInteger {
        relays.reduce(past.received) { $0.adding(BoundedInteger($1.counts.received)) }
    }

    /// Whether connections go through a kubectl.
    func areUsing(_ child: ForwardChild) -> Bool { relays.contains { $0.child === child } }
    /// How many connections through a kubectl were not answered yet.
    func unanswered(by child: ForwardChild) -> Int {
        relays.count { $0.child === child && !$0.isAnswered }
    }
    /// How many connections were answered through a kubectl, and go on or are over.
    func answered(by child: ForwardChild) -> Int {
        child.answered + relays.count { $0.child === child && $0.isAnswered }
    }

    /// Holds a client that has come.
    mutating func add(_ client: Socket, now: ContinuousClock.Instant) {
        relays.append(Relay(client, now: now))
    }

    /// Ends a connection.
    mutating func close(_ relay: Relay) {
        if relay.isAnswered { relay.child?.answered += 1 }
        past.sent.add(BoundedInteger(relay.counts.sent))
        past.received.add(BoundedInteger(relay.counts.received))
        relay.close()
        relays.removeAll { $0 === relay }
    }

    /// Ends those that were held for too long.
    ///
    /// - Returns: whether there were any.
    mutating func giveUp(now: ContinuousClock.Instant) -> Bool {
        let late = relays.filter { $0.state == .held && now >= $0.heldSince + timing.hold }
        for relay in late { close(relay) }
        return !late.isEmpty
    }

    /// Takes note that new connections go to another kubectl: before it has proven itself, only one
    /// at a time is tried.
    mutating func meetNewKubectl() { provingSince = nil }

    /// Connects those that are held.
    mutating func feed(
        through child: ForwardChild, port: Int, now: ContinuousClock.Instant
    ) {
        var waiting = unanswered(by: child)
        // A pod that goes away keeps its connections, but gets no new ones.
        for relay in relays where relay.state == .held {
            let isPaced = now > relay.heldSince + timing.moment && waiting >= timing.burst
            if isPaced, let lastFed, now < lastFed + timing.pace { continue }
            if !child.isProven {
                if let since = provingSince, now >= since + timing.proof {
                    child.isProven = true
                } else if areUsing(child) {
                    return
                }
                provingSince = provingSince ?? now
            }
            if now > relay.heldSince + timing.moment { lastFed = now }
            guard relay.connect(to: child, port: port) else { return }
            waiting += 1
        }
    }

    /// When those that are held have to be looked at again; nil when nobody is.
    ///
    /// - Parameter isFit: whether clients may be connected through this kubectl.
    func nextTime(
        through child: ForwardChild?, isFit: (ForwardChild) -> Bool, now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        let first = relays.lazy.filter { $0.state == .held }.map(\.heldSince).min()
        guard let first else { return nil }
        let end = first + timing.hold
        guard let child else { return end }
        if !child.isProven, areUsing(child) {
            return min(end, (provingSince ?? now) + timing.proof)
        }
        guard child.port != nil, isFit(child), let lastFed else { return end }
        return min(end, lastFed + timing.pace)
    }

    /// Ends all connections.
    mutating func end() {
        for relay in relays { relay.close() }
        relays = []
    }
}
