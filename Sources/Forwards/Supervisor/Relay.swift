import SystemLibraries

/// One client's connection, held until there is something to connect it to.
final class Relay {
    /// How it stands.
    enum State {
        /// Nothing behind it yet.
        case held
        /// The socket to kubectl is being connected.
        case connecting
        /// Bytes go both ways.
        case open
        /// Over, for whatever reason.
        case closed
    }

    /// One direction.
    private struct Flow {
        /// What was read, of which the part before `start` was written.
        var bytes: [UInt8] = []
        var start = 0
        var hasEnded = false
        var total = 0

        /// What could not be written yet.
        var pending: ArraySlice<UInt8> { bytes[start...] }
        var isEmpty: Bool { start == bytes.count }

        mutating func add(_ more: some Sequence<UInt8>) { bytes += more }

        /// Takes note that so many bytes were written.
        mutating func drop(_ count: Int) {
            start += count
            if isEmpty { (bytes, start) = ([], 0) }
        }
    }

    /// Bytes of a client that are kept until the first answer, to be sent again.
    static let earlyLimit = 64 << 10

    let client: Socket
    private(set) var backend: Socket?
    private(set) var child: ForwardChild?
    private(set) var state = State.held
    /// When it began to be held.
    private(set) var heldSince: ContinuousClock.Instant
    private var up = Flow()
    private var down = Flow()
    /// What the client sent before any answer; nil when it was too much to keep.
    private var early: [UInt8]? = []

    init(_ client: Socket, now: ContinuousClock.Instant) {
        self.client = client
        heldSince = now
    }

    /// Bytes from the client, and to it.
    var counts: (sent: Int, received: Int) { (up.total, down.total) }
    /// Whether the pod has said anything.
    var isAnswered: Bool { down.total > 0 }

    /// Connects it to kubectl.
    ///
    /// - Returns: false when kubectl does not listen.
    func connect(to child: ForwardChild, port: Int) -> Bool {
        guard let socket = Socket.connecting(port: port) else { return false }
        backend = socket
        self.child = child
        child.connected += 1
        state = .connecting
        return true
    }

    /// Goes back to being held, with all that the client has sent.
    func hold(now: ContinuousClock.Instant) {
        backend = nil
        child = nil
        (up.bytes, up.start) = (early ?? [], 0)
        down = Flow()
        state = .held
        heldSince = now
    }

    /// Whether it can be connected again: nothing was answered, and all was kept.
    var canBeRepeated: Bool { !isAnswered && early != nil && !up.hasEnded }

    /// Ends it; the client sees an error unless it was answered, or the pod ended in order.
    func close() {
        if isAnswered || down.hasEnded { client.closeNow() } else { client.reset() }
        backend = nil
        child = nil
        state = .closed
    }

    /// What `poll` is to wait for at the client's socket.
    var clientEvents: Int16 {
        var events: Int32 = 0
        let hasRoom = state == .held ? up.bytes.count < Relay.earlyLimit : up.isEmpty
        if hasRoom, !up.hasEnded { events |= Int32(POLLIN) }
        if !down.isEmpty { events |= Int32(POLLOUT) }
        return Int16(events)
    }

    /// What `poll` is to wait for at kubectl's socket.
    var backendEvents: Int16 {
        if state == .connecting { return Int16(POLLOUT) }
        var events: Int32 = 0
        if down.isEmpty, !down.hasEnded { events |= Int32(POLLIN) }
        if !up.isEmpty { events |= Int32(POLLOUT) }
        return Int16(events)
    }

    /// How work on a socket ended.
    enum Result {
        /// Going on.
        case going
        /// The client is gone, or both sides are done.
        case over
        /// kubectl's side ended or failed.
        case backendEnded
    }

    /// Moves what can be moved, as `poll` reported.
    ///
    /// - Parameter isClientGone: whether `poll` reported an error of the client's socket: nothing
    ///   may be read from it just now, and then the error would be reported again and again.
    func work(_ scratch: UnsafeMutableRawBufferPointer, isClientGone: Bool) -> Result {
        if isClientGone { return .over }
        switch state {
        case .closed: return .over
        case .held: return readAhead(scratch)
        case .connecting:
            guard backend?.connectionError == 0 else { return .backendEnded }
            state = .open
        case .open: break
        }
        guard let backend else { return .over }
        switch move(client, backend, &up, scratch, isUp: true) {
        case .sourceFailed: return .over
        case .targetFailed: return .backendEnded
        case .moved: break
        }
        switch move(backend, client, &down, scratch, isUp: false) {
        case .sourceFailed: return .backendEnded
        case .targetFailed: return .over
        case .moved: break
        }
        if down.hasEnded, down.isEmpty {
            return isAnswered || up.hasEnded ? .over : .backendEnded
        }
        return .going
    }

    /// While it is held: keeps what the client sends, and notices when it gives up.
    private func readAhead(_ scratch: UnsafeMutableRawBufferPointer) -> Result {
        let count = client.receive(scratch)
        if count > 0 {
            up.add(scratch.prefix(count))
            up.total += count
            keep(scratch.prefix(count))
            return .going
        }
        return count < 0 && errno == EAGAIN ? .going : .over
    }

    private func keep(_ bytes: Slice<UnsafeMutableRawBufferPointer>) {
        guard let kept = early, !isAnswered else { return }
        early = kept.count + bytes.count > Relay.earlyLimit ? nil : kept + bytes
    }

    private enum Movement { case moved, sourceFailed, targetFailed }

    private func move(
        _ source: Socket, _ target: Socket, _ flow: inout Flow,
        _ scratch: UnsafeMutableRawBufferPointer, isUp: Bool
    ) -> Movement {
        // Bounded, so that one busy connection does not starve the others.
        for _ in 0..<4 {
            if !flow.isEmpty {
                let count = flow.pending.withUnsafeBytes { target.send($0) }
                guard count >= 0 || errno == EAGAIN else { return .targetFailed }
                if count > 0 { flow.drop(count) }
                guard flow.isEmpty else { return .moved }
                if flow.hasEnded, isUp { target.endSending() }
            }
            if flow.hasEnded { return .moved }
            let count = source.receive(scratch)
            if count == 0 {
                flow.hasEnded = true
                // A client is told by whoever knows whether it is held again.
                if isUp { target.endSending() }
                return .moved
            }
            guard count > 0 else { return errno == EAGAIN ? .moved : .sourceFailed }
            flow.total += count
            if isUp { keep(scratch.prefix(count)) } else { early = nil }
            let part = UnsafeRawBufferPointer(rebasing: scratch.prefix(count))
            let written = target.send(part)
            guard written >= 0 || errno == EAGAIN else { return .targetFailed }
            if max(written, 0) < count { flow.add(part.dropFirst(max(written, 0))) }
        }
        return .moved
    }
}
