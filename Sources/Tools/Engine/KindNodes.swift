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
        let outcome = try await run([
            "ps", "--all", "--filter", "label=\(KindLabel.cluster)=\(cluster)",
            "--format", "{{.Names}}",
        ])
        guard outcome.succeeded else { throw broken(outcome) }
        let names = outcome.text.split(whereSeparator: \.isNewline).map(String.init)
        guard names.allSatisfy({ NameGrammar.engineObject($0) == nil }) else {
            throw broken(outcome)
        }
        return try await containers(named: names).values.sorted { $0.name < $1.name }
    }

    /// The names of all kind clusters that have nodes here.
    ///
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func clusterNames() async throws -> Set<String> {
        let outcome = try await run([
            "ps", "--all", "--filter", "label=\(KindLabel.cluster)",
            "--format", dialect.labelFormat(KindLabel.cluster),
        ])
        guard outcome.succeeded else { throw broken(outcome) }
        return Set(outcome.text.split(whereSeparator: \.isNewline).map(String.init))
    }

    /// The nodes of all kind clusters of this engine.
    ///
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func kindNodes() async throws -> [KindNode] {
        let format =
            "{{.Names}} \(dialect.labelFormat(KindLabel.cluster))"
            + " \(dialect.labelFormat(KindLabel.role))"
        let outcome = try await run([
            "ps", "--all", "--filter", "label=\(KindLabel.cluster)", "--format", format,
        ])
        guard outcome.succeeded else { throw broken(outcome) }
        return try outcome.text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3 else { return nil }
            guard NameGrammar.engineObject(words[0]) == nil else { throw broken(outcome) }
            return KindNode(name: words[0], cluster: words[1], role: words[2])
        }
    }

    /// Whether a command line is that of an engine which makes a node of the cluster.
    package static func isMakingNode(ofCluster cluster: String, _ command: [String]) -> Bool {
        command.contains("run") && command.contains("\(KindLabel.cluster)=\(cluster)")
    }
}
