import SystemLibraries

/// A request that asks a pod's program whether it is well, answered by a status from 200 to 399.
final class ForwardProbe {
    /// What is known of the answer.
    enum Verdict: Equatable {
        /// Not answered yet.
        case waiting
        /// It is well.
        case passed
        /// It is not, for this reason.
        case failed(String)
    }

    let child: ForwardChild
    /// When no answer is a bad one.
    let end: ContinuousClock.Instant
    private let socket: Socket
    private var request: [UInt8]
    private var answer: [UInt8] = []

    /// Begins to ask; nil when kubectl does not listen.
    init?(path: String, child: ForwardChild, port: Int, end: ContinuousClock.Instant) {
        guard let socket = Socket.connecting(port: port) else { return nil }
        (self.child, self.socket, self.end) = (child, socket, end)
        child.connected += 1
        request = Array(
            """
            GET \(path) HTTP/1.1\r
            Host: localhost\r
            User-Agent: devcluster\r
            Connection: close\r
            \r

            """.utf8)
    }

    var descriptor: Int32 { socket.descriptor }
    /// What `poll` is to wait for.
    var events: Int16 { Int16(request.isEmpty ? POLLIN : POLLOUT) }

    /// Sends and reads what can be.
    func work(_ scratch: UnsafeMutableRawBufferPointer) -> Verdict {
        guard request.isEmpty else {
            guard socket.connectionError == 0 else { return .failed("kubectl does not listen") }
            let count = request.withUnsafeBytes { socket.send($0) }
            if count > 0 { request.removeFirst(count) }
            return count >= 0 || errno == EAGAIN ? .waiting : .failed("it was cut off")
        }
        let count = socket.receive(scratch)
        if count < 0, errno == EAGAIN { return .waiting }
        guard count > 0 else { return .failed("it was cut off") }
        answer += scratch.prefix(count)
        return ForwardProbe.verdict(answer)
    }

    /// Judges what came so far: `HTTP/1.1 200 OK`.
    static func verdict(_ answer: [UInt8]) -> Verdict {
        let line = answer.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
        guard line.count < answer.count || line.count > 256 else { return .waiting }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count > 1, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
            return .failed("what answers speaks no HTTP")
        }
        return (200..<400).contains(status) ? .passed : .failed("it answered \(status)")
    }
}

/// The health of a forward that has a probe.
extension SupervisedForward {
    /// Whether clients may be connected through this kubectl.
    func isFit(_ child: ForwardChild) -> Bool { spec.probe == nil || child.isWell }

    /// The kubectl whose program is to be asked: of one that starts before of one that is used.
    private var asked: ForwardChild? {
        guard spec.probe != nil, case .pod = choice else { return nil }
        return [next, current].compactMap(\.self).first { $0.port != nil && !$0.hasEnded }
    }

    /// When something has to be done about the probe.
    var probeTime: ContinuousClock.Instant? {
        if let probe { return probe.end }
        guard let asked else { return nil }
        return asked.isWell
            ? probedAt.map { $0 + timing.probe } : probing.dueTime(timing, isHeld: isHeld)
    }

    /// Begins to ask when it is time.
    func ask(now: ContinuousClock.Instant) {
        if let probe {
            if !children.contains(where: { $0 === probe.child }) {
                self.probe = nil
            } else if now >= probe.end {
                finish(.failed("no answer within \(timing.probeLimit)"), now: now)
            }
        }
        guard probe == nil, let child = asked, let port = child.port, let path = spec.probe,
            probeTime.map({ $0 <= now }) ?? true
        else { return }
        probe = ForwardProbe(
            path: path, child: child, port: port, end: now + timing.probeLimit)
        if probe == nil { finish(.failed("kubectl does not listen"), now: now) }
    }

    /// Takes in what `poll` reported of the probe.
    func workOnProbe(
        _ scratch: UnsafeMutableRawBufferPointer, now: ContinuousClock.Instant
    ) {
        if let probe { finish(probe.work(scratch), now: now) }
    }

    private func finish(_ verdict: ForwardProbe.Verdict, now: ContinuousClock.Instant) {
        guard verdict != .waiting else { return }
        let child = probe?.child
        (probe, probedAt) = (nil, now)
        isWell = verdict == .passed
        child?.isWell = isWell
        if case .failed(let reason) = verdict {
            probing.fail(timing, now: now)
            if let child {
                // A refusal was of the probe, and says nothing about a client's connection.
                let before = child.refusals
                readOutput(of: child)
                child.refusals = before
            }
            note(error: "probe http \(spec.probe ?? ""): \(reason)")
        } else {
            probing.reset()
        }
    }
}
