import SystemLibraries
import Templates
import Vocabulary

/// What kind is told when it makes a cluster.
struct KindConfiguration: Sendable, Equatable {
    /// A port of the host that leads to a node port.
    struct PortMapping: Sendable, Equatable {
        /// Address on the host.
        var address: String
        /// Port on the host.
        var hostPort: Int
        /// Node port in the cluster.
        var nodePort: Int
        /// `TCP`, `UDP` or `SCTP`.
        var networkProtocol: String
    }

    /// Number of control plane nodes.
    var controlPlanes: Int
    /// Number of workers.
    var workers: Int
    /// Ports of the host; they go to the first control plane, where node ports answer too.
    var portMappings: [PortMapping]
    /// The user's own kind file, as JSON.
    var base: JSONValue?

    /// The document for `kind create cluster --config -`: JSON, which is YAML.
    ///
    /// - Throws: `DevClusterError` naming the field in which the user's file and the
    ///   configuration contradict each other.
    func document() throws -> Data {
        var document = base?.object ?? [:]
        document["kind"] = .string("Cluster")
        document["apiVersion"] = .string("kind.x-k8s.io/v1alpha4")
        document["containerdConfigPatches"] = .array(try patches(document))
        if let nodes = document["nodes"]?.array, !nodes.isEmpty {
            guard portMappings.isEmpty && controlPlanes == 1 && workers == 0 else {
                throw DevClusterError(
                    .usage,
                    "nodes stand both in the kind file and in spec.cluster"
                        + " (controlPlanes, workers or portMappings)",
                    hint: "remove them from one of the two")
            }
        } else {
            document["nodes"] = .array(nodes())
        }
        return try JSONValue.object(document).encoded()
    }

    /// Names that kind gives the nodes of a cluster, in kind's order.
    static func nodeNames(cluster: String, controlPlanes: Int, workers: Int) -> [String] {
        func names(_ role: String, _ count: Int) -> [String] {
            guard count > 0 else { return [] }
            return (1...count).map { "\(cluster)-\(role)" + ($0 == 1 ? "" : "\($0)") }
        }
        return names("control-plane", controlPlanes) + names("worker", workers)
    }

    private func nodes() -> [JSONValue] {
        let mappings = portMappings.map { mapping in
            JSONValue.object([
                "listenAddress": .string(mapping.address),
                "hostPort": .integer(Int64(mapping.hostPort)),
                "containerPort": .integer(Int64(mapping.nodePort)),
                "protocol": .string(mapping.networkProtocol),
            ])
        }
        return (0..<controlPlanes).map { index in
            var node: [String: JSONValue] = ["role": .string("control-plane")]
            if index == 0 && !mappings.isEmpty { node["extraPortMappings"] = .array(mappings) }
            return .object(node)
        } + Array(repeating: .object(["role": .string("worker")]), count: workers)
    }

    /// The user's containerd patches and ours.
    ///
    /// From containerd 2.2 a patch with `registry.mirrors` can stop the CRI plugin
    /// (containerd#12612), and `config_path` excludes it anyway.
    private func patches(_ document: [String: JSONValue]) throws -> [JSONValue] {
        let existing = document["containerdConfigPatches"]?.array ?? []
        for patch in existing {
            if patch.string?.contains("registry.mirrors") == true {
                throw DevClusterError(
                    .usage,
                    "the kind file's containerdConfigPatches set registry.mirrors, which"
                        + " excludes the hosts.toml files that devcluster writes",
                    hint: "remove that patch")
            }
        }
        return existing + [.string(Template.containerd.text)]
    }
}
