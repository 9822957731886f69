import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary

/// Replaces pods that only go when they are deleted, one after the other.
package struct PodReplacement: Sendable {
    let session: Session
    let namespace: String
    /// Whether PodDisruptionBudgets are asked first, and waited for.
    var evicts = false

    package init(session: Session, namespace: String, evicts: Bool = false) {
        self.session = session
        self.namespace = namespace
        self.evicts = evicts
    }

    /// Deletes, or evicts, each pod when the one before it has a ready successor.
    ///
    /// - Parameter owner: what brings them back, as `statefulset/db`.
    /// - Throws: `DevClusterError` when no successor gets ready in time; the others are then left.
    package func run(_ names: [String], of owner: String) async throws {
        try await session.activity.step("replace \(counted(names.count, "pod")) of \(owner)") {
            step in
            for name in names {
                step.progress(ShownText.line(name))
                try await replace(name, step)
            }
        }
    }

    private func replace(_ name: String, _ step: ActivityStep) async throws {
        let before = try await pods()
        guard let pod = before.first(where: { $0.metadata.name == name }) else { return }
        let end = ContinuousClock.now + session.configuration.timeouts.rollout.duration
        try await remove(name, until: end, step)
        guard !session.isDryRun else { return }
        let siblings = Set(before.filter { $0.isSibling(of: pod) }.map(\.metadata.uid))
        let wanted = before.count { $0.isSibling(of: pod) && $0.isSettled }
        var silence = APISilence()
        while true {
            let now = try await silence.attempt { try await pods() } ?? []
            let mine = now.filter { $0.isSibling(of: pod) && !$0.isBeingDeleted }
            let hasSuccessor = mine.contains { !siblings.contains($0.metadata.uid) && $0.isSettled }
            if hasSuccessor && mine.count(where: \.isSettled) >= wanted { return }
            guard ContinuousClock.now < end else { throw late(name) }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private func remove(
        _ name: String, until end: ContinuousClock.Instant, _ step: ActivityStep
    ) async throws {
        guard evicts else {
            try await session.kubectl.startDeletion(of: "pod/\(name)", namespace: namespace)
            return
        }
        while let refusal = try await session.kubectl.evict(name, namespace: namespace) {
            step.progress("\(ShownText.line(name)): \(refusal)")
            guard ContinuousClock.now < end else {
                throw DevClusterError(
                    .deadline,
                    "pod \(name) was not evicted in \(session.configuration.timeouts.rollout):"
                        + " \(refusal)",
                    hint: "see 'kubectl --context \(session.place.context) --namespace"
                        + " \(namespace) get poddisruptionbudgets'")
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func pods() async throws -> [KubernetesPod] {
        try await session.kubectl.list("pods", namespace: namespace, as: KubernetesPod.self)
    }

    private func late(_ name: String) -> DevClusterError {
        DevClusterError(
            .deadline,
            "pod \(name) has no ready successor after"
                + " \(session.configuration.timeouts.rollout); the other pods were left",
            hint: "see 'kubectl --context \(session.place.context) --namespace \(namespace)"
                + " get pods'")
    }
}

extension KubernetesPod {
    /// Whether both pods have the same owner.
    fileprivate func isSibling(of other: KubernetesPod) -> Bool {
        metadata.controller?.uid != nil
            && metadata.controller?.uid == other.metadata.controller?.uid
    }

    /// Whether it is ready, or ended as a Job's pod does.
    fileprivate var isSettled: Bool { isReady || isFinished }
}
