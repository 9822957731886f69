import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Applies objects to the cluster, through kubectl.
struct ManifestApplier: Sendable {
    let session: Session
    let namespace: String

    /// Applies the objects in their order.
    ///
    /// kubectl refuses an object of another namespace when one is given on the command line, so
    /// those that name their own go in a call of their own.
    /// - Returns: what kubectl said of each object, and the API's warnings, which are reported.
    func apply(_ objects: [JSONValue]) async throws -> (lines: [String], warnings: [APIWarning]) {
        let others = objects.filter {
            ManifestObject($0).namespace.map { $0 != namespace } ?? false
        }
        let mine = objects.filter { !others.contains($0) }
        var lines: [String] = []
        var warnings: [APIWarning] = []
        for (list, namespace) in [(mine, namespace as String?), (others, nil)] where !list.isEmpty {
            let outcome = try await apply(list: list, namespace: namespace)
            lines += outcome.text.split(whereSeparator: \.isNewline).map(String.init)
            warnings += try await APIWarnings(kubectl: session.kubectl, namespace: namespace)
                .attributed(outcome.errorText, to: list)
        }
        warnings.forEach { session.activity.report(.warning($0.text)) }
        return (lines, warnings)
    }

    private func apply(list: [JSONValue], namespace: String?) async throws -> Outcome {
        let document: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(list)]
        do {
            return try await session.kubectl.apply(document.encoded(), namespace: namespace)
        } catch let error as InvocationError where error.isFailure {
            throw refusal(error, namespace)
        }
    }

    private func refusal(_ error: InvocationError, _ namespace: String?) -> DevClusterError {
        let place = namespace.map { " --namespace \($0)" } ?? ""
        let objects = KubectlFailure.immutable(error.tail)
        guard objects.isEmpty else {
            return DevClusterError(
                .failed,
                "what is to change in \(objects.joined(separator: ", ")) cannot be changed once"
                    + " it is there",
                hint: "put it back as it was; or delete it with 'kubectl --context"
                    + " \(session.place.context)\(place) delete \(objects.joined(separator: " "))'"
                    + " and deploy again", cause: error)
        }
        if KubectlFailure.isNamespaceEnding(error.tail) {
            return DevClusterError(
                .failed, "a namespace that the manifests go to is being deleted",
                hint: "somebody deleted it during the deploy; deploy again: that waits until the"
                    + " old one is gone", cause: error)
        }
        return DevClusterError(
            .failed, "the cluster refused the manifests",
            hint: "everything that was not refused was applied; correct it and deploy again",
            cause: error)
    }

    /// Deletes the live Jobs whose template differs, which cannot be changed, and those of ours
    /// that failed: applied again they would just stay failed.
    ///
    /// - Throws: `DevClusterError` for a Job that this project did not apply.
    func replaceJobs(_ objects: [JSONValue], live: [JSONValue]) async throws {
        for object in objects {
            let job = ManifestObject(object)
            guard job.builtIn == .job, job.namespace ?? namespace == namespace,
                let there = live.first(where: { ManifestObject($0).description == job.description })
            else { continue }
            let isSame = template(applied(there)) == template(object)
            guard !isSame || hasFailed(there) else { continue }
            let owner = there["metadata"]?["labels"]?[DevClusterLabel.project]?.string
            guard owner == session.place.cluster else {
                guard !isSame else { continue }
                throw DevClusterError(
                    .failed,
                    "\(job) has another template, which cannot be changed, and was not"
                        + " applied by this project",
                    hint: "delete it with 'kubectl --context \(session.place.context)"
                        + " --namespace \(namespace) delete job \(job.name)' and deploy again")
            }
            if isSame { session.activity.report(.note("\(job) failed before, and runs anew")) }
            _ = try await session.kubectl.reach(
                ["delete", "job", job.name, "--wait=true"], namespace: namespace,
                deadline: session.configuration.timeouts.delete.duration, effect: .changes
            ).checked()
        }
    }

    private func hasFailed(_ job: JSONValue) -> Bool {
        (job["status"]?["conditions"]?.array ?? []).contains {
            $0["type"]?.string == "Failed" && $0["status"]?.string == "True"
        }
    }

    private func template(_ object: JSONValue?) -> JSONValue? { object?["spec"]?["template"] }

    /// The object as it was applied last, from the annotation that `kubectl apply` keeps.
    private func applied(_ live: JSONValue) -> JSONValue? {
        let annotations = live["metadata"]?["annotations"]
        let text = annotations?["kubectl.kubernetes.io/last-applied-configuration"]?.string
        return text.flatMap { try? JSONValue(parsing: $0) }
    }
}
