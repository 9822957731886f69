import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The namespace that is deployed to, as it is now.
struct DeployTarget: Sendable {
    let session: Session

    struct State: Sendable {
        /// The workloads of the namespace.
        var objects: [JSONValue]
        /// `Active` or `Terminating`; nil when there is no such namespace.
        var phase: String?
    }

    private var namespace: String { session.configuration.namespace.description }
    static let resources = BuiltInKind.resources(
        .namespace, .deployment, .statefulSet, .daemonSet, .job, .cronJob)

    /// Namespace and workloads in one read.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer.
    func read() async throws -> State {
        let outcome = try await session.kubectl.reach(
            ["get", DeployTarget.resources, "--output", "json"], namespace: namespace)
        let items = try session.kubectl.items(session.kubectl.answeredAsAllowed(outcome))
        guard outcome.succeeded else {
            return State(
                objects: items, phase: try await session.kubectl.phase(ofNamespace: namespace))
        }
        let mine = items.first {
            ManifestObject($0).builtIn == .namespace && ManifestObject($0).name == namespace
        }
        return State(
            objects: items.filter { ManifestObject($0).builtIn != .namespace },
            phase: mine?["status"]?["phase"]?.string)
    }

    /// Creates the namespace, or waits until one that is being deleted is gone and creates it.
    func ensureNamespace(_ state: State) async throws -> State {
        guard state.phase != "Active" else { return state }
        if state.phase == "Terminating" { try await waitUntilGone() }
        let object: JSONValue = [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(namespace),
                "labels": [
                    DevClusterLabel.managed: "true",
                    DevClusterLabel.project: .string(session.place.cluster),
                ],
            ],
        ]
        let data = try object.encoded()
        try await session.activity.step("create namespace \(namespace)") { _ in
            _ = try await session.kubectl.apply(data, namespace: nil)
        }
        return State(objects: [], phase: "Active")
    }

    private func waitUntilGone() async throws {
        guard !session.isDryRun else { return }
        let deletion = NamespaceDeletion(
            session: session, namespace: session.configuration.namespace)
        try await session.activity.step("wait until the old \(namespace) is gone") { step in
            guard let there = try await deletion.read() else { return }
            _ = try await NamespaceDeparture(deletion: deletion, there: there, step: step).run()
        }
    }
}
