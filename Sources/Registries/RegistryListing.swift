import Images
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// What a registry holds, for people: `registry list`.
public struct RegistryListing: Codable, Sendable, Equatable {
    /// A tag.
    public struct Tag: Codable, Sendable, Equatable {
        /// The tag.
        public var tag: String
        /// The manifest or index it names.
        public var digest: Digest
        /// Bytes of configuration and layers, compressed; of an index, all its images together.
        public var bytes: BoundedInteger
        /// When it was made: from a tag of ours its time, else the image's configuration. Nil
        /// when that does not say.
        public var created: Date?
    }

    /// A repository.
    public struct Repository: Codable, Sendable, Equatable {
        /// Its name, without the registry's host.
        public var name: String
        /// Its tags, newest first.
        public var tags: [Tag]
        /// Bytes, every layer once.
        public var bytes: BoundedInteger
    }

    /// The registry as image references name it.
    public var registry: String
    /// The repositories that have tags.
    public var repositories: [Repository]
    /// Tags whose manifest the registry does not have.
    public var brokenTags: [String]
    /// What the images take in registry, engine and nodes.
    public var figures: StorageFigures
}

/// Lists what the configured registry holds.
public struct RegistryList: Sendable {
    let session: Session

    /// Lists for this session.
    public init(session: Session) {
        self.session = session
    }

    /// Reads these repositories; all but the proof image's for an empty list.
    ///
    /// - Throws: `DevClusterError` when the registry does not answer, or has no such repository.
    public func run(_ names: [String]) async throws -> RegistryListing {
        let registry = session.registry
        let all = try await repositories()
        if let wrong = names.first(where: { !all.contains($0) }) {
            throw DevClusterError(
                .usage,
                "the registry at \(session.place.registryHost) has no repository"
                    + " '\(ShownText.line(wrong))'",
                hint: all.isEmpty ? "it is empty" : "it has: \(all.joined(separator: ", "))")
        }
        let contents = try await registry.contents(of: names.isEmpty ? all : names)
        async let figures = StorageFigures.read(session, contents: contents, only: names)
        let times = try await times(contents)
        return RegistryListing(
            registry: session.place.registryHost,
            repositories: contents.repositories.map { repository in
                RegistryListing.Repository(
                    name: repository.name,
                    tags: tags(of: repository, contents, times),
                    bytes: contents.bytes(of: repository.tags.values))
            }, brokenTags: contents.brokenTags, figures: try await figures)
    }

    /// Everything in our registry; in one that others run, what the configuration builds: the
    /// rest is not ours to list, and many registries list nothing.
    private func repositories() async throws -> [String] {
        guard session.place.externalRegistry == nil else {
            return session.configuration.images.map(\.name.description).sorted()
        }
        return try await session.registry.repositories().filter { $0 != ProofImage.repository }
    }

    private func tags(
        of repository: RegistryContents.Repository, _ contents: RegistryContents,
        _ times: [Digest: Date]
    ) -> [RegistryListing.Tag] {
        repository.tags.map { tag, digest in
            RegistryListing.Tag(
                tag: tag, digest: digest, bytes: contents.bytes(of: [digest]),
                created: UniqueTag.time(of: tag)
                    ?? contents.configuration(of: digest).flatMap { times[$0.digest] })
        }.sorted { ($0.created ?? .distantPast, $1.tag) > ($1.created ?? .distantPast, $0.tag) }
    }

    /// When images were made whose tags do not say, by the digest of their configuration.
    private func times(_ contents: RegistryContents) async throws -> [Digest: Date] {
        let blobs = contents.repositories.flatMap { repository in
            repository.tags.filter { UniqueTag.time(of: $0.key) == nil }.values.compactMap {
                contents.configuration(of: $0).map {
                    BlobName(repository: repository.name, digest: $0.digest)
                }
            }
        }
        let answers = try await session.registry.ask(Set(blobs).map { .configuration($0) })
        var times: [Digest: Date] = [:]
        for (blob, answer) in answers.configurations {
            // 1970 is what builders write who want the same image every time.
            let time = answer.value?.created.flatMap { Date(timestamp: $0) }
            if let time, time.timeIntervalSince1970 > 0 { times[blob.digest] = time }
        }
        return times
    }
}

extension RegistryContents {
    /// Bytes of these manifests' configurations and layers, each once.
    func bytes(of digests: some Sequence<Digest>) -> BoundedInteger {
        var sizes: [Digest: BoundedInteger] = [:]
        var open = Array(digests)
        var seen: Set<Digest> = []
        while let digest = open.popLast() {
            // An index may list a manifest twice, or itself.
            guard seen.insert(digest).inserted, let document = documents[digest] else { continue }
            for blob in [document.config].compactMap({ $0 }) + (document.layers ?? []) {
                // A size below nothing is a lie, and would make others smaller.
                sizes[blob.digest] = max(0, blob.size ?? 0)
            }
            open += (document.manifests ?? []).map(\.digest)
        }
        return sizes.values.sum()
    }

    /// The configuration of an image, of an index that of its first manifest.
    func configuration(of digest: Digest) -> ManifestDocument.Descriptor? {
        let document = documents[digest]
        return document?.config
            ?? document?.manifests?.lazy.compactMap { documents[$0.digest]?.config }.first
    }
}
