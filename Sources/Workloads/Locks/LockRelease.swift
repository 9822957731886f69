import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// Takes workloads' pods away so that nobody has the data open, and gives them back.
///
/// The count stands on the object in between, written by the very patch that scales to 0: what
/// is killed there is seen by the next run.
package struct LockRelease: Sendable {
    let session: Session
    let namespace: String

    package init(session: Session, namespace: String) {
        self.session = session
        self.namespace = namespace
    }

    /// A workload without pods.
    package struct Released: Sendable {
        package var workload: WorkloadReference
        var method: Configuration.Lock.Method
        /// How many it had.
        var replicas: BoundedInteger
        var reason: String
        var since = ContinuousClock.now
    }

    /// A workload whose pods are to go.
    package struct Item: Sendable {
        /// The workload as it is live.
        var object: JSONValue
        var method: Configuration.Lock.Method
        var reason: String

        package init(object: JSONValue, method: Configuration.Lock.Method, reason: String) {
            self.object = object
            self.method = method
            self.reason = reason
        }
    }

    /// How the release of one of several ended.
    private struct Ending: Sendable {
        var index: Int
        var released: Released?
        var error: (any Error)?
    }

    /// Takes the pods of several workloads away at once, as the other `release` does.
    ///
    /// - Throws: the first error; everything has its replicas back then.
    package func release(_ items: [Item]) async throws -> [Released] {
        let endings = await withTaskGroup(of: Ending.self) { group in
            for (index, item) in items.enumerated() {
                group.addTask { await ending(of: item, index) }
            }
            var endings: [Ending] = []
            for await ending in group {
                if ending.error != nil { group.cancelAll() }
                endings.append(ending)
            }
            return endings
        }
        let released = endings.sorted { $0.index < $1.index }.compactMap(\.released)
        guard let error = endings.lazy.compactMap(\.error).first else { return released }
        await giveBack(released)
        throw error
    }

    private func ending(of item: Item, _ index: Int) async -> Ending {
        var ending = Ending(index: index)
        do {
            ending.released = try await release(
                item.object, method: item.method, reason: item.reason)
        } catch {
            ending.error = error
        }
        return ending
    }

    /// Scales to 0, or deletes, and waits until every pod is gone from the API.
    ///
    /// - Throws: `DevClusterError` when a pod is not gone in `spec.timeouts.delete`; everything
    ///   has its replicas back then.
    package func release(
        _ object: JSONValue, method: Configuration.Lock.Method, reason: String
    ) async throws -> Released? {
        guard let workload = ManifestObject(object).workload else { return nil }
        let now = object["spec"]?["replicas"]?.integer ?? 1
        let replicas = now == 0 ? object.keptReplicas ?? 0 : now
        // Somebody wants none: there is nothing to clear, and nothing to give back.
        guard replicas > 0 else { return nil }
        let released = Released(
            workload: workload, method: method, replicas: replicas, reason: reason)
        do {
            try await session.activity.step(
                "clear the lock of \(workload)", detail: { _ in reason }
            ) { step in
                if method == .delete {
                    _ = try await ObjectDeletion(
                        session: session, namespace: namespace, objects: [object]
                    ).perform()
                } else {
                    if now > 0 { try await patch(workload, replicas: 0, kept: replicas) }
                    try await waitForPods(of: workload, step)
                }
            }
        } catch {
            await giveBack([released])
            throw error
        }
        return released
    }

    /// Gives the pods back when something else failed, whose error is worth more than what this
    /// may add: what stays at 0 is told.
    package func giveBack(_ released: [Released]) async {
        for item in released {
            do { try await restore([item]) } catch {
                session.activity.report(
                    .warning(
                        "\(item.workload) still has no pods: \(ShownText.line("\(error)")); the next"
                            + " deploy, or 'devcluster locks clear', gives them back"))
            }
        }
    }

    /// Gives the pods back; also after Ctrl-C, since it takes a moment only.
    ///
    /// - Parameter planned: the objects that were applied meanwhile, whose own counts win.
    package func restore(_ released: [Released], planned: [JSONValue] = []) async throws {
        try await withUncancelled {
            var first: (any Error)?
            for item in released where item.method == .scale {
                do {
                    try await patch(
                        item.workload, replicas: item.replicas(in: planned), kept: nil)
                } catch {
                    // The others get theirs all the same.
                    first = first ?? error
                }
            }
            if let first { throw first }
        }
    }

    /// What was cleared, for the report.
    package func cleared(_ released: [Released], planned: [JSONValue] = []) -> [ClearedLock] {
        released.map { item in
            ClearedLock(
                workload: "\(item.workload)", method: item.method,
                replicas: item.replicas(in: planned), reason: item.reason,
                seconds: (ContinuousClock.now - item.since).inSeconds)
        }
    }

    /// Takes the annotation off a workload that has its pods back already.
    package func forget(_ workload: WorkloadReference) async throws {
        try await session.kubectl.removeAnnotation(
            LockAnnotation.replicas, from: workload.resource, namespace: namespace)
    }

    private func patch(
        _ workload: WorkloadReference, replicas: BoundedInteger, kept: BoundedInteger?
    ) async throws {
        let patch: JSONValue = [
            "metadata": [
                "annotations": [
                    LockAnnotation.replicas: kept.map { .string("\($0)") } ?? .null
                ]
            ],
            "spec": ["replicas": .integer(Int64(replicas.value))],
        ]
        try await session.kubectl.merge(patch, into: workload.resource, namespace: namespace)
            .checked()
    }

    private func waitForPods(of workload: WorkloadReference, _ step: ActivityStep) async throws {
        guard !session.isDryRun else { return }
        let limit = session.configuration.timeouts.delete
        let end = ContinuousClock.now + limit.duration
        var silence = APISilence(reading: "the pods of \(workload)", session.activity)
        while true {
            let objects = try await silence.attempt {
                try await RolloutObjects.read(
                    session.kubectl, namespace: namespace, for: [workload])
            }
            if let objects, let owner = objects.workload(workload) {
                // By name: a ReplicaSet may be gone before its last pod (revisionHistoryLimit).
                let owners = PodOwners(objects)
                let pods = objects.pods.filter { owners.owner(of: $0)?.name == "\(workload)" }
                // Its controller may not have seen the new count yet.
                if pods.isEmpty && owner.isObserved { return }
                step.progress("\(counted(pods.count, "pod")) left")
            } else if objects != nil {
                throw DevClusterError(
                    .failed, "\(workload) is gone from namespace \(namespace)",
                    hint: "somebody deleted it while its lock was cleared; deploy again")
            }
            guard ContinuousClock.now < end else {
                throw DevClusterError(
                    .deadline, "the pods of \(workload) are not gone after \(limit)",
                    hint: "see 'kubectl --context \(session.place.context) --namespace"
                        + " \(namespace) get pods -o wide'")
            }
            try await Task.sleep(for: .milliseconds(400))
        }
    }
}

extension LockRelease.Released {
    /// How many replicas it gets: what the manifest says, else what it had, or, made anew, one.
    fileprivate func replicas(in planned: [JSONValue]) -> BoundedInteger {
        planned.first { ManifestObject($0).workload == workload }?["spec"]?["replicas"]?.integer
            ?? (method == .scale ? replicas : 1)
    }
}
