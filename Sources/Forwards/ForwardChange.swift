import ChildProcess
import Sessions
import Settings
import Vocabulary

/// How what runs is made equal to what is wanted: write it, tell the supervisor, wait.
extension PortForwards {
    /// What is wanted now; if the file is damaged, what the ledger remembers.
    ///
    /// - Throws: `DevClusterError` when one of them cannot be read.
    func wishes() throws -> ForwardWishes {
        var wishes = ForwardWishes(
            context: session.place.context, kubeconfig: session.lastingKubeconfig)
        switch ForwardWishes.read(folder) {
        case .absent: break
        case .damaged: wishes.forwards = try ledger.records().map(\.wish)
        case .unreadable(let error): throw error
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

    /// Makes these wanted, and waits until those that were added are usable.
    ///
    /// - Returns: those that are not; what can never work as it was asked for is taken back.
    func change(_ before: ForwardWishes, to after: ForwardWishes, added: [ForwardWish])
        async throws -> [ForwardFailure]
    {
        guard after != before || !added.isEmpty else { return [] }
        guard !added.isEmpty else {
            try await settle(after)
            return []
        }
        try request(after)
        let failures = await withTaskGroup(of: ForwardFailure?.self) { group in
            for wish in added {
                group.addTask {
                    do {
                        _ = try await session.activity.step(
                            "forward \(wish.name)", detail: { $0.url }
                        ) { _ in try await waitUntilUsable(wish) }
                        return nil
                    } catch {
                        return ForwardFailure(wish: wish, error: error)
                    }
                }
            }
            var failures: [String: ForwardFailure] = [:]
            for await case .some(let failure) in group { failures[failure.wish.name] = failure }
            return added.compactMap { failures[$0.name] }
        }
        try Task.checkCancellation()
        var kept = after
        for wish in failures.map(\.wish) {
            let isFailed = ledger.read(wish.name).map { $0.state == .failed } ?? true
            let isNew = !before.forwards.contains { $0.name == wish.name }
            if isNew, isFailed { kept.forwards.removeAll { $0.id == wish.id } }
        }
        if kept != after { try await settle(kept) }
        return failures
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

    /// Makes less wanted than before, and waits until the rest is gone.
    func settle(_ wishes: ForwardWishes) async throws {
        guard !wishes.forwards.isEmpty else {
            _ = try await ledger.endAll(dryRun: false)
            return
        }
        try request(wishes)
        let names = Set(wishes.forwards.map(\.name))
        for _ in 0..<250 where try !ledger.records().allSatisfy({ names.contains($0.name) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
