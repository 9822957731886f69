import Sessions
import Settings
import Tools
import Vocabulary

/// Lists and clears the locks of a namespace's workloads.
public struct Locks: Sendable {
    let session: Session

    private var namespace: String { session.configuration.namespace.description }

    /// Works in the configured namespace.
    public init(session: Session) {
        self.session = session
    }

    /// Judges every workload that has a lock, or a place for one.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer.
    public func list() async throws -> LockListReport {
        try await session.requireCluster(for: .reading)
        let survey = try await LockSurvey.read(session, namespace: namespace)
        var locks: [LockFinding] = []
        for object in survey.objects {
            if let finding = try await survey.finding(object) { locks.append(finding) }
        }
        return LockListReport(
            namespace: namespace, locks: locks.sorted { $0.workload < $1.workload })
    }

    /// Stops workloads until all their pods are gone, and starts them again; without names those
    /// that block now, or were left at 0.
    ///
    /// - Throws: `DevClusterError` for a workload that is not there, or whose data would be lost.
    public func clear(_ names: [WorkloadReference]) async throws -> LockClearReport {
        try await session.requireCluster()
        let lock = try await session.lockNamespace(namespace)
        defer { withExtendedLifetime(lock) {} }
        let survey = try await LockSurvey.read(session, namespace: namespace)
        let targets = try await targets(names, survey)
        let release = LockRelease(session: session, namespace: namespace)
        // There is nothing here that could apply a deleted one again.
        let released = try await release.release(
            targets.map { LockRelease.Item(object: $0.0, method: .scale, reason: $0.1) })
        try await release.restore(released)
        let rollout = try await RolloutWait(
            session: session, namespace: namespace,
            deadline: session.configuration.timeouts.rollout.duration
        ).run(released.map(\.workload))
        return LockClearReport(cleared: release.cleared(released), rollouts: rollout.results)
    }

    private func targets(_ names: [WorkloadReference], _ survey: LockSurvey) async throws
        -> [(JSONValue, String)]
    {
        if names.isEmpty {
            var targets: [(JSONValue, String)] = []
            for object in survey.objects {
                guard let finding = try await survey.finding(object),
                    [.blocked, .interrupted].contains(finding.state)
                else { continue }
                if finding.state == .blocked && finding.port == nil
                    && WorkloadStorage(object).isContested
                {
                    session.activity.report(
                        .warning(
                            "clearing the lock of \(finding.workload) would not help: "
                                + (finding.advice ?? finding.reason)))
                    continue
                }
                guard try isSafeToStop(object, isNamed: false, isPort: finding.port != nil) else {
                    continue
                }
                targets.append(
                    (
                        object,
                        finding.state == .blocked
                            ? "it blocks now" : "the last clearing was interrupted"
                    ))
            }
            return targets
        }
        return try names.map { name in
            guard let object = survey.object(name) else {
                throw DevClusterError(
                    .failed, "there is no \(name) with replicas in namespace \(namespace)",
                    hint: "devcluster locks list")
            }
            _ = try isSafeToStop(object, isNamed: true)
            return (object, "it was asked for")
        }
    }

    /// Whether no data goes with the pods; what spec.locks names may lose it.
    private func isSafeToStop(_ object: JSONValue, isNamed: Bool, isPort: Bool = false) throws
        -> Bool
    {
        guard let workload = ManifestObject(object).workload else { return false }
        guard WorkloadStorage(object).losesData(isPort: isPort),
            LockSurvey.configured(workload, session) == nil
        else {
            return true
        }
        let reason = "the data of \(workload) is in its pod and would go with it"
        if isNamed {
            throw DevClusterError(
                .failed, reason, hint: "name it in spec.locks if that may be lost")
        }
        session.activity.report(.warning("\(reason); name it in spec.locks if it may be lost"))
        return false
    }
}
