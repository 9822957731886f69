import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Starts and ends the forwards of the configured cluster.
public struct PortForwards: Sendable {
    private let session: Session
    var requests: ForwardRequests

    private var folder: String { session.place.folder }
    private var ledger: ForwardLedger { ForwardLedger(folder: folder) }

    /// Forwards of this session's cluster.
    public init(session: Session) {
        self.session = session
        requests = ForwardRequests(session: session)
    }

    /// The configured forwards of these names; all of them for an empty list.
    ///
    /// - Throws: `DevClusterError` naming those that are not configured.
    public func select(_ names: [String]) throws -> [Configuration.Forward] {
        let all = session.configuration.forwards
        let unknown = names.filter { name in !all.contains { $0.name.description == name } }
        guard unknown.isEmpty else {
            throw DevClusterError(
                .usage, "there is no forward \(PortForwards.list(unknown)) in spec.forwards",
                hint: all.isEmpty
                    ? "describe it in devcluster.yaml, or name a target: devcluster pf start"
                        + " svc/NAME LOCAL:REMOTE"
                    : "it has: " + all.map(\.name.description).joined(separator: ", "))
        }
        return names.isEmpty ? all : all.filter { names.contains($0.name.description) }
    }

    /// Makes sure that every configured forward is usable, as far as that can be.
    ///
    /// - Throws: when it is interrupted; anything else is a problem of forwards alone.
    package func ensureConfigured() async throws -> StartedForwards {
        do {
            let (statuses, failures) = try await attempt(session.configuration.forwards)
            return StartedForwards(
                statuses: statuses,
                problems: failures.map { ForwardProblem($0.error, forward: $0.spec.name) })
        } catch  where DevClusterError.Code(of: error) != .interrupted {
            return StartedForwards(problems: [ForwardProblem(error)])
        }
    }

    /// Starts the forwards that do not run, and waits until each is usable.
    ///
    /// - Throws: `DevClusterError` naming the holder of each busy port, and why others are not
    ///   usable; those that are run all the same.
    public func start(
        _ forwards: [Configuration.Forward], origin: ForwardOrigin = .configured
    ) async throws -> [ForwardStatus] {
        let (statuses, failures) = try await attempt(forwards, origin: origin)
        if let error = failures.error { throw error }
        return statuses
    }

