import Foundation
import Synchronization
import SystemLibraries

/// An HTTP server of this machine that answers each request with whatever bytes the test says, and
/// remembers the requests.
public final class HostileServer: Sendable {
    /// Sends bytes; false when the client is gone.
    public typealias Send = @Sendable (String) -> Bool

    /// Its port at 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let heard = Heard()

    /// The heads of the requests so far.
    public var requests: [String] { heard.heads.withLock { $0 } }

    /// Outlives the server where a client is still being answered.
    private final class Heard: Sendable {
        let heads = Mutex<[String]>([])
    }

    /// Listens until nobody has it any more.
    ///
    /// - Parameter answer: is given the head of a request; the connection ends when it returns.
    public init(_ answer: @escaping @Sendable (String, Send) -> Void) throws {
        listener = Self.tcpSocket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let result = bind(descriptor, $0, size)
                getsockname(descriptor, $0, &size)
                return result == 0 && listen(descriptor, 64) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [heard] in
            while true {
                let client = accept(descriptor, nil, nil)
                if client < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard client >= 0 else { break }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread {
                    defer { close(client) }
                    let head = Self.head(client)
                    heard.heads.withLock { $0.append(head) }
                    answer(head) { Self.send(client, $0) }
                }
            }
            close(descriptor)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func tcpSocket() -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func head(_ client: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !bytes.suffix(4096 + 4).contains(sequence: [13, 10, 13, 10]), bytes.count < 1 << 20 {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func send(_ client: Int32, _ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.send(client, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                #else
                    Darwin.send(client, bytes.baseAddress, bytes.count, 0)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

extension Collection where Element == UInt8 {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        firstRange(of: sequence) != nil
    }
}
