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
