import Vocabulary

/// A manifest or an index, as far as digests are concerned.
package struct ManifestDocument: Sendable, Equatable, Decodable {
    /// What an index lists, or a manifest refers to.
    package struct Descriptor: Sendable, Equatable, Decodable {
        /// Which machine an entry of an index is for.
        package struct Platform: Sendable, Equatable, Decodable {
            /// `amd64`, `arm64`, …; `unknown` for attestations that buildx adds.
            package var architecture: String
            /// `linux`, …; `unknown` for attestations.
            package var os: String
        }

        /// Digest of what is described.
        package var digest: Digest
        /// Size in bytes.
        package var size: BoundedInteger?
        /// Only in an index.
        package var platform: Platform?
    }

    /// The image's configuration; nil in an index.
    package var config: Descriptor?
    /// The entries of an index; nil in a manifest.
    package var manifests: [Descriptor]?
    /// The layers; nil in an index.
    package var layers: [Descriptor]?
    /// What a signature or attestation belongs to; nil in an image.
    package var subject: Descriptor?

    /// Whether it lists manifests of several platforms.
    package var isIndex: Bool { manifests != nil }

    /// The manifests of an index for machines of this architecture, attestations left out.
    package func children(architecture: String) -> [Descriptor] {
        (manifests ?? []).filter { entry in
            guard let platform = entry.platform else { return true }
            return platform.os == "linux" && platform.architecture == architecture
        }
    }
}

/// An image's configuration, as far as it says where the image comes from.
package struct ImageConfiguration: Sendable, Equatable, Decodable {
    /// What containers of the image get.
    package struct Settings: Sendable, Equatable, Decodable {
        package var labels: [String: String]?

        private enum CodingKeys: String, CodingKey { case labels = "Labels" }
    }

    /// When it was built, in RFC 3339; builders that aim at reproducible images set it to 1970.
    package var created: String?
    package var config: Settings?
}
