import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The forwards of one cluster, a file each, so that only processes of ours are ever signalled.
public struct ForwardLedger: Sendable {
    /// The cluster's state folder.
    let folder: String

    /// The ledger in this cluster's state folder.
    public init(folder: String) {
        self.folder = folder
    }

    /// The log of a forward's process.
    func log(_ name: String) -> String { "\(folder)/logs/forward-\(name).log" }

    private func file(_ name: String) -> StoredFile<ForwardRecord> {
        StoredFile(path: "\(folder)/forwards/\(name).json")
    }

    /// All entries, by name; a damaged file is left out.
    public func records() -> [ForwardRecord] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/forwards"))
        return (files ?? []).sorted().compactMap { name in
            name.hasSuffix(".json") ? StoredFile(path: "\(folder)/forwards/\(name)").read() : nil
        }
    }

    /// All entries with their present state.
    public func statuses(now: Date = Date()) -> [ForwardStatus] {
        records().map { record in
            ForwardStatus(
                forward: record, state: record.process?.isAlive == true ? .running : .dead,
                age: now.timeIntervalSince(record.startedAt))
        }
    }

    func read(_ name: String) -> ForwardRecord? { file(name).read() }

    func write(_ record: ForwardRecord) throws { try file(record.name).write(record) }

    /// Ends a forward's process, if it is still the one that was started, and forgets it.
    ///
    /// - Returns: whether there was an entry.
    func end(_ name: String) async throws -> Bool {
        guard let record = read(name) else { return false }
        if let process = record.process, await !process.end() {
            throw DevClusterError(
                .failed, "the process \(process.pid) of the forward '\(name)' does not end")
        }
        file(name).remove()
        return true
    }

    /// Ends every forward, also those whose entry is damaged.
    ///
    /// - Returns: the names of those that were ended.
    func endAll(dryRun: Bool) async throws -> [String] {
        var names = records().map(\.name)
        if dryRun { return names }
        for name in names { _ = try await end(name) }
        // What a truncated entry no longer names still carries our mark.
        for orphan in ForwardProcess.marked(folder: folder) {
            await orphan.end()
            names.append("process \(orphan.pid)")
        }
        try? FileManager.default.removeItem(atPath: "\(folder)/forwards")
        return names
    }
}

/// The processes of forwards, found without the ledger.
enum ForwardProcess {
    /// A variable in the environment of every forward of ours; its value is the state folder.
    static let mark = "DEVCLUSTER_FORWARD"

    /// Processes that carry the mark of this folder (Linux; elsewhere only the ledger knows).
    static func marked(folder: String) -> [ProcessIdentity] {
        #if os(Linux)
            let entry = Data("\(mark)=\(folder)".utf8)
            return PortHolder.processes().compactMap { pid in
                guard pid != ProcessIdentity.current.pid,
                    let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                    environment.split(separator: 0).contains(where: { $0 == entry[...] })
                else { return nil }
                return ProcessIdentity(pid: pid)
            }
        #else
            return []
        #endif
    }

    /// `kubectl port-forward` processes that carry no mark of ours.
    static func foreign() -> [ForeignForward] {
        #if os(Linux)
            return PortHolder.processes().compactMap { pid in
                guard let command = ProcessIdentity.commandLine(of: pid),
                    let tool = command.first?.split(separator: "/").last, tool == "kubectl",
                    command.contains("port-forward"), let process = ProcessIdentity(pid: pid)
                else { return nil }
                let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ")
                // Empty for a moment after the start: it could be ours.
                guard environment?.isEmpty != true else { return nil }
                let prefix = Data("\(mark)=".utf8)
                let isOurs = environment?.split(separator: 0).contains { $0.starts(with: prefix) }
                guard isOurs != true else { return nil }
                return ForeignForward(process: process, command: command.joined(separator: " "))
            }
        #else
            return []
        #endif
    }
}

/// A `kubectl port-forward` that somebody else started.
public struct ForeignForward: Codable, Sendable, Equatable {
    /// The process.
    public var process: ProcessIdentity
    /// Its command line.
    public var command: String
}
