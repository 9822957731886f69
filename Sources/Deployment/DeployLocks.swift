import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// The locks that a deploy clears: of workloads that it changes, and those that block now.
///
/// An unchanged database keeps its pod.
struct DeployLocks: Sendable {
    let session: Session
    let namespace: String

    private var release: LockRelease { LockRelease(session: session, namespace: namespace) }

    /// Runs `apply` while nobody has the data of the locked workloads open.
    ///
    /// - Parameter planned: the objects as they will be applied.
    /// - Parameter live: the workloads as they are, from any time of this deploy.
    /// - Parameter areComplete: whether the planned objects are whole, defaults and all.
    func around(
        _ planned: [JSONValue], live: [JSONValue], areComplete: Bool,
        _ apply: () async throws -> AppliedDeploy
    ) async throws -> AppliedDeploy {
        let suspects = live.filter(isSuspect)
        guard !suspects.isEmpty else { return try await apply() }
        let released = try await clear(suspects, planned, areComplete)
        var applied: AppliedDeploy
        do {
            applied = try await apply()
        } catch {
            await release.giveBack(released)
            throw error
        }
        try await release.restore(released, planned: planned)
        applied.locks += release.cleared(released, planned: planned)
        // What was stopped is proven to run again, also where the manifests do not name it.
        let home = session.configuration.namespace.description
        applied.workloads += released.map { $0.workload.placed(in: namespace, home: home) }
            .filter { !applied.workloads.contains($0) }
        return applied
    }

    /// Whether a closer look is worth a read: from what was read already.
    private func isSuspect(_ object: JSONValue) -> Bool {
        guard let workload = ManifestObject(object).workload,
            [.deployment, .statefulset].contains(workload.kind)
        else { return false }
        let storage = WorkloadStorage(object)
        let ready = object["status"]?["readyReplicas"]?.integer ?? 0
        // While a rolling update is blocked, the old pod is ready.
        let unavailable = object["status"]?["unavailableReplicas"]?.integer ?? 0
        return LockSurvey.configured(workload, session) != nil || object.keptReplicas != nil
            || (storage.blocksRollouts && storage.database != nil)
            || ((storage.hasData || storage.hasHostPorts)
                && (ready < storage.replicas || unavailable > 0))
    }

    private func clear(_ suspects: [JSONValue], _ planned: [JSONValue], _ areComplete: Bool)
        async throws -> [LockRelease.Released]
    {
        let survey = try await LockSurvey.read(session, namespace: namespace)
        let names = suspects.compactMap { ManifestObject($0).workload }
        let objects = names.compactMap(survey.object)
        let change = try await change(objects, planned, areComplete)
        var items: [LockRelease.Item] = []
        for object in objects {
            guard let finding = try await survey.finding(object) else { continue }
            if let item = try await item(object, finding, change, planned) { items.append(item) }
        }
        return try await release.release(items)
    }

    /// What to do with a workload; nil when it keeps its pods.
    private func item(
        _ object: JSONValue, _ finding: LockFinding, _ change: Change, _ planned: [JSONValue]
    ) async throws -> LockRelease.Item? {
        guard let workload = ManifestObject(object).workload else { return nil }
        let isChanged = change.workloads.contains(workload)
        let configured = LockSurvey.configured(workload, session)
        let isPlanned = planned.contains { ManifestObject($0).workload == workload }
        let storage = WorkloadStorage(object)
        // Also where nothing is cleared: the run before this one ended too early.
        if object.keptReplicas != nil && finding.state != .interrupted {
            try await release.forget(workload)
        }
        let reason: String
        switch finding.state {
        case .interrupted: reason = "the last clearing was interrupted"
        case .blocked:
            guard isPlanned || finding.isLogged else {
                warn(finding, "it is not of this deploy; 'devcluster locks clear' clears it")
                return nil
            }
            if let objection = storage.objection(
                isPort: finding.port != nil, isConfigured: configured != nil)
            {
                warn(finding, objection)
                return nil
            }
            reason = "it blocks now"
        case .wouldBlock where isChanged: reason = "its template changes"
        case .safe where isChanged && configured != nil && storage.overlaps:
            reason = "its template changes"
        default: return nil
        }
        if let advice = finding.advice {
            session.activity.report(
                .note("\(workload) has to be stopped for its lock: \(advice) to make that needless")
            )
        }
        // Deleting makes sense only for what is sure to be applied anew.
        let method = isPlanned && !change.isRefused ? configured?.method ?? .scale : .scale
        return LockRelease.Item(object: object, method: method, reason: reason)
    }

    private func warn(_ finding: LockFinding, _ reason: String) {
        session.activity.report(
            .warning(
                "\(finding.workload) is blocked by its lock (\(finding.reason)); \(reason)"
                    + (finding.advice.map { ": \($0)" } ?? "")))
    }

    /// What this apply does to the workloads that may be locked.
    private struct Change {
        /// Those whose pods it replaces.
        var workloads: Set<WorkloadReference> = []
        /// Whether it is not sure to succeed.
        var isRefused = false
    }

    private func change(_ live: [JSONValue], _ planned: [JSONValue], _ areComplete: Bool)
        async throws -> Change
    {
        let pairs = live.compactMap { object in
            planned.first {
                ManifestObject($0).workload == ManifestObject(object).workload
                    && ManifestObject($0).namespace ?? namespace == namespace
            }.map { (old: object, new: $0) }
        }
        guard !pairs.isEmpty else { return Change() }
        if areComplete { return Change(workloads: differing(pairs)) }
        switch try await session.kubectl.tried(
            pairs.map(\.new), namespace: namespace)
        {
        case .result(let results):
            return Change(
                workloads: differing(
                    pairs.map { pair in
                        let workload = ManifestObject(pair.new).workload
                        let result = results.first { ManifestObject($0).workload == workload }
                        return (pair.old, result ?? pair.new)
                    }))
        case .refused: return Change(isRefused: true)
        case .unknown:
            return Change(
                workloads: differing(
                    pairs.map { (ManifestObject($0.old).lastApplied ?? .null, $0.new) }),
                isRefused: true)
        }
    }

    private func differing(_ pairs: [(old: JSONValue, new: JSONValue)]) -> Set<WorkloadReference> {
        Set(
            pairs.filter { $0.old["spec"]?["template"] != $0.new["spec"]?["template"] }
                .compactMap { ManifestObject($0.new).workload })
    }
}
