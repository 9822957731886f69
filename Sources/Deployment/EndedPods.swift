import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary

/// Pods by themselves that ended: the kubelet does not start them again, whatever is applied.
struct EndedPods: Sendable {
    let session: Session
    let namespace: String

    /// Deletes the live pods that ended and are to run something else, and those of ours that
    /// failed: applied again they would just stay as they are.
    ///
    /// - Parameters:
    ///   - objects: what is about to be applied to the namespace.
    ///   - live: what is there.
    /// - Throws: `DevClusterError` for a pod that this project did not apply.
    func replace(_ objects: [JSONValue], live: [JSONValue]) async throws {
        let pods = live.map { ManifestObject($0) }.filter { $0.builtIn == .pod }
        for object in objects.map({ ManifestObject($0) }) where object.builtIn == .pod {
            guard let there = pods.first(where: { $0.name == object.name }),
                let phase = there.value["status"]?["phase"]?.string,
                ["Succeeded", "Failed"].contains(phase)
            else { continue }
            let isSame = there.lastApplied?["spec"] == object.value["spec"]
            guard !isSame || phase == "Failed" else { continue }
            guard
                there.value["metadata"]?["labels"]?[DevClusterLabel.project]?.string
                    == session.place.cluster
            else {
                guard !isSame else { continue }
                throw DevClusterError(
                    .failed,
                    "\(object) ended, so that it cannot be changed, and was not applied by this"
                        + " project",
                    hint: "delete it with 'kubectl --context \(session.place.context)"
                        + " --namespace \(namespace) delete pod \(object.name)' and deploy again")
            }
            session.activity.report(
                .note("\(object) \(phase == "Failed" ? "failed" : "ended") before, and runs anew"))
            try await session.kubectl.delete(
                "pod", object.name, namespace: namespace,
                deadline: session.configuration.timeouts.delete.duration)
        }
    }
}
