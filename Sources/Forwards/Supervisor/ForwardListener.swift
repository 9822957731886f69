import SystemLibraries

/// The local port of a forward: the socket that listens there, or when to try again.
struct ForwardListener {
    private let address: String
    private let port: Int
    private let timing: ForwardTiming
    private var socket: Socket?
    private var attempts = BackOff()

    /// Describes it; nothing listens yet.
    init(address: String, port: Int, timing: ForwardTiming) {
        (self.address, self.port, self.timing) = (address, port, timing)
    }

    var isOpen: Bool { socket != nil }
    /// What `poll` waits for; -1 while nothing listens.
    var descriptor: Int32 { socket?.descriptor ?? -1 }
    /// When it is to be opened again; nil when it listens, or may be opened now.
    var nextTime: ContinuousClock.Instant? {
        socket == nil ? attempts.dueTime(timing, isHeld: false) : nil
    }

    /// What became of an attempt to listen.
    enum Opening: Equatable {
        /// It listens already, or it is not time yet.
        case notTried
        /// It listens from now on.
        case opened
        /// The system does not let it, for this reason.
        case failed(String)
    }

    /// Listens, if it does not yet and an attempt is due.
    mutating func open(now: ContinuousClock.Instant) -> Opening {
        guard socket == nil, attempts.isDue(timing, isHeld: false, now: now) else {
            return .notTried
        }
        socket = Socket.listening(address: address, port: port)
        guard socket == nil else {
            attempts.reset()
            return .opened
        }
        let reason = String(cString: strerror(errno))
        attempts.fail(timing, now: now)
        return .failed("cannot listen on \(address):\(port): \(reason)")
    }

    /// Makes another attempt due at once.
    mutating func tryAgain() { attempts.reset() }

    /// What is to be taken from its queue.
    enum Arrival {
        case client(Socket)
        /// Nobody waits.
        case nobody
        /// Somebody may wait, but there are too many open files.
        case tooManyFiles
    }

    /// Takes the next client.
    func accept() -> Arrival {
        guard let socket else { return .nobody }
        if let client = socket.accepted() { return .client(client) }
        let code = errno
        return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) ? .tooManyFiles : .nobody
    }

    /// Gives up the port.
    mutating func close() { socket = nil }
}
