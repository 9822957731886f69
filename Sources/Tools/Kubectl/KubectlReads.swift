import ChildProcess
import Vocabulary

/// What is read of objects; where an `Outcome` is returned, any exit code is a normal result.
extension Kubectl {
    /// Reads objects as JSON.
    ///
    /// - Parameter objects: types, as `pods,replicasets`; or a type and a name.
    /// - Parameter namespace: nil for what is in none.
    package func read(
        _ objects: String..., namespace: String?, deadline: Duration? = nil
    ) async throws -> Outcome {
        try await run(
            ["get"] + objects + ["--output", "json"], namespace: namespace, deadline: deadline)
    }

    /// Reads objects of all namespaces as JSON.
    package func readEverywhere(_ types: String, deadline: Duration? = nil) async throws -> Outcome
    {
        try await run(
            ["get", types, "--output", "json", "--all-namespaces"], deadline: deadline)
    }

    /// Reads objects as JSON; what is not there is left out, and nothing is printed for none.
    ///
    /// - Parameter objects: as `read` takes them.
    package func readIfThere(
        _ objects: String..., namespace: String?, deadline: Duration? = nil
    ) async throws -> Outcome {
        try await run(
            ["get"] + objects + ["--ignore-not-found", "--output", "json"], namespace: namespace,
            deadline: deadline)
    }

    /// Reads, as they are live, those of some objects that are there.
    ///
    /// - Parameter namespace: of those that name none; nil where they name others, which kubectl
    ///   refuses beside it.
    package func readLive(_ objects: [JSONValue], namespace: String?) async throws -> Outcome {
        try await run(
            ["get", "--filename", "-", "--ignore-not-found", "--output", "json"],
            namespace: namespace, input: .objects(Kubectl.list(objects)))
    }

    /// All objects of these types, wherever they are.
    ///
    /// - Throws: `DevClusterError` when the API does not answer, or not as it must.
    package func objectsEverywhere(_ types: String) async throws -> [JSONValue] {
        try items(answered(await readEverywhere(types)))
    }

    /// Names of objects as kubectl prints them: `deployment.apps/web`.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    package func names(_ types: String, namespace: String, deadline: Duration) async throws
        -> [String]
    {
        try await run(
            ["get", types, "--output", "name"], namespace: namespace, deadline: deadline
        ).checked().text.split(whereSeparator: \.isNewline).map(String.init)
    }

    /// The nodes; none for an account that may not list them.
    ///
    /// - Throws: `DevClusterError` when the API does not answer.
    package func nodes() async throws -> [KubernetesNode] {
        let outcome = try await readEverywhere("nodes")
        guard !outcome.lacksOnly(Kubectl.clusterTypes) else { return [] }
        return try decode(KubernetesList<KubernetesNode>.self, answered(outcome)).items
    }

    /// The namespaces; nil for an account that may not list them.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    package func namespaces(deadline: Duration) async throws -> [KubernetesNamespace]? {
        let outcome = try await read("namespaces", namespace: nil, deadline: deadline)
        guard !outcome.lacksOnly(Kubectl.clusterTypes) else { return nil }
        return try decode(KubernetesList<KubernetesNamespace>.self, outcome.checked()).items
    }

    /// What was said of an object, newest last; also where it is gone.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    package func events(
        about kind: String, _ name: String, namespace: String, deadline: Duration
    ) async throws -> [KubernetesEvent] {
        try await events(
            "involvedObject.kind=\(kind),involvedObject.name=\(name)", namespace, deadline
        ).sorted { $0.lastTime < $1.lastTime }
    }

    /// The warnings of a namespace.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    package func warnings(namespace: String, deadline: Duration) async throws -> [KubernetesEvent] {
        try await events("type=Warning", namespace, deadline)
    }

    private func events(_ selector: String, _ namespace: String, _ deadline: Duration) async throws
        -> [KubernetesEvent]
    {
        let outcome = try await run(
            ["get", "events", "--field-selector", selector, "--output", "json"],
            namespace: namespace, deadline: deadline
        ).checked()
        return try decode(KubernetesList<KubernetesEvent>.self, outcome).items
    }

    /// Several objects as one document.
    static func list(_ objects: [JSONValue]) -> JSONValue {
        ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
    }
}