    private func attempt(
        _ forwards: [Configuration.Forward], origin: ForwardOrigin = .configured
    ) async throws -> ([ForwardStatus], [ForwardFailure]) {
        guard !forwards.isEmpty else { return ([], []) }
        try await session.requireCluster()
        let lock = try await session.lock("\(folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        let wanted = forwards.map { spec(of: $0, origin: origin) }
        if session.isDryRun { return (try await show(wanted), []) }
        forwards.filter { !$0.address.isLoopback }.forEach(warnOfExposure)
        let plan = try await plan(wanted, from: try requests.specs())
        let failures = plan.failures + (try await requests.change(plan))
        // A deploy may have changed the Services of those that run.
        if plan.added.isEmpty { requests.look() }
        let usable = Set(wanted.map(\.name)).subtracting(failures.map(\.spec.name))
        return (try ledger.statuses().filter { usable.contains($0.forward.name) }, failures)
    }

    /// Ends the connections of these forwards, and begins anew; all of them for an empty list.
    ///
    /// - Throws: `DevClusterError` naming one that does not exist, or why one is not usable.
    public func restart(_ names: [String]) async throws -> [ForwardStatus] {
        try await session.requireCluster()
        let lock = try await session.lock("\(folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        try requireKnown(names)
        let before = try requests.specs()
        let isMeant = { (name: String) in names.isEmpty || names.contains(name) }
        if !session.isDryRun {
            var after = before
            for index in after.forwards.indices where isMeant(after.forwards[index].name) {
                let id = ForwardSpec.newID()
                (after.forwards[index].id, after.forwards[index].generation) = (id, id)
            }
            let plan = ForwardPlan(
                before: before, after: after, added: after.forwards.filter { isMeant($0.name) })
            if let error = try await requests.change(plan).error { throw error }
        }
        return try ledger.statuses().filter { isMeant($0.forward.name) }
    }

    /// Lets the forwards of before go on, and starts the configured ones that nobody started yet.
    ///
    /// One whose target is not there yet, as before the first deploy, is not tried; one that is not
    /// usable is no error. Both are told.
    public func resume() async throws {
        let known = try requests.specs()
        if !session.isDryRun, !known.forwards.isEmpty, !ledger.isSupervised {
            try requests.send(known)
            session.activity.report(
                .note("forwards go on: \(known.forwards.map(\.name).joined(separator: ", "))"))
        }
        for forward in session.configuration.forwards {
            let spec = spec(of: forward, origin: .configured)
            if known.forwards.contains(where: { $0.name == spec.name && $0.asksFor(spec) }) {
                continue
            }
            guard try await hasTarget(spec) else {
                session.activity.report(
                    .note(
                        "forward \(spec.name) starts when \(spec.target) in namespace"
                            + " \(spec.namespace) is there: devcluster deploy"))
                continue
            }
            do { _ = try await start([forward]) } catch let error as DevClusterError {
                try Task.checkCancellation()
                session.activity.report(
                    .note("\(error.message); devcluster deploy tries again"))
            }
        }
    }

    /// Whether what a forward leads to is there; true where the cluster does not say.
    private func hasTarget(_ spec: ForwardSpec) async throws -> Bool {
        guard !session.isDryRun else { return true }
        do {
            return try await session.kubectl.exists(spec.target, namespace: spec.namespace)
        } catch  where DevClusterError.Code(of: error) != .interrupted {
            return true
        }
    }

    /// The newest lines of the logs of these forwards; of all of them for an empty list.
    public func logs(_ names: [String]) throws -> [ForwardLogLines] {
        try requireKnown(names)
        return try ledger.statuses().map(\.forward.name)
            .filter { names.isEmpty || names.contains($0) }
            .map { name in
                let path = ledger.log(name)
                return ForwardLogLines(
                    name: name, path: path, lines: try ForwardJournal(path: path).lines(50))
            }
    }

    /// The port that a forward of this name has already, else one that is free.
    ///
    /// - Throws: `DevClusterError` when the system gives none.
    public func anyPort(for name: ForwardName) throws -> PortNumber {
        if let known = try requests.specs().forwards.first(where: { $0.name == name.description }) {
            return try PortNumber(known.port)
        }
        guard let port = Socket.freePort else {
            throw DevClusterError(.failed, "this machine has no free port")
        }
        return try PortNumber(port)
    }

    private func warnOfExposure(_ forward: Configuration.Forward) {
        session.activity.report(
            .warning(
                "the forward '\(forward.name)' lets other machines reach \(forward.target) through"
                    + " \(forward.address):\(forward.port), whoever they are"))
    }

    func spec(of forward: Configuration.Forward, origin: ForwardOrigin) -> ForwardSpec {
        ForwardSpec(
            name: forward.name.description,
            namespace: session.configuration.namespace(of: forward).description,
            target: forward.target.description, address: forward.address.description,
            port: Int(forward.port.value), targetPort: forward.targetPort.description,
            probe: forward.probe?.path, origin: origin, id: ForwardSpec.newID())
    }

    /// What has to change so that these are wanted, and others are not any more.
    func plan(_ wanted: [ForwardSpec], ended: [ForwardSpec] = [], from before: ForwardSpecs)
        async throws -> ForwardPlan
    {
        try await ForwardPlan(
            wanted, ended: ended, from: before, ledger: ledger,
            ports: ForwardPorts(state: session.state, folder: folder, runner: session.runner))
    }

    /// Prints the kubectl that each stands for.
    private func show(_ wanted: [ForwardSpec]) async throws -> [ForwardStatus] {
        var statuses: [ForwardStatus] = []
        for spec in wanted where !ledger.isUsable(spec) {
            var record = ForwardRecord(spec, context: session.place.context, state: .planned)
            record.arguments = try await session.kubectl.plan(
                forwardTo: spec.target, address: spec.address, port: spec.port,
                targetPort: spec.targetPort, namespace: spec.namespace)
            statuses.append(ForwardStatus(record))
        }
        return statuses
    }

    /// Ends the named forwards; all of this cluster for an empty list.
    ///
    /// - Returns: the names of those that were ended.
    /// - Throws: `DevClusterError` naming a forward that does not exist.
    public func stop(_ names: [String]) async throws -> [String] {
        let lock = try await session.lock("\(folder)/forwards.lock")
        defer { withExtendedLifetime(lock) {} }
        try requireKnown(names)
        if session.isDryRun {
            return try names.isEmpty ? ledger.statuses().map(\.forward.name) : names
        }
        var specs = try requests.specs()
        specs.forwards.removeAll { names.isEmpty || names.contains($0.name) }
        if specs.forwards.isEmpty { return try await ledger.endAll(dryRun: false) }
        try await requests.settle(specs)
        return names
    }

    private func requireKnown(_ names: [String]) throws {
        let known = try ledger.statuses().map(\.forward.name)
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw DevClusterError(
                .failed,
                "there is no forward \(PortForwards.list(unknown)) of \(session.place.cluster)",
                hint: known.isEmpty ? "none runs" : "there are: \(known.joined(separator: ", "))")
        }
    }

    private static func list(_ names: [String]) -> String {
        names.map { "'\(ShownText.line($0))'" }.joined(separator: ", ")
    }
}
