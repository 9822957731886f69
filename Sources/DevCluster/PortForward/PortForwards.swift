import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Starts and ends the forwards of the configured cluster.
public struct PortForwards: Sendable {
    let session: Session

    private var ledger: ForwardLedger { ForwardLedger(folder: session.place.folder) }

    /// Forwards of this session's cluster.
    public init(session: Session) {
        self.session = session
    }

    /// The configured forwards of these names; all of them for an empty list.
    ///
    /// - Throws: `DevClusterError` naming one that is not configured.
    public func select(_ names: [String]) throws -> [Configuration.Forward] {
        let all = session.configuration.forwards
        for name in names where !all.contains(where: { $0.name.description == name }) {
            throw DevClusterError(
                .usage, "there is no forward '\(ShownText.line(name))' in spec.forwards",
                hint: all.isEmpty
                    ? "describe it in devcluster.yaml, or name a target: devcluster pf start"
                        + " svc/NAME LOCAL:REMOTE"
                    : "it has: " + all.map(\.name.description).joined(separator: ", "))
        }
        return names.isEmpty ? all : all.filter { names.contains($0.name.description) }
    }

    /// Makes sure that every configured forward runs.
    ///
    /// - Parameter renewing: whether those that run are started anew: kubectl binds a forward
    ///   to one pod, and a rollout has just replaced the pods.
    func ensureConfigured(renewing: Bool) async throws -> [ForwardStatus] {
        try await start(session.configuration.forwards, renewing: renewing)
    }

    /// Starts the forwards that do not run, all at once, and waits until each is usable.
    ///
    /// - Throws: `DevClusterError` naming the holder of a busy port, or why kubectl gave up.
    public func start(_ forwards: [Configuration.Forward], renewing: Bool = false) async throws
        -> [ForwardStatus]
    {
        guard !forwards.isEmpty else { return [] }
        try session.requireCluster()
        let lock = try await session.lock("\(session.place.folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        return try await withThrowingTaskGroup(of: ForwardStatus.self) { group in
            for forward in forwards {
                group.addTask { try await ensure(forward, renewing: renewing) }
            }
            var statuses: [ForwardStatus] = []
            for try await status in group { statuses.append(status) }
            return statuses.sorted { $0.forward.name < $1.forward.name }
        }
    }

    private func ensure(_ forward: Configuration.Forward, renewing: Bool) async throws
        -> ForwardStatus
    {
        let known = ledger.read(forward.name.description)
        var record = record(of: forward)
        if let known, !renewing, known.arguments == record.arguments,
            known.process?.isAlive == true
        {
            return ForwardStatus(
                forward: known, state: .running, age: Date().timeIntervalSince(known.startedAt))
        }
        record.restarts = known.map { $0.restarts + 1 } ?? 0
        record.lastError = known.flatMap { ForwardLog.lastError(ledger.log($0.name)) }
        if session.isDryRun {
            let invocation = Invocation("kubectl", record.arguments, effect: .changes)
            _ = try await session.runner.run(invocation)
            return ForwardStatus(forward: record, state: .planned, age: 0)
        }
        if known != nil { _ = try await ledger.end(record.name) }
        let name = record.name
        return try await session.activity.step("forward \(name)", detail: { $0.forward.url }) {
            [record] _ in try await start(record)
        }
    }

    private func record(of forward: Configuration.Forward) -> ForwardRecord {
        let namespace = session.configuration.namespace(of: forward).description
        let arguments =
            session.kubectl.place(namespace) + [
                "port-forward", "--address", forward.address.description,
                forward.target.description, "\(forward.port):\(forward.targetPort)",
            ]
        return ForwardRecord(
            name: forward.name.description, context: session.place.context, namespace: namespace,
            target: forward.target.description, address: forward.address.description,
            port: Int(forward.port.value), targetPort: forward.targetPort.description,
            process: nil, arguments: arguments, startedAt: Date(), restarts: 0, lastError: nil)
    }

    private func start(_ planned: ForwardRecord) async throws -> ForwardStatus {
        var record = planned
        try await requireFreePort(record)
        let log = ledger.log(record.name)
        try AtomicFile.write(Data(), to: log)
        var environment = [ForwardProcess.mark: session.place.folder]
        environment["PATH"] = session.environment["PATH"]
        let process = try spawnDetached(
            "kubectl", record.arguments, environment: environment, output: log)
        record.process = process
        do {
            try ledger.write(record)
            try await waitUntilUsable(record, process, log: log)
        } catch {
            await process.end()
            _ = try? await ledger.end(record.name)
            throw error
        }
        return ForwardStatus(forward: record, state: .running, age: 0)
    }

