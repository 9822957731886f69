import ChildProcess
import Tools
import Vocabulary

/// Whether a cluster is ours: nothing else is ever changed or deleted.
package struct ClusterOwnership: Sendable {
    /// The ConfigMap in which a cluster says who made it.
    package static let configMap = "devcluster"

    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Whether devcluster made the cluster.
    ///
    /// It did when its record names one of the containers, or was written just before kind made
    /// them, or when the cluster itself says so (its state folder was lost).
    package func isOurs(nodes: [Container], record: ClusterRecord?) async -> Bool {
        if let record {
            if record.phase == .creating { return true }
            let ids = Set(record.nodes.values)
            if nodes.contains(where: { ids.contains($0.id) }) { return true }
        }
        return await saysSoItself()
    }

    /// Throws unless devcluster made the cluster.
    ///
    /// - Throws: `DevClusterError` naming the cluster.
    package func require(nodes: [Container], record: ClusterRecord?, for verb: String) async throws
    {
        guard await isOurs(nodes: nodes, record: record) else { throw foreign(for: verb) }
    }

    /// The error of a cluster that somebody else made.
    package func foreign(for verb: String) -> DevClusterError {
        DevClusterError(
            .failed,
            "the cluster '\(session.place.cluster)' was not made by devcluster,"
                + " which therefore does not \(verb) it",
            hint: "set metadata.name to another name, or delete it with"
                + " 'kind delete cluster --name \(session.place.cluster)'")
    }

    private func saysSoItself() async -> Bool {
        for kubeconfig in [session.place.kubeconfig, nil] {
            let items = try? await ClusterItem.read(session, kubeconfig: kubeconfig)
            for case .configMap(ClusterOwnership.configMap, let data) in items ?? [] {
                return data["cluster"] == session.place.cluster
            }
        }
        return false
    }

    /// Nodes that the record names and that are gone, or were replaced.
    package static func damage(_ nodes: [Container], _ record: ClusterRecord?) -> [String] {
        guard let record, record.phase != .creating else { return [] }
        let there = Dictionary(
            nodes.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        return record.nodes.sorted { $0.key < $1.key }.compactMap { name, id in
            guard let found = there[name] else { return "node \(name) is gone" }
            return found == id ? nil : "node \(name) is another container than it was"
        }
    }
}
