import ChildProcess
import Vocabulary

/// What objects say of who made them, and what for.
extension Kubectl {
    /// Where an object is that devcluster deployed.
    package struct DeployedPlace: Sendable, Hashable {
        package var namespace: String
        /// The namespace of the configuration that it was deployed by; nil where an older version
        /// deployed it.
        package var home: String?
    }

    /// Where objects of these types are that this project deployed; none for an account that may
    /// not look into all namespaces.
    ///
    /// - Throws: `DevClusterError` when the API does not answer.
    package func places(ofObjects types: String, project: String) async throws
        -> Set<DeployedPlace>
    {
        let outcome = try await run([
            "get", types, "--all-namespaces", "--selector",
            "\(DevClusterLabel.managed)=true,\(DevClusterLabel.project)=\(project)",
            "--output",
            #"jsonpath={range .items[*]}{.metadata.namespace} "#
                + #"{.metadata.labels.devcluster\.dev/namespace}{"\n"}{end}"#,
        ])
        if outcome.isForbidden { return [] }
        let lines = try answered(outcome).text.split(whereSeparator: \.isNewline)
        return Set(
            lines.compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                return words.first.map {
                    DeployedPlace(namespace: $0, home: words.dropFirst().first)
                }
            })
    }

    /// The objects of these types that a configuration deployed to a namespace; none for an account
    /// that may not look.
    ///
    /// - Throws: `DevClusterError` when the API does not answer.
    package func objects(
        ofTypes types: String, deployedBy home: String, project: String, namespace: String
    ) async throws -> [JSONValue] {
        let labels = [
            "\(DevClusterLabel.managed)=true", "\(DevClusterLabel.project)=\(project)",
            "\(DevClusterLabel.namespace)=\(home)",
        ].joined(separator: ",")
        let outcome = try await reach {
            try await run(
                ["get", types, "--selector", labels, "--output", "json"], namespace: namespace)
        }
        return outcome.isForbidden ? [] : try items(answered(outcome))
    }

    /// What is known of a Secret without reading what is in it.
    package enum SecretState: Sendable {
        case absent
        case found(type: String, isManaged: Bool)
        /// The account may not look; with what the API said of it.
        case forbidden(DevClusterError)
    }

    /// Looks for a Secret: at its type and label only.
    ///
    /// - Throws: `DevClusterError` when the API does not answer.
    package func secret(_ name: String, namespace: String) async throws -> SecretState {
        let outcome = try await run(
            [
                "get", "secret/\(name)", "--ignore-not-found", "--output",
                #"jsonpath={.type}|{.metadata.labels.devcluster\.dev/managed}"#,
            ], namespace: namespace)
        guard !outcome.isForbidden else { return .forbidden(unanswered(outcome)) }
        let text = try answered(outcome).text.trimmingSpace
        guard !text.isEmpty else { return .absent }
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        return .found(
            type: String(parts[0]), isManaged: parts.count > 1 && parts[1] == "true")
    }

    /// What the cluster says of a registry on its machine, in the ConfigMap of KEP-1755.
    ///
    /// - Returns: a document; empty where there is none, nil where the account may not look.
    /// - Throws: `DevClusterError` when the API does not answer.
    package func localRegistryHosting() async throws -> String? {
        let outcome = try await run(
            [
                "get", "configmap/local-registry-hosting", "--ignore-not-found", "--output",
                #"jsonpath={.data.localRegistryHosting\.v1}"#,
            ], namespace: "kube-public")
        return outcome.isForbidden ? nil : try answered(outcome).text
    }
}
