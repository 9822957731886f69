/// A manifest or an index, as far as digests are concerned.
public struct ManifestDocument: Sendable, Equatable, Decodable {
    /// What an index lists, or a manifest refers to.
    public struct Descriptor: Sendable, Equatable, Decodable {
        /// Which machine an entry of an index is for.
        public struct Platform: Sendable, Equatable, Decodable {
            /// `amd64`, `arm64`, …; `unknown` for attestations that buildx adds.
            public var architecture: String
            /// `linux`, …; `unknown` for attestations.
            public var os: String
        }

        /// Digest of what is described.
        public var digest: Digest
        /// Size in bytes.
        public var size: BoundedInteger?
        /// Only in an index.
        public var platform: Platform?
    }

    /// The image's configuration; nil in an index.
    public var config: Descriptor?
    /// The entries of an index; nil in a manifest.
    public var manifests: [Descriptor]?
    /// The layers; nil in an index.
    public var layers: [Descriptor]?
    /// What a signature or attestation belongs to; nil in an image.
    public var subject: Descriptor?

    /// Whether it lists manifests of several platforms.
    public var isIndex: Bool { manifests != nil }

    /// The manifests of an index for machines of this architecture, attestations left out.
    public func children(architecture: String) -> [Descriptor] {
        (manifests ?? []).filter { entry in
            guard let platform = entry.platform else { return true }
            return platform.os == "linux" && platform.architecture == architecture
        }
    }
}

/// An image's configuration, as far as it says where the image comes from.
struct ImageConfiguration: Sendable, Equatable, Decodable {
    /// What containers of the image get.
    struct Settings: Sendable, Equatable, Decodable {
        var labels: [String: String]?

        private enum CodingKeys: String, CodingKey { case labels = "Labels" }
    }

    /// When it was built, in RFC 3339; builders that aim at reproducible images set it to 1970.
    var created: String?
    var config: Settings?
}
