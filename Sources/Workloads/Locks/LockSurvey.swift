import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// The workloads of a namespace as one read shows them, judged by their locks.
package struct LockSurvey: Sendable {
    let session: Session
    let namespace: String
    /// Deployments and StatefulSets as they are live.
    let objects: [JSONValue]
    let rollout: RolloutObjects

    private static let resources = BuiltInKind.resources(
        .deployment, .statefulSet, .replicaSet, .pod)

    /// Reads workloads and pods in one call.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer.
    package static func read(_ session: Session, namespace: String) async throws -> LockSurvey {
        let kubectl = session.kubectl
        let answer = try kubectl.answered(await kubectl.read(resources, namespace: namespace))
        let items = try answer.json()["items"]?.array ?? []
        return LockSurvey(
            session: session, namespace: namespace,
            objects: items.filter {
                [.deployment, .statefulSet].contains(ManifestObject($0).builtIn)
            },
            rollout: try kubectl.decode(RolloutObjects.self, answer))
    }

    /// The live object; nil when there is none.
    package func object(_ workload: WorkloadReference) -> JSONValue? {
        objects.first { ManifestObject($0).workload == workload }
    }

    /// The configured way to clear a workload's lock; nil when it is not named.
    package static func configured(_ workload: WorkloadReference, _ session: Session)
        -> Configuration.Lock?
    {
        session.configuration.locks.first { $0.workload == workload }
    }

    /// Judges a workload; reads the logs of pods that do not start.
    package func finding(_ object: JSONValue) async throws -> LockFinding? {
        guard let workload = ManifestObject(object).workload else { return nil }
        let storage = WorkloadStorage(object)
        let isConfigured = LockSurvey.configured(workload, session) != nil
        var finding = LockFinding(
            workload: "\(workload)", database: storage.database?.name, storage: storage.shared,
            state: .safe, isConfigured: isConfigured, reason: "")
        if object.keptReplicas != nil, object["spec"]?["replicas"]?.integer == 0 {
            finding.state = .interrupted
            finding.reason = "it was scaled to 0 to clear its lock, and the run did not end"
        } else if storage.hasData || storage.hasHostPorts || isConfigured,
            let evidence = try await evidence(workload, storage)
        {
            finding.state = .blocked
            finding.database = evidence.database ?? finding.database
            finding.reason = evidence.line
            finding.port = evidence.port
            finding.isLogged = evidence.hasWords
        } else if storage.blocksRollouts {
            finding.state = storage.database != nil || isConfigured ? .wouldBlock : .mayBlock
            finding.reason = "RollingUpdate starts the new pod while the old one has the data"
        } else if isConfigured || storage.database != nil {
            finding.reason = storage.safety
        } else {
            return nil
        }
        finding.advice = advice(finding, storage)
        return finding
    }

    private func advice(_ finding: LockFinding, _ storage: WorkloadStorage) -> String? {
        if finding.state != .safe && storage.isContested && finding.port == nil {
            return "set replicas: 1: \(storage.replicas) pods cannot share \(storage.shared[0])"
        }
        guard storage.overlaps, [.blocked, .wouldBlock, .mayBlock].contains(finding.state) else {
            return nil
        }
        return "set 'strategy: {type: Recreate}' in its manifest"
    }

    /// What shows that a pod does not start because of a lock.
    private struct Evidence {
        var database: String?
        var line: String
        var port: String?
        /// Whether the program itself said it.
        var hasWords = false
    }

    /// The log line of a pod that does not start because of a lock; else the pod that has what it
    /// needs.
    private func evidence(_ workload: WorkloadReference, _ storage: WorkloadStorage) async throws
        -> Evidence?
    {
        guard let owner = rollout.workload(workload) else { return nil }
        for pod in rollout.pods(of: owner) where !pod.isBeingDeleted && !pod.isReady {
            let name = "pod \(ShownText.line(pod.metadata.name))"
            if let message = pod.condition("PodScheduled")?.message,
                SchedulerMessage.lacksPorts(message),
                let lock = rollout.portLock(of: pod, in: owner), lock.isOld
            {
                return Evidence(
                    line: "no node takes \(name) while \(lock.description)",
                    port: "\(lock.holding)")
            }
            for status in (pod.status?.initContainerStatuses ?? [])
                + (pod.status?.containerStatuses ?? [])
            {
                guard let found = try await evidence(status, pod, owner) else { continue }
                // Where old and new pods are never there together, only words say something.
                if found.hasWords || storage.overlaps { return found }
            }
        }
        return nil
    }

    private func evidence(
        _ status: KubernetesPod.ContainerStatus, _ pod: KubernetesPod, _ owner: KubernetesWorkload
    ) async throws -> Evidence? {
        let last = status.state?.terminated ?? status.lastState?.terminated
        let data = rollout.dataLock(of: pod, in: owner, start: last?.startedAt)
        let network = rollout.networkLock(of: pod, in: owner, start: last?.startedAt)
        // Some wait for their lock instead of ending.
        guard status.hasEnded || (data != nil && status.state?.running != nil) else { return nil }
        let name = "pod \(ShownText.line(pod.metadata.name))"
        for isPrevious in status.hasEnded ? [true, false] : [false] {
            let outcome = try await session.kubectl.log(
                of: "pod/\(pod.metadata.name)", container: status.name, lines: 100,
                isPrevious: isPrevious, namespace: namespace)
            // A container that did not run before has no previous log.
            guard outcome.succeeded else { continue }
            if let found = LockingDatabase.locked(in: outcome.text) {
                return Evidence(
                    database: found.database.name, line: "\(name): \(found.line)", hasWords: true)
            }
            if let data, data.isPlain, let line = LockWords.line(in: outcome.text) {
                return Evidence(line: "\(name): \(line)", hasWords: true)
            }
            if let network, network.isOld, PodLock.isAddressInUse(outcome.text) {
                return Evidence(
                    line: "\(name) ended while \(network.description)",
                    port: "\(network.holding)", hasWords: true)
            }
        }
        guard let data, data.isPlain, let last, last.isOwnEnd, (status.restartCount ?? 0) > 0 else {
            return nil
        }
        return Evidence(
            line: "\(name) ended with exit code \(last.exitCode) while \(data.description)")
    }
}

extension WorkloadStorage {
    /// Why no lock can be in the way.
    fileprivate var safety: String {
        if shared.isEmpty {
            if hasClaims { return "each of its pods has a claim of its own" }
            return hasEmptyDir
                ? "an emptyDir belongs to one pod, so no two share it"
                : "no two of its pods share a volume"
        }
        if replicas > 1 { return "\(replicas) pods share it by design" }
        return "the old pod is gone before the new one starts"
    }
}

extension KubernetesPod.ContainerStatus {
    /// Whether it ran and ended, perhaps to be started again.
    fileprivate var hasEnded: Bool {
        ready != true
            && (state?.terminated != nil || lastState?.terminated != nil || (restartCount ?? 0) > 0)
    }
}

extension JSONValue {
    /// How many replicas it had before it was scaled to 0 to clear its lock.
    package var keptReplicas: BoundedInteger? {
        self["metadata"]?["annotations"]?[LockAnnotation.replicas]?.string.flatMap {
            BoundedInteger($0)
        }
    }
}

/// Annotations on workloads whose lock is being cleared.
enum LockAnnotation {
    /// How many replicas to give back.
    static let replicas = "devcluster.dev/replicas"
}
