import ChildProcess
import Sessions
import Settings
import Synchronization
import Vocabulary
import Workloads

/// How far a deploy is, to say so when it is interrupted.
final class DeployPhase: Sendable {
    /// The parts of a deploy that leave different things behind.
    enum Phase: Sendable {
        /// Images are built and pushed; the cluster is as it was.
        case building
        /// Objects are applied, these workloads among them.
        case applying([WorkloadReference])
        /// Everything is applied; what waits for it says more by itself.
        case proving
        /// What runs was compared; old tags and forwards are left to do.
        case verified
    }

    private let phase = Mutex(Phase.building)

    /// The deploy got there.
    func enter(_ next: Phase) { phase.withLock { $0 = next } }

    /// The error of an interrupted deploy: what it left, and how to go on.
    func interruption(_ session: Session, _ error: any Error) async -> DevClusterError {
        switch phase.withLock({ $0 }) {
        case .building:
            DevClusterError(
                .interrupted, "interrupted before anything in the cluster was changed",
                hint: "the same command again goes on: what was built and pushed is kept",
                cause: error)
        case .applying(let workloads):
            DevClusterError(
                .interrupted,
                RolloutWait.text(
                    "interrupted while the cluster was changed: some may be as before",
                    await DeployPhase.states(of: workloads, session)),
                hint: "the same command again changes all of them", cause: error)
        case .proving:
            DevClusterError(
                .interrupted, "interrupted after the rollout: everything runs, nothing is proven",
                hint: "the same command again goes on; devcluster verify-image just verifies",
                cause: error)
        case .verified:
            DevClusterError(
                .interrupted,
                "interrupted after everything was verified: forwards may be missing, old tags"
                    + " may be left",
                hint: "the same command again goes on; devcluster pf start just starts the"
                    + " forwards", cause: error)
        }
    }

    /// How each workload was left; a line that says so where the cluster does not answer.
    private static func states(of workloads: [WorkloadReference], _ session: Session) async
        -> [String]
    {
        let reader = RolloutReader(
            kubectl: session.kubectl, namespace: session.configuration.namespace.description,
            workloads: workloads)
        do {
            let objects = try await withUncancelled { try await reader.read(details: false) }
            return workloads.map { reference in
                guard let workload = objects.workload(reference) else {
                    return "\(reference): not there"
                }
                return "\(reference): \(RolloutState.judge(workload).text)"
            }
        } catch {
            return ["the cluster does not say how far it is"]
        }
    }
}

extension RolloutState {
    /// How far it is, in words.
    fileprivate var text: String {
        switch self {
        case .complete(let words): "complete, \(words)"
        case .progressing(let words), .failed(let words): words
        }
    }
}
