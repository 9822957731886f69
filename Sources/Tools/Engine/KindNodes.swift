import ChildProcess
import Vocabulary

/// The labels that kind puts on its node containers; stable since kind 0.6.
package enum KindLabel {
    package static let cluster = "io.x-k8s.kind.cluster"
    package static let role = "io.x-k8s.kind.role"
}

extension Container {
    /// Whether it is what kind puts before several control planes: no node of Kubernetes.
    package var isLoadBalancer: Bool { labels[KindLabel.role] == Engine.KindNode.loadBalancer }
}

/// The containers that kind makes of an engine's.
extension Engine {
    /// A container that is a node of a kind cluster, in whatever state.
    package struct KindNode: Sendable, Equatable {
        package var name: String
        package var cluster: String
        /// `control-plane`, `worker` or `external-load-balancer`.
        package var role: String

        fileprivate static let loadBalancer = "external-load-balancer"

        /// Whether it is no node of Kubernetes.
        package var isLoadBalancer: Bool { role == KindNode.loadBalancer }
    }

    /// All nodes of the kind cluster, sorted by name, in whatever state.
    ///
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func nodes(ofCluster cluster: String) async throws -> [Container] {
        try await nodes(labelled: "\(KindLabel.cluster)=\(cluster)")
    }

    /// The names of all kind clusters that have nodes here.
    ///
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func clusterNames() async throws -> Set<String> {
        Set(try await kindNodes().map(\.cluster))
    }

    /// The nodes of all kind clusters of this engine.
    ///
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func kindNodes() async throws -> [KindNode] {
        try await nodes(labelled: KindLabel.cluster).compactMap { node in
            node.labels[KindLabel.cluster].map {
                KindNode(name: node.name, cluster: $0, role: node.labels[KindLabel.role] ?? "")
            }
        }
    }

    /// The labels are read from what is inspected: in a template of `ps` they are a map for podman
    /// up to 5, and text for its 6 and for docker.
    private func nodes(labelled filter: String) async throws -> [Container] {
        let outcome = try await run([
            "ps", "--all", "--filter", "label=\(filter)", "--format", "{{.Names}}",
        ])
        guard outcome.succeeded else { throw broken(outcome) }
        let names = outcome.text.split(whereSeparator: \.isNewline).map(String.init)
        guard names.allSatisfy({ NameGrammar.engineObject($0) == nil }) else {
            throw broken(outcome)
        }
        return try await containers(named: names).values.sorted { $0.name < $1.name }
    }

    /// Whether a command line is that of an engine which makes a node of the cluster.
    package static func isMakingNode(ofCluster cluster: String, _ command: [String]) -> Bool {
        command.contains("run") && command.contains("\(KindLabel.cluster)=\(cluster)")
    }
}