    /// Throws when the port is taken: by a forward of ours, or by another process.
    private func requireFreePort(_ record: ForwardRecord) async throws {
        for folder in session.state.allPlaces() {
            let taken = ForwardLedger(folder: folder).statuses().first {
                $0.state == .running && $0.forward.port == record.port
                    && $0.forward.address == record.address
            }
            guard let forward = taken?.forward else { continue }
            throw DevClusterError(
                .failed,
                "port \(record.port) is needed for the forward '\(record.name)', but the forward"
                    + " '\(forward.name)' of \(StateFolder.clusterName(ofPlace: folder)) has it",
                hint: "devcluster pf stop \(forward.name), or set another port in spec.forwards")
        }
        try await PortHolder(runner: session.runner).requireFree(
            record.port, address: record.address, for: "the forward '\(record.name)'",
            hint: "end that process, or set another port in spec.forwards")
    }

    private func waitUntilUsable(_ record: ForwardRecord, _ process: ProcessIdentity, log: String)
        async throws
    {
        let end = ContinuousClock.now + session.configuration.timeouts.child.duration
        while !ForwardLog.isListening(log) {
            let error = ForwardLog.lastError(log)
            guard process.isAlive else {
                throw DevClusterError(
                    .failed,
                    "the forward '\(record.name)' to \(record.target) in namespace"
                        + " \(record.namespace) did not start: \(error ?? "kubectl ended")",
                    hint: "see whether it has a ready pod: kubectl --context \(record.context)"
                        + " --namespace \(record.namespace) get \(record.target)")
            }
            guard ContinuousClock.now < end else {
                throw DevClusterError(
                    .deadline,
                    "the forward '\(record.name)' to \(record.target) is not usable"
                        + " after \(session.configuration.timeouts.child)"
                        + (error.map { ": \($0)" } ?? ""))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Ends the named forwards; all of this cluster for an empty list.
    ///
    /// - Returns: the names of those that were ended.
    /// - Throws: `DevClusterError` naming a forward that the ledger does not have.
    public func stop(_ names: [String]) async throws -> [String] {
        let lock = try await session.lock("\(session.place.folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        let known = ledger.records().map(\.name)
        for name in names where !known.contains(name) {
            throw DevClusterError(
                .failed,
                "there is no forward '\(ShownText.line(name))' of \(session.place.cluster)",
                hint: known.isEmpty ? "none runs" : "there are: \(known.joined(separator: ", "))")
        }
        guard !names.isEmpty else { return try await ledger.endAll(dryRun: session.isDryRun) }
        if session.isDryRun { return names }
        for name in names { _ = try await ledger.end(name) }
        return names
    }
}

/// What kubectl port-forward writes (recorded with kubectl 1.32).
enum ForwardLog {
    /// Whether it says that it listens: `Forwarding from 127.0.0.1:18080 -> 80`.
    static func isListening(_ path: String) -> Bool {
        text(path).split(whereSeparator: \.isNewline).contains { $0.hasPrefix("Forwarding from ") }
    }

    /// Its last complaint; nil when it has none.
    static func lastError(_ path: String) -> String? {
        text(path).split(whereSeparator: \.isNewline)
            .last { !$0.hasPrefix("Forwarding from ") && !$0.hasPrefix("Handling connection") }
            .map { ShownText.line(String($0)) }
    }

    /// The end of the log, which can be long.
    private static func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path) else { return "" }
        return String(decoding: data.suffix(64 << 10), as: UTF8.self)
    }
}

/// What `pf cleanup` found and ended.
public struct ForwardCleanup: Codable, Sendable, Equatable {
    /// Forwards of ours that were ended, as `cluster/name`.
    public var ended: [String]
    /// `kubectl port-forward`s of others.
    public var foreign: [ForeignForward]
    /// Whether the foreign ones were ended too.
    public var endedForeign: Bool

    /// Ends all forwards of ours in every cluster; needs no configuration and no cluster.
    ///
    /// - Parameter foreign: whether to end those of others too.
    public static func run(_ state: StateFolder, foreign: Bool, dryRun: Bool) async throws
        -> ForwardCleanup
    {
        var cleanup = ForwardCleanup(
            ended: [], foreign: ForwardProcess.foreign(), endedForeign: foreign && !dryRun)
        for folder in state.allPlaces() {
            let place = folder.split(separator: "/").last.map(String.init) ?? folder
            cleanup.ended += try await ForwardLedger(folder: folder).endAll(dryRun: dryRun)
                .map { "\(place)/\($0)" }
        }
        if cleanup.endedForeign {
            for forward in cleanup.foreign { await forward.process.end() }
        }
        return cleanup
    }
}
