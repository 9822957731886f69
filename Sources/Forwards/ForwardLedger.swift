import ChildProcess
import StateFiles
import SystemLibraries
import Vocabulary

/// The forwards of one cluster, a file each: what its supervisor last said of them.
///
/// It can be read while the supervisor lives and after it has died.
public struct ForwardLedger: Sendable {
    /// The cluster's state folder.
    let folder: String

    /// The ledger in this cluster's state folder.
    public init(folder: String) {
        self.folder = folder
    }

    /// The log of a forward.
    func log(_ name: String) -> String { "\(folder)/logs/forward-\(name).log" }

    private func file(_ name: String) -> StoredFile<ForwardRecord> {
        StoredFile(path: "\(folder)/forwards/\(name).json")
    }

    /// All entries, by name; a damaged file is left out.
    ///
    /// - Throws: `DevClusterError` when one cannot be read.
    func records() throws -> [ForwardRecord] {
        try (WholeFile.names(in: "\(folder)/forwards") ?? []).compactMap { name in
            name.hasSuffix(".json")
                ? try StoredFile(path: "\(folder)/forwards/\(name)").read() : nil
        }
    }

    /// All forwards that are wanted or have an entry, with their present state.
    ///
    /// - Throws: `DevClusterError` when one cannot be read.
    public func statuses(now: Date = Date()) throws -> [ForwardStatus] {
        var records = try records()
        // Wanted, and without an entry: its supervisor died before it wrote one, or it was damaged.
        switch ForwardSpecs.read(folder) {
        case .absent, .damaged: break
        case .unreadable(let error): throw error
        case .specs(let specs):
            let known = Set(records.map(\.name))
            records += specs.forwards.filter { !known.contains($0.name) }.map {
                ForwardRecord($0, context: specs.context)
            }
        }
        return records.sorted { $0.name < $1.name }.map { ForwardStatus($0, now: now) }
    }

    /// An entry, for those who look again; nil when there is none, or it cannot be read just now.
    func read(_ name: String) -> ForwardRecord? { (try? file(name).read()) ?? nil }

    /// Whether a forward of this request runs.
    func isUsable(_ spec: ForwardSpec) -> Bool {
        guard let record = read(spec.name), record.request == spec.id else { return false }
        return ForwardStatus(record).state == .running
    }

    /// Whether to wait for what was asked for before; what failed is asked for anew.
    func goesOn(_ known: ForwardSpec, as spec: ForwardSpec) -> Bool {
        known.asksFor(spec) && read(known.name)?.state != .failed
    }

    /// Replaces an entry. A reboot ends what it tells of, so it need not survive one.
    func write(_ record: ForwardRecord) throws {
        try file(record.name).write(record, survivesPowerLoss: false)
    }

    func remove(_ name: String) { file(name).remove() }

    /// The processes that the entries name, but this one.
    var processes: Set<ProcessIdentity> {
        get throws {
            let all = try records().flatMap { [$0.supervisor, $0.process].compactMap(\.self) }
            return Set(all).subtracting([.current])
        }
    }

    /// Whether a supervisor works on these forwards.
    package var isSupervised: Bool { StateLock.isTaken(ForwardSupervisor.lock(folder)) }

    /// The supervisor that works on these forwards, also when every entry is damaged.
    var supervisor: ProcessIdentity? {
        let lock = StoredFile<StateLock.Holder>(path: ForwardSupervisor.lock(folder))
        return isSupervised ? (try? lock.read())??.process : nil
    }

    /// Ends every forward with everything that runs for it, also when nothing is left to say what.
    ///
    /// - Returns: the names of those that were ended.
    package func endAll(dryRun: Bool) async throws -> [String] {
        var names = try statuses().map(\.forward.name)
        if dryRun { return names }
        StoredFile<ForwardSpecs>(path: ForwardSpecs.path(folder)).remove()
        WakePipe.send(.end, folder: folder)
        for _ in 0..<100 where isSupervised { try await Task.sleep(for: .milliseconds(20)) }
        // Those that hang, and those whose supervisor was killed.
        let recorded = try processes
        let found = ForwardProcess.ours(folder: folder)
        for process in recorded.union(found) where await !process.end() {
            throw DevClusterError(
                .failed, "the process \(process.pid) of a forward does not end")
        }
        if names.isEmpty {
            names += found.filter { !recorded.contains($0) }.map { "process \($0.pid)" }
        }
        try? FileManager.default.removeItem(atPath: "\(folder)/forwards")
        try? FileManager.default.removeItem(atPath: WakePipe.path(folder))
        guard try !WholeFile.exists(ForwardSpecs.path(folder)) else {
            throw DevClusterError(
                .failed,
                "nothing runs any more, but \(ForwardSpecs.path(folder)) cannot be removed, so that"
                    + " the next start would bring the forwards back",
                hint: "check the permissions there, and whether the disk is read-only")
        }
        return names
    }
}
