import ChildProcess
import SystemLibraries
import Vocabulary

/// Finds out whether a port of this machine is taken, and by whom.
public struct PortHolder: Sendable {
    let runner: any Runner

    /// Looks with the help of this runner where the system itself does not tell.
    package init(runner: any Runner) {
        self.runner = runner
    }

    /// Whether a socket can be bound to the port of this address right now.
    public static func isFree(_ port: Int, address: String = "127.0.0.1") -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // As servers do: a port in TIME_WAIT is free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        // An IPv6 address cannot be tried here; kubectl says if its port is taken.
        guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else { return true }
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 || errno != EADDRINUSE
    }

    /// Throws unless the port is free.
    ///
    /// - Throws: `DevClusterError` naming the process that holds it.
    package func requireFree(
        _ port: Int, address: String = "127.0.0.1", for purpose: String, hint: String
    ) async throws {
        let isFree = try await PortHolder.becomesFree(
            isFree: { PortHolder.isFree(port, address: address) },
            hasHolder: { await listener(port) != nil })
        guard !isFree else { return }
        let holder = await describe(port)
        throw DevClusterError(
            .failed, "port \(port) is needed for \(purpose), but \(holder) holds it", hint: hint)
    }

    /// Whether a port is free, or becomes so by itself.
    ///
    /// A process with many threads, such as kubectl, can be a zombie already while its last
    /// thread still has the socket: then no process is seen to hold it, and it goes in a moment.
    static func becomesFree(
        within limit: Duration = .seconds(2), isFree: () -> Bool, hasHolder: () async -> Bool
    ) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while !isFree() {
            guard await !hasHolder(), ContinuousClock.now < end else { return isFree() }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// The process that listens on the port, in words.
    func describe(_ port: Int) async -> String {
        guard let pid = await listener(port) else {
            #if os(Linux)
                // Its files cannot be seen, but whose socket it is can.
                if let user = PortHolder.listeningSockets(port).values.first, user != getuid() {
                    return "a process of user '\(PortHolder.userName(user))'"
                }
            #endif
            return "another process"
        }
        let command = ProcessIdentity.commandLine(of: pid)?.prefix(6).joined(separator: " ")
        return "process \(pid)" + (command.map { " (\($0.prefix(120)))" } ?? "")
    }

    /// The process that listens on the port; nil when it cannot be seen (another user's).
    package func listener(_ port: Int) async -> Int32? {
        #if os(Linux)
            return PortHolder.seenListener(port)
        #else
            let outcome = try? await runner.run(
                Invocation("lsof", ["-nP", "-t", "-iTCP:\(port)", "-sTCP:LISTEN"]))
            return outcome?.text.split(whereSeparator: \.isNewline).first.flatMap { Int32($0) }
        #endif
    }

    #if os(Linux)
        /// The process that listens on the port, as one look at all of them shows it.
        private static func seenListener(_ port: Int) -> Int32? {
            let sockets = PortHolder.listeningSockets(port)
            guard !sockets.isEmpty else { return nil }
            let holders = ProcessIdentity.all().filter { process in
                let folder = "/proc/\(process.pid)/fd"
                return PortHolder.names(in: folder).contains { name in
                    let target = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "\(folder)/\(name)")
                    return target.map { sockets[$0] != nil } ?? false
                }
            }
            // Children have their parent's sockets, until they run a program of their own.
            return holders.first { process in
                let parent = process.parent
                // One that has ended meanwhile has no parent to be told by.
                return process.isAlive && !holders.contains { $0 == parent }
            }?.pid
        }

        /// A user's name, or number where there is none.
        package static func userName(_ user: uid_t) -> String {
            getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
        }

        /// The entries of a folder of `/proc`; those that go meanwhile hide none of the others.
        private static func names(in folder: String) -> [String] {
            guard let stream = opendir(folder) else { return [] }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                names.append(
                    withUnsafePointer(to: &entry.pointee.d_name) { name in
                        name.withMemoryRebound(to: CChar.self, capacity: 256) {
                            String(cString: $0)
                        }
                    })
            }
            return names
        }

        /// `socket:[inode]` of every listening TCP socket on the port with its user, from
        /// `/proc/net/tcp`: field 1 is the local address in hexadecimal, field 3 is `0A` for LISTEN,
        /// 7 the user, 9 the inode.
        private static func listeningSockets(_ port: Int) -> [String: uid_t] {
            let hex = String(port, radix: 16, uppercase: true)
            let suffix = ":" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
            var sockets: [String: uid_t] = [:]
            for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
                let bytes = readFile(table, limit: 64 << 20) ?? []
                for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                    let fields = line.split(separator: " ")
                    if fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" {
                        sockets["socket:[\(fields[9])]"] = uid_t(fields[7])
                    }
                }
            }
            return sockets
        }
    #endif
}
