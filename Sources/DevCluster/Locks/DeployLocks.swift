import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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
            // The old template comes back; the reason is worth more than what this may add.
            try? await release.restore(released)
            throw error
        }
        try await release.restore(released, planned: planned)
        applied.locks = release.cleared(released, planned: planned)
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
            || ready < storage.replicas || unavailable > 0
    }

    private func clear(_ suspects: [JSONValue], _ planned: [JSONValue], _ areComplete: Bool)
        async throws -> [LockRelease.Released]
    {
        let survey = try await LockSurvey.read(session, namespace: namespace)
        let names = suspects.compactMap { ManifestObject($0).workload }
        let objects = names.compactMap(survey.object)
        let changed = try await changed(objects, planned, areComplete)
        var released: [LockRelease.Released] = []
        do {
            for object in objects {
                guard let finding = try await survey.finding(object) else { continue }
                let isChanged = ManifestObject(object).workload.map(changed.contains) ?? false
                if let item = try await clear(object, finding, isChanged, planned) {
                    released.append(item)
                }
            }
        } catch {
            try? await release.restore(released)
            throw error
        }
        return released
    }

    private func clear(
        _ object: JSONValue, _ finding: LockFinding, _ isChanged: Bool, _ planned: [JSONValue]
    ) async throws -> LockRelease.Released? {
        guard let workload = ManifestObject(object).workload else { return nil }
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
            if storage.replicas > 1 && !storage.shared.isEmpty {
                warn(finding, "clearing its lock would not help")
                return nil
            }
            if storage.shared.isEmpty && configured == nil {
                warn(finding, "its data may be lost with its pod, so spec.locks has to name it")
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
        // Deleting makes sense only for what is applied anew.
        let method = isPlanned ? configured?.method ?? .scale : .scale
        return try await release.release(object, method: method, reason: reason)
    }

    private func warn(_ finding: LockFinding, _ reason: String) {
        session.activity.report(
            .warning(
                "\(finding.workload) is blocked by its lock (\(finding.reason)); \(reason)"
                    + (finding.advice.map { ": \($0)" } ?? "")))
    }

    /// The workloads whose pods this apply replaces.
    private func changed(_ live: [JSONValue], _ planned: [JSONValue], _ areComplete: Bool)
        async throws -> Set<WorkloadReference>
    {
        let pairs = live.compactMap { object in
            planned.first {
                ManifestObject($0).workload == ManifestObject(object).workload
                    && ManifestObject($0).namespace ?? namespace == namespace
            }.map { (live: object, planned: $0) }
        }
        guard !pairs.isEmpty else { return [] }
        // Only the API server knows the defaults that a manifest leaves out.
        let results = areComplete ? pairs.map(\.planned) : try await tried(pairs.map(\.planned))
        return Set(
            pairs.compactMap { pair in
                let workload = ManifestObject(pair.live).workload
                let result = results.first { ManifestObject($0).workload == workload }
                let isSame = result?["spec"]?["template"] == pair.live["spec"]?["template"]
                return isSame ? nil : workload
            })
    }

    /// What the objects would be after the apply.
    private func tried(_ objects: [JSONValue]) async throws -> [JSONValue] {
        let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
        let outcome = try await session.kubectl.run(
            ["apply", "--dry-run=server", "--output", "json", "--filename", "-"],
            namespace: namespace, input: .bytes(list.encoded()))
        // What is refused here is refused by the apply itself, which says it better.
        guard outcome.succeeded else { return [] }
        let result = try JSONValue(parsing: outcome.output)
        return result["items"]?.array ?? [result]
    }
}
