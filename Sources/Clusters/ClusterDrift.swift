import Sessions
import Settings
import Tools
import Vocabulary

/// A field of the file that the cluster was not made with; only a new cluster can have it.
public struct ClusterDrift: Codable, Sendable, Equatable {
    /// The field, `spec.cluster.workers`.
    public var field: String
    /// What the cluster has.
    public var found: String
    /// What the configuration says.
    public var wanted: String

    /// What differs, of the fields that the user states; a default is not compared.
    ///
    /// - Parameter stated: paths of the fields that file, variables or flags set.
    /// - Parameter nodes: the cluster's containers.
    static func find(
        _ configuration: Configuration.Cluster, stated: Set<String>, nodes: [Container],
        record: ClusterRecord?
    ) -> [ClusterDrift] {
        let controlPlanes = nodes.filter { $0.labels[KindLabel.role] == "control-plane" }
        let workers = nodes.filter { $0.labels[KindLabel.role] == "worker" }
        func drift(_ field: String, _ found: String, _ wanted: String) -> ClusterDrift? {
            let path = "spec.cluster.\(field)"
            let isStated = stated.contains { $0 == path || $0.hasPrefix(path + "[") }
            return isStated && found != wanted
                ? ClusterDrift(field: path, found: found, wanted: wanted) : nil
        }
        let image = configuration.nodeImage?.description ?? ""
        return [
            drift("nodeImage", record?.nodeImage ?? image, image),
            drift("controlPlanes", "\(controlPlanes.count)", "\(configuration.controlPlanes)"),
            drift("workers", "\(workers.count)", "\(configuration.workers)"),
            drift(
                "portMappings", mappings(of: controlPlanes), mappings(configuration.portMappings)),
        ].compactMap(\.self)
    }

    private static func mappings(_ wanted: [Configuration.PortMapping]) -> String {
        text(
            wanted.map {
                "\($0.address):\($0.hostPort) → \($0.nodePort)/\($0.protocol.rawValue.lowercased())"
            })
    }

    /// What kind published for the user: everything but the API, which every control plane has.
    private static func mappings(of nodes: [Container]) -> String {
        text(
            nodes.flatMap(\.publications).filter { $0.containerPort != "6443/tcp" }.map {
                "\($0.hostAddress):\($0.hostPort) → \($0.containerPort)"
            })
    }

    private static func text(_ mappings: [String]) -> String {
        mappings.isEmpty ? "none" : mappings.sorted().joined(separator: ", ")
    }
}
