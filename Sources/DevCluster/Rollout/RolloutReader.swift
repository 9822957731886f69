import ChildProcess

/// Reads what rollouts are judged by, in as few calls as will do.
struct RolloutReader: Sendable {
    let kubectl: Kubectl
    let namespace: String
    let workloads: [WorkloadReference]

    /// One call for workloads and pods; with `details` also nodes and namespace, and a second
    /// call, at the same time, for the warnings: they are many, and kubectl filters one type only.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    func read(details: Bool) async throws -> RolloutObjects {
        guard details else { return try await objects(also: "") }
        async let events = warnings()
        var result = try await objects(also: ",namespaces,nodes")
        result.events = try await events
        return result
    }

    /// Whether the namespace is being deleted, or gone.
    func namespaceEnds() async throws -> Bool {
        let outcome = try await kubectl.run(
            ["get", "namespaces", "--output", "json"], deadline: RolloutReader.deadline)
        if outcome.lacksOnly(Kubectl.clusterTypes) {
            return try await kubectl.phase(ofNamespace: namespace) != "Active"
        }
        _ = try outcome.checked()
        let all = try kubectl.decode(KubernetesList<KubernetesNamespace>.self, outcome).items
        return all.first { $0.metadata.name == namespace }?.isEnding ?? true
    }

    /// A read that hangs is no answer; the next one may get through.
    private static let deadline = Duration.seconds(10)

    private func objects(also more: String) async throws -> RolloutObjects {
        let outcome = try await kubectl.run(
            ["get", RolloutObjects.resources(for: workloads) + more, "--output", "json"],
            namespace: namespace, deadline: RolloutReader.deadline)
        // Without nodes and namespaces less can be explained, and all can be judged.
        if !outcome.lacksOnly(Kubectl.clusterTypes) { _ = try outcome.checked() }
        return try kubectl.decode(RolloutObjects.self, outcome)
    }

    private func warnings() async throws -> [KubernetesEvent] {
        let outcome = try await kubectl.run(
            ["get", "events", "--field-selector", "type=Warning", "--output", "json"],
            namespace: namespace, deadline: RolloutReader.deadline
        ).checked()
        return try kubectl.decode(KubernetesList<KubernetesEvent>.self, outcome).items
    }
}
