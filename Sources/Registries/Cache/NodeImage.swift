import Tools
import Vocabulary

/// An image that a node's containerd holds: one configuration, under all its names.
public struct NodeImage: Sendable, Equatable, Codable {
    /// A container, running or ended, that was made from the image.
    public struct Use: Sendable, Hashable, Codable {
        /// The pod's namespace.
        public var namespace: String
        /// The pod.
        public var pod: String
        /// The container.
        public var container: String
        /// Whether it runs now; an ended one still holds the image.
        public var isRunning: Bool
    }

    /// Digest of its configuration, which is its ID.
    public var id: Digest
    /// Names with a tag, as containerd writes them: `docker.io/library/busybox:1.36`.
    public var tags: [String]
    /// Names with the digest that was pulled: `localhost:5001/web@sha256:…`.
    public var digests: [String]
    /// Bytes downloaded for it; layers that other images have too are counted in each.
    public var size: BoundedInteger
    /// Whether the node keeps it always: pinned, or the image under every pod.
    public var isPinned: Bool
    /// The containers made from it.
    public var uses: [Use]

    /// All names but the ID.
    var names: [String] { tags + digests }
    /// Whether something on the node needs it as it is.
    var isInUse: Bool { isPinned || !uses.isEmpty }
}

/// The images of a node.
package struct NodeImageList: Sendable, Equatable, Codable {
    /// The node.
    package var node: String
    /// Its images, by their first names.
    package var images: [NodeImage]

    package init(node: String, images: [NodeImage]) {
        self.node = node
        self.images = images
    }
}

/// A node that could not be read or changed.
public struct NodeProblem: Sendable, Equatable, Codable {
    /// The node.
    public var node: String
    /// Why, in words.
    public var reason: String
}

extension NodeImageList {
    /// Reads what crictl said of a node.
    init(node: String, contents: CrictlContents) {
        self.node = node
        images = contents.images.map { NodeImage($0, in: contents) }
            .sorted { ($0.names.first ?? "~", $0.id) < ($1.names.first ?? "~", $1.id) }
    }
}

extension NodeImage {
    fileprivate init(_ image: CrictlImages.Image, in contents: CrictlContents) {
        id = image.id
        tags = image.repoTags ?? []
        digests = image.repoDigests ?? []
        size = image.size.flatMap { BoundedInteger($0) } ?? 0
        let all = Set([image.id.description] + tags + digests)
        let sandbox = contents.sandboxImage.map(NodeImages.name)
        isPinned = image.pinned == true || sandbox.map(all.contains) == true
        uses = contents.containers.filter { container in
            [container.image?.image, container.imageRef, container.imageId].contains { name in
                name.map { all.contains($0) || all.contains(NodeImages.name(of: $0)) } ?? false
            }
        }.map { container in
            Use(
                namespace: container.labels?["io.kubernetes.pod.namespace"] ?? "",
                pod: container.labels?["io.kubernetes.pod.name"] ?? "",
                container: container.labels?["io.kubernetes.container.name"] ?? "",
                isRunning: container.state == "CONTAINER_RUNNING")
        }.sorted { ($0.namespace, $0.pod, $0.container) < ($1.namespace, $1.pod, $1.container) }
    }
}
