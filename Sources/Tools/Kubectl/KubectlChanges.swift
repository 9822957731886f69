import ChildProcess
import SystemLibraries
import Vocabulary

/// What is changed of single objects.
extension Kubectl {
    /// Applies manifests given as JSON or YAML.
    ///
    /// - Returns: the outcome; kubectl's warnings are on its standard error.
    /// - Throws: `InvocationError` when kubectl refuses, `DevClusterError` when nothing answers.
    package func apply(_ manifests: Data, namespace: String?) async throws -> Outcome {
        try await reach(
            ["apply", "--filename", "-"], namespace: namespace, input: .bytes(manifests),
            deadline: .seconds(120), effect: .changes
        ).checked()
    }

    /// Makes an object, or replaces the one that is there; what is in it is never shown.
    ///
    /// Unlike `apply` it keeps no copy in an annotation.
    /// - Throws: `InvocationError` when the API refuses.
    package func write(secret object: JSONValue, replaces: Bool, namespace: String) async throws {
        try await run(
            [replaces ? "replace" : "create", "--filename", "-"], namespace: namespace,
            input: .secret(object.encoded()), effect: .changes
        ).checked()
    }

    /// Deletes an object and waits until it is gone.
    ///
    /// - Parameter object: a type and a name, or both in one.
    /// - Parameter ignoresAbsence: whether one that is not there is no error.
    /// - Throws: `InvocationError` when the API refuses, `DevClusterError` when nothing answers.
    package func delete(
        _ object: String..., ignoresAbsence: Bool = false, namespace: String?, deadline: Duration
    ) async throws {
        try await reach(
            ["delete"] + object + (ignoresAbsence ? ["--ignore-not-found"] : [])
                + ["--wait=true"], namespace: namespace, deadline: deadline, effect: .changes
        ).checked()
    }

    /// Asks for an object's deletion.
    ///
    /// - Parameter object: as `pod/web-1`.
    /// - Throws: `InvocationError` when the API refuses.
    package func startDeletion(of object: String, namespace: String?) async throws {
        try await run(["delete", object, "--wait=false"], namespace: namespace, effect: .changes)
            .checked()
    }

    /// Asks for the deletion of objects in the foreground, so that a workload is gone only when its
    /// pods are; what is not there is no error.
    ///
    /// - Throws: `InvocationError` when the API refuses.
    package func startDeletion(of objects: [JSONValue], namespace: String?) async throws {
        try await run(
            [
                "delete", "--filename", "-", "--cascade=foreground", "--wait=false",
                "--ignore-not-found",
            ], namespace: namespace, input: .objects(Kubectl.list(objects)),
            deadline: .seconds(120), effect: .changes
        ).checked()
    }

    /// Merges fields into an object; any exit code is a normal result.
    ///
    /// - Parameter object: as `deployment/web`.
    package func merge(_ fields: JSONValue, into object: String, namespace: String?) async throws
        -> Outcome
    {
        let text = String(decoding: try fields.encoded(), as: UTF8.self)
        return try await run(
            ["patch", object, "--type=merge", "--patch", text], namespace: namespace,
            effect: .changes)
    }

    /// Changes an object by the operations of a JSON patch; any exit code is a normal result.
    package func patch(_ object: String, _ operations: [JSONValue], namespace: String) async throws
        -> Outcome
    {
        let text = String(decoding: try JSONValue.array(operations).encoded(), as: UTF8.self)
        return try await run(
            ["patch", object, "--type", "json", "--patch", text], namespace: namespace,
            effect: .changes)
    }

    /// Takes an annotation off an object.
    ///
    /// - Throws: `InvocationError` when the API refuses.
    package func removeAnnotation(_ key: String, from object: String, namespace: String)
        async throws
    {
        try await run(["annotate", object, key + "-"], namespace: namespace, effect: .changes)
            .checked()
    }

    /// Sets images of a workload's containers; any exit code is a normal result.
    ///
    /// - Parameter images: `container=reference` each.
    package func setImages(of workload: String, _ images: [String], namespace: String) async throws
        -> Outcome
    {
        try await run(
            ["set", "image", workload] + images, namespace: namespace, effect: .changes)
    }

    /// Lets a workload replace its pods.
    ///
    /// - Throws: `InvocationError` when the API refuses.
    package func restart(_ workload: String, namespace: String) async throws {
        try await run(["rollout", "restart", workload], namespace: namespace, effect: .changes)
            .checked()
    }
}
