import SystemLibraries

/// A TCP socket that never blocks, closed when it is no longer used.
final class Socket {
    /// What `poll` waits for; -1 once closed.
    private(set) var descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { closeNow() }

    /// Closes it; what was not sent yet still goes out.
    func closeNow() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Closes it so that the other side sees an error instead of an end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        closeNow()
    }

    /// Listens on a port of an address.
    ///
    /// - Returns: nil with `errno` set.
    static func listening(address: String, port: Int) -> Socket? {
        guard let socket = make(address) else { return nil }
        // As servers do: a port in TIME_WAIT is free.
        socket.set(SOL_SOCKET, SO_REUSEADDR)
        let result = withAddress(address, port) { bind(socket.descriptor, $0, $1) }
        guard result == 0, listen(socket.descriptor, 512) == 0 else { return nil }
        return socket
    }

    /// A port of this machine that nobody has just now; nil with `errno` set.
    static var freePort: Int? {
        guard let socket = listening(address: "127.0.0.1", port: 0) else { return nil }
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket.descriptor, $0, &size)
            }
        }
        return result == 0 ? Int(UInt16(bigEndian: name.sin_port)) : nil
    }

    /// Begins to connect to a port of this machine.
    static func connecting(port: Int) -> Socket? {
        guard let socket = make("127.0.0.1") else { return nil }
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY)
        let result = withAddress("127.0.0.1", port) { connect(socket.descriptor, $0, $1) }
        return result == 0 || errno == EINPROGRESS ? socket : nil
    }

    /// The next client; nil when there is none, or with `errno` set to `EMFILE` or the like.
    func accepted() -> Socket? {
        let number = accept(descriptor, nil, nil)
        guard number >= 0 else { return nil }
        let socket = Socket(number)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY)
        return socket
    }

    /// Why a connection attempt failed; 0 when it did not.
    var connectionError: Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads without waiting: a count, 0 at the end, -1 with `errno`.
    func receive(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// Writes without waiting: a count, or -1 with `errno`.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        while true {
            let count = sendBytes(descriptor, bytes, flags)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    private func set(_ level: Int32, _ option: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, level, option, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func make(_ address: String) -> Socket? {
        let family = address.contains(":") ? AF_INET6 : AF_INET
        #if canImport(Glibc)
            let number = socket(
                family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let number = socket(family, SOCK_STREAM, 0)
        #endif
        return number >= 0 ? Socket(number) : nil
    }

    private static func withAddress(
        _ address: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let number = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        if address.contains(":") {
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = number
            inet_pton(AF_INET6, address, &name.sin6_addr)
            return withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = number
        inet_pton(AF_INET, address, &name.sin_addr)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Inside a type with a method `send`, the C function of that name cannot be called.
private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int
{
    send(descriptor, bytes.baseAddress, bytes.count, flags)
}
