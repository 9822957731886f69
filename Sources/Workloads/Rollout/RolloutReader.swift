import ChildProcess
import Tools
import Vocabulary

/// Reads what rollouts are judged by, in as few calls as will do.
package struct RolloutReader: Sendable {
    let kubectl: Kubectl
    /// The namespace of workloads that name none.
    let namespace: String
    let workloads: [WorkloadReference]
    /// Further namespaces whose pods are read.
    var places: Set<String> = []

    package init(
        kubectl: Kubectl, namespace: String, workloads: [WorkloadReference],
        places: Set<String> = []
    ) {
        self.kubectl = kubectl
        self.namespace = namespace
        self.workloads = workloads
        self.places = places
    }

    /// One call a namespace for workloads and pods; with `details` also nodes and namespaces, and
    /// a second call, at the same time, for the warnings: they are many, and kubectl filters one
    /// type only.
    ///
    /// - Throws: `InvocationError` when the API does not answer.
    package func read(details: Bool) async throws -> RolloutObjects {
        var groups = Dictionary(grouping: workloads) { $0.namespace ?? namespace }
        for place in places { groups[place] = groups[place] ?? [] }
        if groups.isEmpty { groups[namespace] = [] }
        let first = groups.keys.min()
        var result = RolloutObjects(workloads: [], pods: [])
        let parts = try await groups.sorted { $0.key < $1.key }.concurrentMap { place, workloads in
            try await read(workloads, in: place, details: details, clusterToo: place == first)
        }
        for part in parts { result.add(part) }
        result.home = groups.count > 1 ? namespace : nil
        return result
    }

    private func read(
        _ workloads: [WorkloadReference], in place: String, details: Bool, clusterToo: Bool
    ) async throws -> RolloutObjects {
        let types = RolloutObjects.resources(for: workloads)
        guard details else { return try await objects(types, in: place) }
        async let events = kubectl.warnings(namespace: place, deadline: RolloutReader.deadline)
        var result = try await objects(
            types + (clusterToo ? ",namespaces,nodes" : ""), in: place)
        result.events = try await events
        return result
    }

    /// Whether a namespace is being deleted, or gone.
    func ends(_ namespace: String) async throws -> Bool {
        guard let all = try await kubectl.namespaces(deadline: RolloutReader.deadline) else {
            return try await kubectl.phase(ofNamespace: namespace) != "Active"
        }
        return all.first { $0.metadata.name == namespace }?.isEnding ?? true
    }

    /// A read that hangs is no answer; the next one may get through.
    private static let deadline = Duration.seconds(10)

    private func objects(_ types: String, in namespace: String) async throws -> RolloutObjects {
        let outcome = try await kubectl.read(
            types, namespace: namespace, deadline: RolloutReader.deadline)
        // Without nodes and namespaces less can be explained, and all can be judged.
        if !outcome.lacksOnly(Kubectl.clusterTypes) { _ = try outcome.checked() }
        return try kubectl.decode(RolloutObjects.self, outcome)
    }

    /// What was said of an object, newest last; also where it is gone.
    func events(about kind: String, _ name: String, in namespace: String) async throws
        -> [KubernetesEvent]
    {
        try await kubectl.events(
            about: kind, name, namespace: namespace, deadline: RolloutReader.deadline)
    }
}
