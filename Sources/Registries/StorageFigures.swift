import ChildProcess
import Sessions
import Settings
import StateFiles
import Tools
import Vocabulary

/// What the images of the configured registry take, wherever they lie.
///
/// Bytes are those of configurations and layers as the registry stores them: compressed, and in
/// each place every layer once. Engine and nodes also hold them unpacked. An image that the
/// registry no longer has counts with the size that the place itself tells.
public struct StorageFigures: Codable, Sendable, Equatable {
    /// What lies in one place.
    public struct Part: Codable, Sendable, Equatable {
        /// References with a tag.
        public var tags: Int
        /// Bytes, as above.
        public var bytes: BoundedInteger

        /// What lies in one place.
        init(tags: Int, bytes: BoundedInteger) {
            self.tags = tags
            self.bytes = bytes
        }
    }

    /// In the registry.
    public var registry: Part
    /// In the host's engine; nil when it does not say.
    public var engine: Part?
    /// In each node that runs.
    public var nodes: [String: Part]

    /// Reads engine and nodes, all at the same time.
    ///
    /// - Parameter contents: what the registry holds.
    /// - Parameter repositories: only these; all for an empty list.
    static func read(
        _ session: Session, contents: RegistryContents, only repositories: [String] = []
    ) async throws -> StorageFigures {
        let chosen = Set(repositories)
        let tags = contents.repositories.flatMap { repository in
            repository.tags.map { ("\(repository.name):\($0.key)", $0.value) }
        }
        let known = Dictionary(tags, uniquingKeysWith: { first, _ in first })
        func part(_ references: [(reference: String, bytes: BoundedInteger)]) -> Part {
            let ours = references.compactMap { entry -> (tag: String, bytes: BoundedInteger)? in
                guard let tag = session.place.tagOfOurs(entry.reference) else { return nil }
                let repository = String(tag.prefix { $0 != ":" })
                guard repository != ProofImage.repository,
                    chosen.isEmpty || chosen.contains(repository)
                else { return nil }
                return (tag, entry.bytes)
            }
            let served = ours.compactMap { known[$0.tag] }
            let others = ours.filter { known[$0.tag] == nil }
            return Part(
                tags: ours.count,
                bytes: contents.bytes(of: served).adding(others.map(\.bytes).sum()))
        }
        async let nodes = nodes(session)
        // podman works out the size of every image that it lists: 12 s for a thousand.
        let names = Set(
            contents.repositories.map(\.name)
                + session.configuration.images.map(\.name.description))
        let local =
            names.isEmpty
            ? []
            : try? await session.engine.taggedImages(
                names.sorted().map { "\(session.place.registryHost)/\($0)" })
        return StorageFigures(
            registry: Part(tags: tags.count, bytes: contents.bytes(of: tags.map(\.1))),
            engine: local.map { part($0.map { ($0.reference, $0.bytes) }) },
            nodes: try await nodes.mapValues { part($0) })
    }

    /// The references in each node of ours that runs, with the sizes of their images.
    private static func nodes(_ session: Session) async throws
        -> [String: [(reference: String, bytes: BoundedInteger)]]
    {
        guard let record = try session.place.record.read() else { return [:] }
        let report = try await NodeImages(session: session).read(record.nodes.keys.sorted())
        return Dictionary(
            report.nodes.map { list in
                (list.node, list.images.flatMap { image in image.tags.map { ($0, image.size) } })
            }, uniquingKeysWith: { first, _ in first })
    }
}

extension ClusterPlace {
    /// `repository:tag` of a reference to this registry; nil for any other.
    package func tagOfOurs(_ reference: String) -> String? {
        guard let parsed = try? ImageReference(reference), let tag = parsed.tag,
            let repository = repository(of: parsed)
        else { return nil }
        return "\(repository):\(tag)"
    }
}
