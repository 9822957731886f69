import SystemLibraries

/// A process that cannot be mistaken for a later one with the same id.
///
/// Process ids are reused; together with the time of its start and the boot it belongs to, one
/// is unique. It can be written to a file and acted upon by another run of the tool.
public struct ProcessIdentity: Sendable, Codable, Hashable {
    /// Its process id.
    public var pid: Int32
    /// When it started. Linux: clock ticks since boot (field 22 of `/proc/PID/stat`); macOS:
    /// microseconds since 1970.
    public var startTicks: UInt64
    /// Which boot of the machine `startTicks` belongs to.
    public var bootID: String

    /// The process this code runs in.
    public static let current = ProcessIdentity(entryOf: getpid())

    /// All processes that can be seen and have not ended.
    public static func all() -> [ProcessIdentity] {
        ProcessTable.read().entries.filter { !$0.isZombie }.map { ProcessIdentity($0) }
    }

    /// The process that has this id now; nil if there is none, or only a zombie.
    public init?(pid: Int32) {
        guard let entry = ProcessTable.entry(pid), !entry.isZombie else { return nil }
        self.init(entry)
    }

    init(_ entry: ProcessEntry) {
        self.init(pid: entry.pid, startTicks: entry.startTicks)
    }

    /// A child of ours not yet waited for: even after its end its row is still there.
    init(entryOf pid: Int32) {
        self.init(pid: pid, startTicks: ProcessTable.entry(pid)?.startTicks ?? 0)
    }

    private init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
        self.bootID = ProcessIdentity.currentBootID
    }

    /// Whether it still runs. A zombie does not.
    public var isAlive: Bool { entry != nil }

    /// The process that started it, or that adopted it; nil if it has ended or has none.
    public var parent: ProcessIdentity? {
        entry.flatMap { ProcessIdentity(pid: $0.parent) }
    }

    /// Its program and arguments; nil if it has ended or may not be looked at.
    public var commandLine: [String]? {
        guard isAlive, let line = ProcessIdentity.commandLine(of: pid), isAlive else { return nil }
        return line
    }

    /// All running processes that descend from it, parents before their children.
    ///
    /// A descendant whose own parent has ended belongs to process 1 and is not found.
    public func descendants() -> [ProcessIdentity] {
        guard isAlive else { return [] }
        let family = ProcessTable.read().family(of: [pid])
        // Were it gone by now, its id could have been another's when the table was read.
        return isAlive ? family.map { ProcessIdentity($0) } : []
    }

    /// Its row in the process table, unless it has ended.
    var entry: ProcessEntry? {
        guard bootID == ProcessIdentity.currentBootID, let entry = ProcessTable.entry(pid),
            entry.startTicks == startTicks, !entry.isZombie
        else { return nil }
        return entry
    }

    /// Sends it a signal, and never to another process that got its id since.
    ///
    /// - Returns: whether the signal was sent; false if it has ended or is not ours to signal.
    @discardableResult
    public func send(_ signal: Int32) -> Bool {
        guard pid > 0 else { return false }
        #if !canImport(Darwin)
            // Opened first and checked then: from here on the descriptor means this process.
            let process = Descriptor(openProcess(pid))
            if process.isOpen {
                return isAlive && signalProcess(process.number, signal)
            }
            guard errno == ENOSYS else { return false }
        #endif
        return isAlive && kill(pid, signal) == 0
    }

    /// Ends a process that is not our child: TERM, then after the grace period KILL.
    ///
    /// Cancelling the task does not interrupt this.
    /// - Returns: whether it is gone; false if it is not ours to signal or hangs in the kernel.
    @discardableResult
    public func end(grace: Duration = SystemRunner.defaultGrace) async -> Bool {
        await Task {
            send(SIGTERM)
            // A stopped process acts on TERM only once it continues.
            send(SIGCONT)
            if await isGone(within: grace) { return true }
            send(SIGKILL)
            return await isGone(within: .seconds(2))
        }.value
    }

    private func isGone(within limit: Duration) async -> Bool {
        let end = instant(after: limit)
        var pause: Duration = .milliseconds(1)
        while isAlive {
            if ContinuousClock.now >= end { return false }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
        return true
    }
}

#if canImport(Darwin)
    extension ProcessIdentity {
        fileprivate static let currentBootID: String = {
            var text = [CChar](repeating: 0, count: 64)
            var size = text.count - 1
            guard sysctlbyname("kern.bootsessionuuid", &text, &size, nil, 0) == 0 else { return "" }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        }()

        /// The program and arguments of the process that has this id now; nil if there is none
        /// or it may not be looked at.
        public static func commandLine(of pid: Int32) -> [String]? {
            var name = [CTL_KERN, KERN_PROCARGS2, pid]
            var size = 0
            guard sysctl(&name, 3, nil, &size, nil, 0) == 0 else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctl(&name, 3, &bytes, &size, nil, 0) == 0, size > 4 else { return nil }
            // The count, the executable's path, padding, then that many arguments.
            let count = bytes.withUnsafeBytes { Int($0.loadUnaligned(as: Int32.self)) }
            let rest = bytes[4..<size].drop { $0 != 0 }.drop { $0 == 0 }
            return rest.split(separator: 0, omittingEmptySubsequences: false).prefix(count).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }
#else
    extension ProcessIdentity {
        fileprivate static let currentBootID: String = {
            let text = readFile("/proc/sys/kernel/random/boot_id", limit: 64) ?? []
            return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }()

        /// The program and arguments of the process that has this id now; nil if there is none.
        ///
        /// Bytes that are not UTF-8 are replaced by U+FFFD.
        public static func commandLine(of pid: Int32) -> [String]? {
            guard let bytes = readFile("/proc/\(pid)/cmdline", limit: 4 << 20), !bytes.isEmpty
            else {
                return nil
            }
            // Each argument is followed by a null byte, the last one too.
            let end = bytes.last == 0 ? bytes.dropLast() : bytes[...]
            return end.split(separator: 0, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }
#endif
