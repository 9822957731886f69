import Synchronization
import SystemLibraries

/// Standard input, output and error, as the caller left them.
enum StandardStreams {
    /// What the system said when the result could not be written.
    private static let failure = Mutex<Int32?>(nil)

    /// Opens those that the caller closed: else the next file of ours would get the number, and
    /// what is said would be written into it.
    static func fill() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one.
            _ = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
        }
    }

    /// Writes all of it, however slow the reader is; one that went away is no error of ours.
    static func write(_ descriptor: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { unsafe in
                #if canImport(Glibc)
                    Glibc.write(descriptor, unsafe.baseAddress, unsafe.count)
                #else
                    Darwin.write(descriptor, unsafe.baseAddress, unsafe.count)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            // Whoever shares a pipe with us may have set it so that it does not wait.
            if count < 0 && errno == EAGAIN && waitUntilWritable(descriptor) { continue }
            guard count > 0 else {
                if descriptor == 1 && errno != EPIPE { note(errno) }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func waitUntilWritable(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&waiting, 1, -1) >= 0 || errno == EINTR
    }

    private static func note(_ code: Int32) { failure.withLock { $0 = $0 ?? code } }

    /// Ends the process; with success only where the result could be written.
    static func exit(_ code: Int32) -> Never {
        guard let reason = failure.withLock({ $0 }) else { end(code) }
        let text = String(cString: strerror(reason)).lowercased()
        write(2, "error: the result could not be written to standard output: \(text)\n")
        end(code == 0 ? 1 : code)
    }

    private static func end(_ code: Int32) -> Never {
        #if canImport(Glibc)
            Glibc.exit(code)
        #else
            Darwin.exit(code)
        #endif
    }
}

/// Writes all bytes to standard output (1) or error (2).
func write(_ descriptor: Int32, _ text: String) { StandardStreams.write(descriptor, text) }
