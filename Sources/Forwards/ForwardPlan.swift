import Vocabulary

/// What has to change so that forwards are wanted which are not yet.
struct ForwardPlan {
    /// What was wanted.
    var before: ForwardSpecs
    /// What is to be wanted.
    var after: ForwardSpecs
    /// The forwards to wait for.
    var added: [ForwardSpec]
    /// Those that cannot be wanted, since something else has their port.
    var failures: [ForwardFailure] = []
}

extension ForwardPlan {
    /// Plans it; what is usable already is left alone.
    ///
    /// - Parameters:
    ///   - wanted: the forwards that are to be usable.
    ///   - ended: those that are not wanted any more.
    /// - Throws: `DevClusterError` when the ledger of a cluster cannot be read.
    init(
        _ wanted: [ForwardSpec], ended: [ForwardSpec] = [], from before: ForwardSpecs,
        ledger: ForwardLedger, ports: ForwardPorts
    ) async throws {
        self.init(before: before, after: before, added: [])
        after.forwards.removeAll { ended.contains($0) }
        for spec in wanted {
            let known = before.forwards.first { $0.name == spec.name }
            if let known, known.asksFor(spec), ledger.isUsable(known) { continue }
            let next = known.flatMap { ledger.goesOn($0, as: spec) ? $0 : nil } ?? spec
            do {
                try await ports.requireFree(next, known: known)
            } catch let error as DevClusterError {
                failures.append(ForwardFailure(spec: spec, error: error))
                continue
            }
            after.forwards.removeAll { $0.name == spec.name }
            after.forwards.append(next)
            added.append(next)
        }
    }
}
