import ChildProcess
import Sessions
import Tools
import Vocabulary

/// Takes finalizers out of objects that are being deleted, after saying so.
struct FinalizerRemoval: Sendable {
    let session: Session

    /// The finalizers of an object that may go: not those that protect a volume in use.
    static func removable(_ object: RemainingObject) -> [String] {
        object.holdingFinalizers.filter {
            !["kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"].contains($0)
        }
    }

    /// Shows and removes them.
    ///
    /// - Returns: what was removed, a line each.
    /// - Throws: `InvocationError` when kubectl refuses.
    func run(_ objects: [RemainingObject]) async throws -> [String] {
        var lines: [String] = []
        for object in objects {
            let gone = FinalizerRemoval.removable(object)
            guard !gone.isEmpty else { continue }
            let line = ShownText.line("\(object.name): \(gone.joined(separator: ", "))")
            session.activity.report(.warning("taking the finalizers out of \(line)"))
            let kept = (object.metadata.finalizers ?? []).filter { !gone.contains($0) }
            let patch: JSONValue = [
                "metadata": [
                    // Another object of that name is refused by the API server.
                    "uid": .string(object.metadata.uid),
                    "finalizers": .array(kept.map { .string($0) }),
                ]
            ]
            let outcome = try await session.kubectl.merge(
                patch, into: "\(object.resource)/\(object.metadata.name)",
                namespace: object.metadata.namespace)
            // It may have gone meanwhile.
            if !outcome.isNotFound { try outcome.checked() }
            lines.append(line)
        }
        return lines
    }
}
