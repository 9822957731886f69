import Sessions
import Vocabulary

/// What the nodes of a cluster hold, each image once.
public struct CacheListReport: Sendable, Equatable, Codable {
    /// A name of an image, on the nodes that have the image under it.
    public struct Reference: Sendable, Equatable, Codable {
        /// The name, with a tag.
        public var name: String
        /// The nodes.
        public var nodes: [String]
        /// Whether it is what our registry serves; nil for other registries.
        public var freshness: CacheFreshness?
    }

    /// An image on a node.
    public struct Holder: Sendable, Equatable, Codable {
        /// The node.
        public var node: String
        /// The containers there that were made from it.
        public var uses: [NodeImage.Use]
    }

    /// An image, on all nodes that have it.
    public struct Image: Sendable, Equatable, Codable {
        /// Digest of its configuration.
        public var id: Digest
        /// Bytes downloaded for it.
        public var size: BoundedInteger
        /// Whether a node keeps it always.
        public var isPinned: Bool
        /// Its names with a tag.
        public var references: [Reference]
        /// Its names with a digest.
        public var digests: [String]
        /// The nodes that have it.
        public var holders: [Holder]
    }

    /// The images, by their first names.
    public var images: [Image]
    /// The nodes that answered.
    public var nodes: [String]
    /// The nodes that did not.
    public var problems: [NodeProblem]
    /// Why the registry did not say what it serves; nil when it did.
    public var registryProblem: String?

    /// 3 when a node could not be read, so that the list is not whole.
    public var exitCode: Int32 {
        problems.isEmpty ? 0 : DevClusterError.Code.undecided.exitCode
    }
}

/// Lists what the nodes of the cluster hold.
public struct CacheList: Sendable {
    let session: Session

    /// Lists the nodes of this session's cluster.
    public init(session: Session) {
        self.session = session
    }

    /// Reads all nodes, and asks the registry about what is from there.
    ///
    /// - Throws: `DevClusterError` when there is no cluster, or no engine.
    public func run() async throws -> CacheListReport {
        try session.requireOurCluster(for: "devcluster cache list")
        try await session.requireCluster(for: .reading)
        let report = try await NodeImages(session: session).read()
        guard !report.nodes.isEmpty || !report.problems.isEmpty else { throw session.noNodes }
        let lists = report.nodes.map { $0.without(session.place.isProof) }
        let served = try await ServedImages.read(lists, session: session)
        return CacheListReport(
            images: CacheList.merged(lists, served), nodes: lists.map(\.node),
            problems: report.problems, registryProblem: served.problem)
    }

    private static func merged(_ lists: [NodeImageList], _ served: ServedImages)
        -> [CacheListReport.Image]
    {
        var images: [Digest: CacheListReport.Image] = [:]
        for list in lists {
            for image in list.images {
                var merged =
                    images[image.id]
                    ?? CacheListReport.Image(
                        id: image.id, size: image.size, isPinned: false, references: [],
                        digests: [], holders: [])
                merged.isPinned = merged.isPinned || image.isPinned
                merged.holders.append(.init(node: list.node, uses: image.uses))
                merged.digests = Set(merged.digests + image.digests).sorted()
                for tag in image.tags {
                    merged.add(tag, list.node, served.freshness(of: tag, image))
                }
                images[image.id] = merged
            }
        }
        return images.values.sorted { ($0.order, $0.id) < ($1.order, $1.id) }
    }
}

extension CacheListReport.Image {
    /// Images without a name come last.
    fileprivate var order: String { references.first?.name ?? digests.first ?? "~" }

    fileprivate mutating func add(_ tag: String, _ node: String, _ freshness: CacheFreshness?) {
        if let index = references.firstIndex(where: { $0.name == tag }) {
            references[index].nodes.append(node)
            if freshness == .stale { references[index].freshness = .stale }
            return
        }
        references.append(.init(name: tag, nodes: [node], freshness: freshness))
        references.sort { $0.name < $1.name }
    }
}

extension NodeImageList {
    /// The same without names that are hidden, and without images that have no other.
    func without(_ isHidden: (String) -> Bool) -> NodeImageList {
        var list = self
        list.images = images.compactMap { image in
            guard image.names.contains(where: isHidden) else { return image }
            var rest = image
            rest.tags.removeAll(where: isHidden)
            rest.digests.removeAll(where: isHidden)
            return rest.names.isEmpty ? nil : rest
        }
        return list
    }
}

extension ClusterPlace {
    /// Whether the name is the tiny image's that proves pulls: nobody's concern but ours.
    ///
    /// From whatever registry: the cluster may have used another one before.
    func isProof(_ name: String) -> Bool {
        (try? ImageReference(name))?.path == ProofImage.repository
    }
}

extension Session {
    /// The error of a cluster whose containers are gone.
    package var noNodes: DevClusterError {
        DevClusterError(
            .failed, "the cluster '\(place.cluster)' has no nodes", hint: "devcluster up")
    }
}
