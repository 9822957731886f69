import Synchronization
import SystemLibraries

/// A port of this machine that nobody has just now, and that nobody gets without asking for it.
///
/// What `bind` chooses for port 0 is from the range for outgoing connections (from 32768 on Linux
/// and 49152 on macOS): until the test listens on it, any program's connection may take it.
public func freePort() -> Int {
    while true {
        let port = Int.random(in: 15_000..<30_000)
        // Another test may have been given it, and not use it just now.
        guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
        #if canImport(Glibc)
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(UInt16(port).bigEndian)
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return port }
    }
}

/// The ports that tests of this process got.
private let givenPorts = Mutex<Set<Int>>([])
