import Vocabulary

/// A manifest as it is asked for: a repository and a tag or digest.
package struct ManifestName: Sendable, Hashable {
    /// Repository without the registry's host.
    package var repository: String
    /// Tag, or digest as `sha256:…`.
    package var reference: String

    /// A manifest's name.
    package init(repository: String, reference: String) {
        self.repository = repository
        self.reference = reference
    }

    /// The manifest of a digest.
    package init(_ repository: String, _ digest: Digest) {
        self.init(repository: repository, reference: digest.description)
    }

    /// Its path in the registry's API.
    package var path: String { "/v2/\(repository)/manifests/\(reference)" }
}

/// A blob of a repository.
package struct BlobName: Sendable, Hashable {
    var repository: String
    package var digest: Digest

    package init(repository: String, digest: Digest) {
        self.repository = repository
        self.digest = digest
    }

    /// Its path in the registry's API.
    var path: String { "/v2/\(repository)/blobs/\(digest)" }
}

/// Something to ask a registry.
package enum RegistryQuestion: Sendable, Hashable {
    /// The digest of a manifest or index, without its content.
    case digest(ManifestName)
    /// A manifest or index.
    case manifest(ManifestName)
    /// The tags of a repository.
    case tags(repository: String)
    /// The configuration of an image.
    case configuration(BlobName)

    var path: String {
        switch self {
        case .digest(let name), .manifest(let name): name.path
        case .tags(let repository): "/v2/\(repository)/tags/list"
        case .configuration(let blob): blob.path
        }
    }

    var repository: String {
        switch self {
        case .digest(let name), .manifest(let name): name.repository
        case .tags(let repository): repository
        case .configuration(let blob): blob.repository
        }
    }

    var isHead: Bool { if case .digest = self { true } else { false } }

    var accept: String? {
        switch self {
        case .digest, .manifest: RegistryClient.acceptManifests
        case .tags, .configuration: nil
        }
    }
}

/// What a registry answered, by what was asked.
package struct RegistryAnswers: Sendable {
    package var digests: [ManifestName: RegistryAnswer<Digest>] = [:]
    package var manifests: [ManifestName: RegistryAnswer<ManifestDocument>] = [:]
    /// Tags by repository, in the registry's order.
    package var tags: [String: RegistryAnswer<[String]>] = [:]
    package var configurations: [BlobName: RegistryAnswer<ImageConfiguration>] = [:]
}

/// What a registry said of a manifest.
package enum RegistryAnswer<Value: Sendable & Equatable>: Sendable, Equatable {
    /// It serves it.
    case found(Value)
    /// It says that there is none (404).
    case missing
    /// It did not say: not reached, refused, or an answer that is none; the reason in words.
    case unknown(String)

    /// What was found, or nil.
    package var value: Value? {
        if case .found(let value) = self { value } else { nil }
    }
}
