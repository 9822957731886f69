import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Starts and ends the forwards of the configured cluster.
public struct PortForwards: Sendable {
    let session: Session
    /// Starts a supervisor for a cluster's state folder.
    var launch: @Sendable (_ folder: String) throws -> Void

    var folder: String { session.place.folder }
    var ledger: ForwardLedger { ForwardLedger(folder: folder) }

    /// Forwards of this session's cluster.
    public init(session: Session) {
        self.session = session
        let path = session.environment["PATH"]
        launch = { folder in
            var environment = [ForwardProcess.mark: folder]
            environment["PATH"] = path
            let log = "\(folder)/logs/forward-supervisor.txt"
            try AtomicFile.write(Data(), to: log)
            _ = try spawnDetached(
                currentExecutable, [ForwardSupervisor.command, folder], environment: environment,
                output: log)
        }
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

    /// Makes sure that every configured forward is usable.
    func ensureConfigured() async throws -> [ForwardStatus] {
        try await start(session.configuration.forwards)
    }

    /// Starts the forwards that do not run, and waits until each is usable.
    ///
    /// - Throws: `DevClusterError` naming the holder of a busy port, or why one is not usable.
    public func start(
        _ forwards: [Configuration.Forward], origin: ForwardOrigin = .configured
    ) async throws -> [ForwardStatus] {
        guard !forwards.isEmpty else { return [] }
        try session.requireCluster()
        let lock = try await session.lock("\(folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        let wanted = forwards.map { wish(of: $0, origin: origin) }
        if session.isDryRun { return try await plan(wanted) }
        let before = wishes()
        var after = before
        var added: [ForwardWish] = []
        for wish in wanted {
            let known = before.forwards.first { $0.name == wish.name }
            if let known, known.asksFor(wish), isUsable(known) { continue }
            let next = known.flatMap { $0.asksFor(wish) ? $0 : nil } ?? wish
            try await requireFreePort(next, known: known)
            after.forwards.removeAll { $0.name == wish.name }
            after.forwards.append(next)
            added.append(next)
        }
        if !added.isEmpty {
            try request(after)
            try await wait(for: added, before: before, after: after)
        }
        let names = Set(wanted.map(\.name))
        return ledger.statuses().filter { names.contains($0.forward.name) }
    }

    /// What is wanted now; if the file is damaged, what the ledger remembers.
    func wishes() -> ForwardWishes {
        var wishes = ForwardWishes(
            context: session.place.context, kubeconfig: session.place.kubeconfig)
        switch ForwardWishes.read(folder) {
        case .absent: break
        case .damaged: wishes.forwards = ledger.records().map(\.wish)
        case .wishes(let known): wishes.forwards = known.forwards
        }
        return wishes
    }

    /// Writes what is wanted and makes sure that a supervisor knows of it.
    func request(_ wishes: ForwardWishes) throws {
        try wishes.write(folder)
        try supervise()
    }

    /// Tells the supervisor to look, or starts one.
    private func supervise() throws {
        if ledger.isSupervised, WakePipe.send(.look, folder: folder) { return }
        try launch(folder)
    }

    private func isUsable(_ wish: ForwardWish) -> Bool {
        guard let record = ledger.read(wish.name), record.request == wish.id else { return false }
        return ForwardStatus(record).state == .running
    }

    private func wish(of forward: Configuration.Forward, origin: ForwardOrigin) -> ForwardWish {
        ForwardWish(
            name: forward.name.description,
            namespace: session.configuration.namespace(of: forward).description,
            target: forward.target.description, address: forward.address.description,
            port: Int(forward.port.value), targetPort: forward.targetPort.description,
            origin: origin, id: ForwardWish.newID())
    }

    /// Prints the kubectl that each stands for.
    private func plan(_ wanted: [ForwardWish]) async throws -> [ForwardStatus] {
        var statuses: [ForwardStatus] = []
        for wish in wanted where !isUsable(wish) {
            let arguments =
                session.kubectl.place(wish.namespace) + [
                    "port-forward", "--address", wish.address, wish.target,
                    "\(wish.port):\(wish.targetPort)",
                ]
            let invocation = Invocation("kubectl", arguments, effect: .changes)
            _ = try await session.runner.run(invocation)
            var record = ForwardRecord(wish, context: session.place.context, state: .planned)
            record.arguments = arguments
            statuses.append(ForwardStatus(record))
        }
        return statuses
    }

    /// Throws when the port is taken: by a forward of ours, or by another process.
    private func requireFreePort(_ wish: ForwardWish, known: ForwardWish?) async throws {
        if let known, known.port == wish.port, known.address == wish.address,
            ledger.read(known.name).map({ ForwardStatus($0).state }) ?? .dead != .dead
        {
            return
        }
        for place in session.state.allPlaces() {
            let taken = ForwardLedger(folder: place).statuses().first {
                $0.state != .dead && $0.forward.port == wish.port
                    && $0.forward.address == wish.address
                    && !(place == folder && $0.forward.name == wish.name)
            }
            guard let forward = taken?.forward else { continue }
            throw DevClusterError(
                .failed,
                "port \(wish.port) is needed for the forward '\(wish.name)', but the forward"
                    + " '\(forward.name)' of \(StateFolder.clusterName(ofPlace: place)) has it",
                hint: "devcluster pf stop \(forward.name), or set another port in spec.forwards")
        }
        try await PortHolder(runner: session.runner).requireFree(
            wish.port, address: wish.address, for: "the forward '\(wish.name)'",
            hint: "end that process, or set another port in spec.forwards")
    }

    /// Waits until all of these are usable; takes back those that cannot be.
    private func wait(
        for added: [ForwardWish], before: ForwardWishes, after: ForwardWishes
    ) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for wish in added {
                    group.addTask {
                        _ = try await session.activity.step(
                            "forward \(wish.name)", detail: { $0.url }
                        ) { _ in try await waitUntilUsable(wish) }
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            // What can never work as it was asked for is not kept; the others run on.
            var kept = after
            for wish in added {
                let isFailed = ledger.read(wish.name).map { $0.state == .failed } ?? true
                let isNew = !before.forwards.contains { $0.id == wish.id }
                if isNew, isFailed { kept.forwards.removeAll { $0.id == wish.id } }
            }
            if kept != after { try await settle(kept) }
            throw error
        }
    }

    private func waitUntilUsable(_ wish: ForwardWish) async throws -> ForwardRecord {
        let limit = session.configuration.timeouts.child
        let start = ContinuousClock.now
        var launched = start
        while true {
            let record = ledger.read(wish.name).flatMap { $0.request == wish.id ? $0 : nil }
            let status = record.map { ForwardStatus($0) }
            switch status?.state {
            case .running: if let record { return record }
            case .failed: throw unusable(wish, record?.lastError)
            case .dead, nil:
                // It ended just as it was told to look, or was killed.
                if ContinuousClock.now > launched + .seconds(1), !ledger.isSupervised {
                    launched = .now
                    try launch(folder)
                }
            default: break
            }
            guard ContinuousClock.now < start + limit.duration else {
                throw DevClusterError(
                    .deadline,
                    "the forward '\(wish.name)' to \(wish.target) is not usable after \(limit)"
                        + (record?.lastError.map { ": \($0)" } ?? ""),
                    hint: "it goes on waiting, and holds its clients meanwhile; see:"
                        + " devcluster pf logs \(wish.name)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func unusable(_ wish: ForwardWish, _ reason: String?) -> DevClusterError {
        DevClusterError(
            .failed,
            "the forward '\(wish.name)' to \(wish.target) in namespace \(wish.namespace) did not"
                + " start: \(reason ?? "its supervisor does not say why")",
            hint: "see what there is: kubectl --context \(session.place.context) --namespace"
                + " \(wish.namespace) get services,pods")
    }

    /// Ends the named forwards; all of this cluster for an empty list.
    ///
    /// - Returns: the names of those that were ended.
    /// - Throws: `DevClusterError` naming a forward that does not exist.
    public func stop(_ names: [String]) async throws -> [String] {
        let lock = try await session.lock("\(folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        let known = ledger.statuses().map(\.forward.name)
        for name in names where !known.contains(name) {
            throw DevClusterError(
                .failed,
                "there is no forward '\(ShownText.line(name))' of \(session.place.cluster)",
                hint: known.isEmpty ? "none runs" : "there are: \(known.joined(separator: ", "))")
        }
        if session.isDryRun { return names.isEmpty ? known : names }
        var wishes = wishes()
        wishes.forwards.removeAll { names.isEmpty || names.contains($0.name) }
        if wishes.forwards.isEmpty { return try await ledger.endAll(dryRun: false) }
        try await settle(wishes)
        return names
    }

    /// Makes less wanted than before, and waits until the rest is gone.
    func settle(_ wishes: ForwardWishes) async throws {
        guard !wishes.forwards.isEmpty else {
            _ = try await ledger.endAll(dryRun: false)
            return
        }
        try request(wishes)
        let names = Set(wishes.forwards.map(\.name))
        for _ in 0..<250 where !ledger.records().allSatisfy({ names.contains($0.name) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
