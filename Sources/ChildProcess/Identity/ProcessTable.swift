import SystemLibraries

/// One row of the system's process table.
struct ProcessEntry: Hashable {
    var pid: Int32
    var parent: Int32
    var group: Int32
    /// Linux: clock ticks since boot; macOS: microseconds since 1970.
    var startTicks: UInt64
    /// It has ended and waits for its parent to take note.
    var isZombie: Bool
}

/// A reading of the system's process table, as far as we may see it.
struct ProcessTable {
    var entries: [ProcessEntry]

    /// All processes that descend from one of these or belong to one of these groups, parents
    /// before their children, without the seeds themselves and without zombies.
    ///
    /// Descent is by parent only, so a process whose own parent has ended is no longer found:
    /// it was left behind on purpose (a daemon) and belongs to process 1.
    func family(of seeds: Set<Int32>, groups: Set<Int32> = []) -> [ProcessEntry] {
        var found: [ProcessEntry] = []
        var members = seeds
        var rest = entries.filter { !seeds.contains($0.pid) }
        while true {
            let isMember = { (entry: ProcessEntry) in
                members.contains(entry.parent) || groups.contains(entry.group)
            }
            let next = rest.filter(isMember)
            guard !next.isEmpty else { return found.filter { !$0.isZombie } }
            found += next
            members.formUnion(next.map(\.pid))
            rest.removeAll(where: { members.contains($0.pid) })
        }
    }
}

#if canImport(Darwin)
    extension ProcessTable {
        /// Reads the whole table.
        static func read() -> ProcessTable {
            ProcessTable(entries: query([CTL_KERN, KERN_PROC, KERN_PROC_ALL]))
        }

        /// Reads one row; nil if there is no such process.
        static func entry(_ pid: Int32) -> ProcessEntry? {
            query([CTL_KERN, KERN_PROC, KERN_PROC_PID, pid]).first { $0.pid == pid }
        }

        private static func query(_ name: [Int32]) -> [ProcessEntry] {
            var name = name
            var size = 0
            guard sysctl(&name, UInt32(name.count), nil, &size, nil, 0) == 0 else { return [] }
            // The table may grow between the two calls.
            let stride = MemoryLayout<kinfo_proc>.stride
            var rows = [kinfo_proc](repeating: kinfo_proc(), count: size / stride + 64)
            size = rows.count * stride
            guard sysctl(&name, UInt32(name.count), &rows, &size, nil, 0) == 0 else { return [] }
            return rows.prefix(size / stride).map { row in
                let start = row.kp_proc.p_un.__p_starttime
                // 5 is SZOMB of <sys/proc.h>.
                return ProcessEntry(
                    pid: row.kp_proc.p_pid, parent: row.kp_eproc.e_ppid,
                    group: row.kp_eproc.e_pgid,
                    startTicks: UInt64(start.tv_sec) * 1_000_000 + UInt64(start.tv_usec),
                    isZombie: row.kp_proc.p_stat == 5)
            }
        }
    }
#else
    extension ProcessTable {
        /// Reads the whole table.
        static func read() -> ProcessTable {
            guard let folder = opendir("/proc") else { return ProcessTable(entries: []) }
            defer { closedir(folder) }
            var entries: [ProcessEntry] = []
            while let item = readdir(folder) {
                let pid = withUnsafeBytes(of: &item.pointee.d_name) { name in
                    number(name.prefix { $0 != 0 })
                }
                if let pid, let entry = entry(Int32(truncatingIfNeeded: pid)) {
                    entries.append(entry)
                }
            }
            return ProcessTable(entries: entries)
        }

        /// Reads one row; nil if there is no such process.
        static func entry(_ pid: Int32) -> ProcessEntry? {
            guard pid > 0, let line = readFile("/proc/\(pid)/stat", limit: 4096) else { return nil }
            return parse(line)
        }

        /// Reads a row as `/proc/PID/stat` has it.
        ///
        /// The second field is the program's name in brackets and may itself hold spaces and
        /// brackets, so fields are counted from the last closing one (proc_pid_stat(5)).
        static func parse(_ line: [UInt8]) -> ProcessEntry? {
            guard let bracket = line.lastIndex(of: UInt8(ascii: ")")),
                let pid = number(line.prefix { $0 != UInt8(ascii: " ") })
            else { return nil }
            let fields = line[(bracket + 1)...].split(separator: UInt8(ascii: " "))
            // State, parent, group …; the start is field 22 of all, counted from 1.
            guard fields.count > 19, let parent = number(fields[1]), let group = number(fields[2]),
                let start = number(fields[19])
            else { return nil }
            let state = fields[0].first
            return ProcessEntry(
                pid: Int32(truncatingIfNeeded: pid), parent: Int32(truncatingIfNeeded: parent),
                group: Int32(truncatingIfNeeded: group), startTicks: start,
                isZombie: state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"))
        }

        private static func number(_ digits: some Collection<UInt8>) -> UInt64? {
            guard !digits.isEmpty else { return nil }
            var value: UInt64 = 0
            for digit in digits {
                guard (48...57).contains(digit) else { return nil }
                value = value &* 10 &+ UInt64(digit - 48)
            }
            return value
        }
    }

    /// The bytes of a file, about `limit` at most; nil if it cannot be read.
    ///
    /// For files of `/proc`, which have no size and are given out a page at a time: FileManager
    /// takes the first short read for the end (Swift 6.3.1: 4050 of 17100 bytes of
    /// `/proc/net/tcp`).
    public func readFile(_ path: String, limit: Int) -> [UInt8]? {
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard file.isOpen else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = retrying { read(file.number, &buffer, min(buffer.count, limit)) }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
#endif
