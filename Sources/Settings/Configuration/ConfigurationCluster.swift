import Vocabulary

extension Configuration {
    /// The cluster: one that kind makes, or an existing one known by its context.
    public struct Cluster: Sendable, Hashable, Codable {
        /// The image of kind's nodes; nil means the one built into kind.
        public var nodeImage: ImageReference?
        /// Control plane nodes.
        public var controlPlanes: Int
        /// Worker nodes.
        public var workers: Int
        /// Ports of the host that lead to ports of the nodes.
        public var portMappings: [PortMapping]
        /// Path of the user's own kind file, as written; ours is merged in.
        public var kindConfig: String?
        /// Context of an existing cluster; the fields for kind have no meaning then.
        public var kubeContext: ContextName?
    }

    /// A port of the host that leads to a port of the nodes.
    public struct PortMapping: Sendable, Hashable, Codable {
        /// What is forwarded, as kind spells it.
        public enum TransportProtocol: String, Sendable, Codable, Hashable, CaseIterable {
            /// TCP.
            case tcp = "TCP"
            /// UDP.
            case udp = "UDP"
            /// SCTP.
            case sctp = "SCTP"
        }

        /// Port on the host.
        public var hostPort: PortNumber
        /// Port on the node.
        public var nodePort: PortNumber
        /// Address on the host.
        public var address: IPAddress
        /// What is forwarded.
        public var `protocol`: TransportProtocol

        /// A mapping of this port to that, by default for TCP on this machine only.
        init(
            hostPort: PortNumber, nodePort: PortNumber, address: IPAddress = .loopback,
            protocol: TransportProtocol = .tcp
        ) {
            self.hostPort = hostPort
            self.nodePort = nodePort
            self.address = address
            self.protocol = `protocol`
        }
    }

    /// The registry: our own container, or an existing one.
    public struct Registry: Sendable, Hashable, Codable {
        /// Name of our container, and of its host on the cluster's network.
        public var name: ContainerName
        /// Port on this machine, bound to 127.0.0.1.
        public var port: PortNumber
        /// Image of our container.
        public var image: ImageReference
        /// Volume that keeps its data.
        public var volume: VolumeName
        /// An existing registry; the fields of our own container have no meaning then.
        public var host: RegistryLocation?
        /// Secret that pods pull with from `host`.
        public var pullSecret: ObjectName?
        /// Registries that get a pull-through cache on the cluster's network.
        public var mirrors: [RegistryHost]

        /// Where images are pushed to from this machine: `host`, else `localhost:PORT`.
        var pushLocation: String { host?.description ?? "localhost:\(port)" }
    }
}
