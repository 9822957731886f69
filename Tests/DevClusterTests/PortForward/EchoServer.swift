import Foundation
import Synchronization
import SystemLibraries
import Testing

/// Stands for a pod: answers each connection with its name and what it was sent.
final class EchoServer: Sendable {
    let port: Int
    private let listener: Listener
    private let waiting: Waiting

    /// Closed only when nobody uses it any more: its number may be another socket's at once.
    private final class Listener: Sendable {
        let descriptor = EchoServer.socket()

        deinit { close(descriptor) }

        func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// How many clients waited for their answer.
    private final class Waiting: Sendable {
        let counts = Mutex((now: 0, most: 0))

        func change(by number: Int) {
            counts.withLock {
                $0.now += number
                $0.most = max($0.most, $0.now)
            }
        }
    }

    /// How many clients waited for their answer at the same time.
    var mostAtOnce: Int { waiting.counts.withLock { $0.most } }

    /// - Parameter delay: microseconds that each answer takes.
    /// - Parameter turnsAway: called for each client, which is then cut off; whether the port
    ///   stays open.
    init(_ name: String, delay: UInt32 = 0, turnsAway: (@Sendable () -> Bool)? = nil) throws {
        let waiting = Waiting()
        self.waiting = waiting
        let listener = Listener()
        let descriptor = listener.descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let result = bind(descriptor, $0, size)
                getsockname(descriptor, $0, &size)
                return result
            }
        }
        try #require(bound == 0 && listen(descriptor, 64) == 0)
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let client = accept(listener.descriptor, nil, nil)
                guard client >= 0 else {
                    // Interrupted, or short of descriptors for a moment.
                    if errno == EINVAL { return }
                    continue
                }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                waiting.change(by: 1)
                Thread.detachNewThread {
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    if let turnsAway {
                        if !turnsAway() { listener.stop() }
                        close(client)
                        return
                    }
                    let count = recv(client, &buffer, buffer.count, 0)
                    if delay > 0 { usleep(delay) }
                    waiting.change(by: -1)
                    let answer = Array("\(name):".utf8) + buffer.prefix(max(count, 0))
                    if count > 0 { _ = send(client, answer, answer.count, noSignal) }
                    close(client)
                }
            }
        }
    }

    /// Ends the thread that accepts.
    deinit { listener.stop() }

    /// A socket that no child of other tests gets.
    private static func socket() -> Int32 {
        let descriptor = systemSocket(AF_INET, SOCK_STREAM.number, 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    /// Sends a text to a port of this machine and returns the answer; nil when refused or cut off.
    static func ask(_ port: Int, _ text: String) async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: exchange(port, text)) }
        }
    }

    private static func exchange(_ port: Int, _ text: String) -> String? {
        let client = socket()
        defer { close(client) }
        var limit = timeval(tv_sec: 600, tv_usec: 0)
        setsockopt(
            client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
        let bytes = Array(text.utf8)
        _ = send(client, bytes, bytes.count, noSignal)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            if count < 0 { return nil }
            if count == 0 { return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
        }
    }
}

/// Inside a type with a function `socket`, the C function of that name cannot be called.
private func systemSocket(_ family: Int32, _ type: Int32, _ number: Int32) -> Int32 {
    socket(family, type, number)
}

#if canImport(Glibc)
    private let noSignal = Int32(MSG_NOSIGNAL)
    extension __socket_type {
        fileprivate var number: Int32 { Int32(rawValue) }
    }
#else
    private let noSignal: Int32 = 0
    extension Int32 {
        fileprivate var number: Int32 { self }
    }
#endif
