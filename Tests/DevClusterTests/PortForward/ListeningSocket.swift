import SystemLibraries
import Testing

/// A socket that listens on a free port of an address until the last reference to it goes.
final class ListeningSocket: Sendable {
    let port: Int
    private let descriptor: Int32

    init(address: String = "127.0.0.1", port wanted: Int = 0) throws {
        #if canImport(Glibc)
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(UInt16(wanted).bigEndian)
        inet_pton(AF_INET, address, &name.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let result = bind(descriptor, $0, size)
                getsockname(descriptor, $0, &size)
                return result
            }
        }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: UInt16(name.sin_port)))
        try #require(bound == 0 && listen(descriptor, 1) == 0)
    }

    deinit { close(descriptor) }
}
