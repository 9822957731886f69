import Vocabulary

extension Configuration {
    /// An image to build.
    public struct Image: Sendable, Hashable, Codable {
        /// Its repository in the registry.
        public var name: RepositoryName
        /// Path of the build context, as written.
        public var context: String
        /// Path of the Containerfile, as written; nil means `Containerfile`, else `Dockerfile`,
        /// in the context.
        public var containerfile: String?
        /// The stage to build; nil means the last.
        public var target: String?
        /// Arguments for `ARG` lines.
        public var buildArgs: [String: String]
        /// Further references in manifests that mean this image; without tag and digest.
        public var matches: [ImageReference]
        /// Where manifests name it, beside the places that are found without it.
        public var paths: [ImagePath]

        /// An image that is built from this context.
        init(
            name: RepositoryName, context: String = ".", containerfile: String? = nil,
            target: String? = nil, buildArgs: [String: String] = [:],
            matches: [ImageReference] = [], paths: [ImagePath] = []
        ) {
            self.name = name
            self.context = context
            self.containerfile = containerfile
            self.target = target
            self.buildArgs = buildArgs
            self.matches = matches
            self.paths = paths
        }
    }

    /// A workload whose lock may be cleared, and how.
    public struct Lock: Sendable, Hashable, Codable {
        /// How a lock is cleared.
        public enum Method: String, Sendable, Codable, Hashable, CaseIterable {
            /// Scale to 0, wait until the pods are gone, scale back.
            case scale
            /// Delete the workload, wait until the pods are gone, apply it again.
            case delete
        }

        /// The workload.
        public var workload: WorkloadReference
        /// How its lock is cleared.
        public var method: Method

        /// A workload and how its lock is cleared.
        init(workload: WorkloadReference, method: Method = .scale) {
            self.workload = workload
            self.method = method
        }
    }

    /// A local port that leads to a pod or Service.
    public struct Forward: Sendable, Hashable, Codable {
        /// What commands call it.
        public var name: ForwardName
        /// Where it leads.
        public var target: TargetReference
        /// Port on this machine.
        public var port: PortNumber
        /// Port of the target; the same as `port` where the file has none.
        public var targetPort: TargetPort
        /// Namespace of the target; nil means the configuration's.
        public var namespace: NamespaceName?
        /// Address on this machine.
        public var address: IPAddress
        /// What asks its program whether it is well; nil asks nothing.
        public var probe: HTTPProbe?

        /// A forward, by default on this machine only.
        public init(
            name: ForwardName, target: TargetReference, port: PortNumber,
            targetPort: TargetPort? = nil, namespace: NamespaceName? = nil,
            address: IPAddress = .loopback, probe: HTTPProbe? = nil
        ) {
            self.name = name
            self.target = target
            self.port = port
            self.targetPort = targetPort ?? .number(port)
            self.namespace = namespace
            self.address = address
            self.probe = probe
        }

        /// Reads a forward; without a target port it is the local one.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                name: try values.decode(ForwardName.self, forKey: .name),
                target: try values.decode(TargetReference.self, forKey: .target),
                port: try values.decode(PortNumber.self, forKey: .port),
                targetPort: try values.decodeIfPresent(TargetPort.self, forKey: .targetPort),
                namespace: try values.decodeIfPresent(NamespaceName.self, forKey: .namespace),
                address: try values.decodeIfPresent(IPAddress.self, forKey: .address) ?? .loopback,
                probe: try values.decodeIfPresent(HTTPProbe.self, forKey: .probe))
        }
    }
}
