import ChildProcess
import SystemLibraries
import Vocabulary

extension Kubectl {
    /// Asks for a pod's eviction, as `kubectl drain` does: a PodDisruptionBudget may refuse it.
    ///
    /// - Returns: the refusal, nil when the pod goes, or is gone already.
    /// - Throws: `InvocationError` when kubectl refuses for another reason.
    package func evict(_ pod: String, namespace: String) async throws -> String? {
        var outcome = try await evict(pod, namespace, version: "policy/v1")
        // Kubernetes before 1.22.
        if !outcome.succeeded, KubectlText.noEviction.isIn(outcome.errorText) {
            outcome = try await evict(pod, namespace, version: "policy/v1beta1")
        }
        if outcome.succeeded || outcome.isNotFound { return nil }
        guard KubectlText.tooManyRequests.isIn(outcome.errorText) else {
            _ = try outcome.checked()
            return nil
        }
        return (outcome.lastWords ?? "")
            .replacing(
                "\(KubectlText.server.words) \(KubectlText.tooManyRequests.words): ", with: "")
    }

    private func evict(_ pod: String, _ namespace: String, version: String) async throws -> Outcome
    {
        let eviction: JSONValue = [
            "apiVersion": .string(version), "kind": "Eviction",
            "metadata": ["name": .string(pod), "namespace": .string(namespace)],
        ]
        return try await run(
            [
                "create", "--raw", "/api/v1/namespaces/\(namespace)/pods/\(pod)/eviction",
                "--filename", "-",
            ], input: .bytes(eviction.encoded()), effect: .changes)
    }
}
