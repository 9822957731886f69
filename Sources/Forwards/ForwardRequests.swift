import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Vocabulary

/// What is wanted of one cluster's forwards: written down, told to the supervisor, and waited for.
struct ForwardRequests: Sendable {
    /// The cluster's state folder.
    let folder: String
    private let context: String
    private let kubeconfig: String?
    /// How long each may take to become usable.
    private let limit: HumanDuration
    private let activity: any Activity
    /// Starts a supervisor for a cluster's state folder.
    var launch: @Sendable (_ folder: String) throws -> Void

    private var ledger: ForwardLedger { ForwardLedger(folder: folder) }

    init(session: Session) {
        folder = session.place.folder
        context = session.place.context
        kubeconfig = session.lastingKubeconfig
        limit = session.configuration.timeouts.child
        activity = session.activity
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

    /// What is wanted now; if the file is damaged, what the ledger remembers.
    ///
    /// - Throws: `DevClusterError` when one of them cannot be read.
    func specs() throws -> ForwardSpecs {
        var specs = ForwardSpecs(context: context, kubeconfig: kubeconfig)
        switch ForwardSpecs.read(folder) {
        case .absent: break
        case .damaged: specs.forwards = try ledger.records().map(\.spec)
        case .unreadable(let error): throw error
        case .specs(let known): specs.forwards = known.forwards
        }
        return specs
    }

    /// Writes what is wanted and makes sure that a supervisor knows of it.
    func send(_ specs: ForwardSpecs) throws {
        try specs.write(folder)
        if look() { return }
        try launch(folder)
    }

    /// Tells the supervisor to look at what is wanted.
    ///
    /// - Returns: whether there is one.
    @discardableResult
    func look() -> Bool { ledger.isSupervised && WakePipe.send(.look, folder: folder) }

    /// Makes what is planned wanted, and waits until what was added is usable.
    ///
    /// - Returns: those that are not; what can never work as it was asked for is taken back.
    func change(_ plan: ForwardPlan) async throws -> [ForwardFailure] {
        let (before, after, added) = (plan.before, plan.after, plan.added)
        guard after != before || !added.isEmpty else { return [] }
        guard !added.isEmpty else {
            try await settle(after)
            return []
        }
        try send(after)
        let failures = await withTaskGroup(of: ForwardFailure?.self) { group in
            for spec in added {
                group.addTask {
                    do {
                        _ = try await activity.step(
                            "forward \(spec.name)", detail: { $0.url }
                        ) { _ in try await waitUntilUsable(spec) }
                        return nil
                    } catch {
                        return ForwardFailure(spec: spec, error: error)
                    }
                }
            }
            var failures: [String: ForwardFailure] = [:]
            for await case .some(let failure) in group { failures[failure.spec.name] = failure }
            return added.compactMap { failures[$0.name] }
        }
        try Task.checkCancellation()
        var kept = after
        for spec in failures.map(\.spec) {
            let isFailed = ledger.read(spec.name).map { $0.state == .failed } ?? true
            let isNew = !before.forwards.contains { $0.name == spec.name }
            if isNew, isFailed { kept.forwards.removeAll { $0.id == spec.id } }
        }
        if kept != after { try await settle(kept) }
        return failures
    }

    private func waitUntilUsable(_ spec: ForwardSpec) async throws -> ForwardRecord {
        let start = ContinuousClock.now
        var launched = start
        while true {
            let record = ledger.read(spec.name).flatMap { $0.request == spec.id ? $0 : nil }
            let status = record.map { ForwardStatus($0) }
            switch status?.state {
            case .running: if let record { return record }
            case .failed: throw unusable(spec, record?.lastError)
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
                    "the forward '\(spec.name)' to \(spec.target) is not usable after \(limit)"
                        + (record?.lastError.map { ": \($0)" } ?? ""),
                    hint: "it goes on waiting, and holds its clients meanwhile; see:"
                        + " devcluster pf logs \(spec.name)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func unusable(_ spec: ForwardSpec, _ reason: String?) -> DevClusterError {
        DevClusterError(
            .failed,
            "the forward '\(spec.name)' to \(spec.target) in namespace \(spec.namespace) did not"
                + " start: \(reason ?? "its supervisor does not say why")",
            hint: "see what there is: kubectl --context \(context) --namespace"
                + " \(spec.namespace) get services,pods")
    }

    /// Makes less wanted than before, and waits until the rest is gone.
    func settle(_ specs: ForwardSpecs) async throws {
        guard !specs.forwards.isEmpty else {
            _ = try await ledger.endAll(dryRun: false)
            return
        }
        try send(specs)
        let names = Set(specs.forwards.map(\.name))
        for _ in 0..<250 where try !ledger.records().allSatisfy({ names.contains($0.name) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
