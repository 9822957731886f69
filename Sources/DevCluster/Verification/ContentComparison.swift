/// The second look at containers whose digest is not the tag's: the same content can have
/// several digests. See `docs/verification.md` for the order.
struct ContentComparison: Sendable {
    /// A container, and the manifest it should run.
    struct Pair: Sendable {
        var container: JudgedContainer
        var name: ManifestName
    }

    /// What the registry serves, by repository and digest.
    private var manifests: [ManifestName: ManifestDocument] = [:]
    /// Architecture of each node.
    private var architectures: [String: String] = [:]
    /// Configuration digests of images that only a node still has, by node and reference.
    private var onNodes: [NodeImage: Digest] = [:]

    private struct NodeImage: Hashable, Sendable {
        var node: String
        var imageID: String
    }

    /// Reads all manifests concerned in two requests, and asks the nodes for what is gone.
    static func read(_ pairs: [Pair], session: Session) async throws -> ContentComparison {
        var comparison = ContentComparison()
        var names: Set<ManifestName> = []
        for pair in pairs {
            for digest in [pair.container.served, pair.container.running].compactMap({ $0 }) {
                names.insert(
                    ManifestName(repository: pair.name.repository, reference: digest.description))
            }
        }
        try await comparison.fetch(names, session)
        if comparison.manifests.values.contains(where: \.isIndex) {
            let nodes = try await session.kubectl.list(
                "nodes", namespace: nil, as: KubernetesNode.self)
            for node in nodes {
                comparison.architectures[node.metadata.name] = node.status?.nodeInfo?.architecture
            }
            try await comparison.fetchChildren(pairs, session)
        }
        try await comparison.askNodes(pairs, session)
        return comparison
    }

    private mutating func fetch(_ names: Set<ManifestName>, _ session: Session) async throws {
        let open = names.filter { manifests[$0] == nil }
        for (name, answer) in try await session.registry.manifests(Array(open)) {
            manifests[name] = answer.value
        }
    }

    /// The platform manifests of every index, whose configurations are compared.
    private mutating func fetchChildren(_ pairs: [Pair], _ session: Session) async throws {
        var names: Set<ManifestName> = []
        for pair in pairs {
            for digest in [pair.container.served, pair.container.running].compactMap({ $0 }) {
                for child in children(pair, digest) {
                    names.insert(
                        ManifestName(
                            repository: pair.name.repository, reference: child.description))
                }
            }
        }
        try await fetch(names, session)
    }

    /// Images whose manifest the registry no longer has are asked for on their node.
    private mutating func askNodes(_ pairs: [Pair], _ session: Session) async throws {
        var open: Set<NodeImage> = []
        for pair in pairs {
            let subject = pair.container.subject
            guard let running = pair.container.running, let node = subject.node,
                !subject.isBare, configurations(pair, running).isEmpty
            else { continue }
            open.insert(NodeImage(node: node, imageID: subject.imageID))
        }
        for image in open.sorted(by: { ($0.node, $0.imageID) < ($1.node, $1.imageID) }) {
            let crictl = Crictl(node: Node(name: image.node, engine: session.engine))
            onNodes[image] = try? await crictl.imageID(of: image.imageID)
        }
    }

    private func document(_ pair: Pair, _ digest: Digest) -> ManifestDocument? {
        manifests[
            ManifestName(repository: pair.name.repository, reference: digest.description)]
    }

    /// The manifests of an index for the container's node; none for a plain manifest.
    private func children(_ pair: Pair, _ digest: Digest) -> [Digest] {
        guard let index = document(pair, digest), index.isIndex else { return [] }
        let architecture = pair.container.subject.node.flatMap { architectures[$0] }
        return index.children(architecture: architecture ?? "amd64").map(\.digest)
    }

    /// The configuration digests behind a manifest or index.
    private func configurations(_ pair: Pair, _ digest: Digest) -> Set<Digest> {
        let manifests = [digest] + children(pair, digest)
        return Set(manifests.compactMap { document(pair, $0)?.config?.digest })
    }

    /// The final verdict of a container that does not run its tag's digest.
    func judge(_ container: JudgedContainer, _ name: ManifestName) -> JudgedContainer {
        let pair = Pair(container: container, name: name)
        guard let served = container.served, let running = container.running else {
            return container
        }
        var result = container
        func judged(_ verdict: ImageVerdict, _ reason: String) -> JudgedContainer {
            result.verdict = verdict
            result.reason = reason
            return result
        }
        let wanted = configurations(pair, served)
        guard !wanted.isEmpty else {
            return judged(.unknown, "the registry does not serve what its tag stands for")
        }
        if container.subject.isBare {
            return wanted.contains(running)
                ? judged(.matchConfig, "the node only knows the image's configuration") : container
        }
        if children(pair, served).contains(running) {
            return judged(.matchPlatform, "the tag is an index")
        }
        if !wanted.isDisjoint(with: configurations(pair, running)) {
            return judged(.sameContent, "another manifest of the same image")
        }
        if let node = container.subject.node,
            let onNode = onNodes[NodeImage(node: node, imageID: container.subject.imageID)],
            wanted.contains(onNode)
        {
            return judged(
                .sameContent, "the registry no longer has its manifest; the node has the same image"
            )
        }
        return container
    }
}
