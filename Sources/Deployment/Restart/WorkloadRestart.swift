import ChildProcess
import Sessions
import Settings
import Tools
import Verification
import Vocabulary
import Workloads

/// Replaces the pods of workloads, and proves that the new ones run what they should.
public struct WorkloadRestart: Sendable {
    let session: Session

    private var namespace: String { session.configuration.namespace.description }
    private var limit: HumanDuration { session.configuration.timeouts.rollout }

    /// Works in the configured namespace.
    public init(session: Session) {
        self.session = session
    }

    /// Restarts the workloads, each in its own way, and waits for all.
    ///
    /// - Throws: `DevClusterError` for a workload that is not there or cannot be restarted, before
    ///   anything is changed; and when a pod does not come up, or an old one stays.
    public func run(_ references: [WorkloadReference]) async throws -> RestartReport {
        try await session.requireCluster()
        if let job = references.first(where: { $0.kind == .job }) {
            throw DevClusterError(
                .usage, "\(job) cannot be restarted: a Job's pods end by themselves",
                hint: "devcluster deploy, with another template")
        }
        let lock = try await session.lockNamespace(namespace)
        defer { withExtendedLifetime(lock) {} }
        let before = try await RolloutObjects.read(
            session.kubectl, namespace: namespace, for: references)
        let workloads = try references.map { reference in
            guard let workload = before.workload(reference) else {
                throw DevClusterError(
                    .failed, "there is no \(reference) in namespace \(namespace)",
                    hint: "devcluster deploy")
            }
            return (reference, workload)
        }
        let writers = try await singleWriters(references)
        for (reference, workload) in workloads {
            if let object = writers[reference] {
                try await stopAndStart(object)
            } else {
                try await restart(reference, workload, before.pods(of: workload))
            }
        }
        guard !session.isDryRun else { return RestartReport(workloads: []) }
        let rollout = try await RolloutWait(
            session: session, namespace: namespace, deadline: limit.duration
        ).run(references)
        let after = try await settled(workloads, since: before)
        let verification = try await session.activity.step("verify what runs") { _ in
            try await ImageVerification(session: session).run(
                references, in: after, namespace: namespace)
        }
        return RestartReport(
            workloads: zip(workloads, rollout.results).map { item, result in
                RestartReport.Workload(
                    workload: "\(item.0)",
                    replaced: current(item.1, before).map(\.metadata.name),
                    pods: current(item.1, after).map(\.metadata.name), state: result.state)
            }, verification: verification)
    }

    /// Deployments whose new pod would find its data locked by the old one, as they are live.
    private func singleWriters(_ references: [WorkloadReference]) async throws
        -> [WorkloadReference: JSONValue]
    {
        let deployments = references.filter { $0.kind == .deployment }
        guard !deployments.isEmpty else { return [:] }
        let survey = try await LockSurvey.read(session, namespace: namespace)
        let writers = deployments.compactMap { reference in
            survey.object(reference).map { (reference, $0) }
        }.filter { reference, object in
            let storage = WorkloadStorage(object)
            return storage.blocksRollouts
                && (storage.database != nil || LockSurvey.configured(reference, session) != nil)
        }
        return Dictionary(writers) { first, _ in first }
    }

    private func stopAndStart(_ object: JSONValue) async throws {
        let release = LockRelease(session: session, namespace: namespace)
        let released = try await release.release(
            object, method: .scale, reason: "its old and new pod cannot have the data together")
        if let released { try await release.restore([released]) }
    }

    /// One pod after the other where the strategy keeps pods; else the workload does it itself.
    private func restart(
        _ reference: WorkloadReference, _ workload: KubernetesWorkload, _ pods: [KubernetesPod]
    ) async throws {
        let strategy = workload.spec?.updateStrategy
        guard strategy?.type == "OnDelete" || (strategy?.rollingUpdate?.partition ?? 0) > 0 else {
            try await session.kubectl.restart(reference.resource, namespace: namespace)
            return
        }
        // The highest ordinal first, as a StatefulSet does it.
        let names = pods.filter { !$0.isBeingDeleted && !$0.isFinished }.map(\.metadata.name)
        try await PodReplacement(session: session, namespace: namespace, evicts: true)
            .run(
                names.sorted { $0.count == $1.count ? $0 > $1 : $0.count > $1.count },
                of: "\(reference)")
    }

    private func current(_ workload: KubernetesWorkload, _ objects: RolloutObjects)
        -> [KubernetesPod]
    {
        objects.pods(of: workload).filter { !$0.isBeingDeleted && !$0.isFinished }
    }

    /// A read in which no pod of before is left, but for those that are ending, and all are ready.
    private func settled(
        _ workloads: [(WorkloadReference, KubernetesWorkload)], since before: RolloutObjects
    ) async throws -> RolloutObjects {
        let old = Set(workloads.flatMap { before.pods(of: $0.1) }.map(\.metadata.uid))
        let end = ContinuousClock.now + limit.duration
        var silence = APISilence(reading: "the new pods", session.activity)
        while true {
            var open: [String] = []
            if let objects = try await silence.attempt({
                try await RolloutObjects.read(
                    session.kubectl, namespace: namespace, for: workloads.map(\.0))
            }) {
                open = workloads.flatMap { current($0.1, objects) }
                    .filter { old.contains($0.metadata.uid) || !$0.isReady }
                    .map { ShownText.line($0.metadata.name) }
                if open.isEmpty { return objects }
            }
            guard ContinuousClock.now < end else {
                throw DevClusterError(
                    .deadline,
                    "after \(limit) these pods are old, or not ready: "
                        + open.joined(separator: ", "),
                    hint: "see 'kubectl --context \(session.place.context) --namespace"
                        + " \(namespace) get pods'")
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
