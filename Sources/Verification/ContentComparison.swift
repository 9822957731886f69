import Registries
import Sessions
import Tools
import Vocabulary

/// Whether two digests stand for the same content, from the manifests behind them.
struct ContentComparison: Sendable {
    /// What the registry serves, by repository and digest.
    private var manifests: [ManifestName: ManifestDocument] = [:]
    /// Architecture of each node.
    private var architectures: [String: String] = [:]
    /// What the nodes hold, by name.
    private var nodes: [String: NodeImageList] = [:]
    /// Why a node did not say what it holds, by name.
    private var silentNodes: [String: String] = [:]
    /// Tells which images mean the registry.
    private var place: ClusterPlace?

    /// Whether an index is among the manifests, so that architectures matter.
    var hasIndex: Bool { manifests.values.contains(where: \.isIndex) }

    /// The manifests that the tags stand for, and those that run.
    mutating func manifestQuestions(_ cases: [SecondLook.Case], place: ClusterPlace)
        -> [RegistryQuestion]
    {
        self.place = place
        var names: Set<ManifestName> = []
        for item in cases {
            if let served = item.container.served {
                names.insert(ManifestName(item.pair.name.repository, served))
            }
            names.formUnion(runningNames(item.container, item.pair.name))
        }
        return names.map { .manifest($0) }
    }

    /// The manifests of every index, whose configurations are compared.
    func childQuestions(_ cases: [SecondLook.Case]) -> [RegistryQuestion] {
        var names: Set<ManifestName> = []
        for item in cases {
            let node = item.container.subject.node
            for parent in parents(item.container, item.pair.name) {
                for child in children(of: parent, on: node) {
                    names.insert(ManifestName(parent.repository, child))
                }
            }
        }
        return names.filter { manifests[$0] == nil }.map { .manifest($0) }
    }

    mutating func add(_ answers: RegistryAnswers) {
        for (name, answer) in answers.manifests { manifests[name] = answer.value }
    }

    mutating func add(_ found: [KubernetesNode]) {
        for node in found {
            architectures[node.metadata.name] = node.status?.nodeInfo?.architecture
        }
    }

    mutating func add(_ report: NodeImagesReport) {
        for list in report.nodes { nodes[list.node] = list }
        for problem in report.problems { silentNodes[problem.node] = problem.reason }
    }

    /// Remembers nodes of a cluster that others made, which nobody can ask.
    mutating func addUnreachable(_ names: [String]) {
        for name in names { silentNodes[name] = "devcluster has no access to this cluster's nodes" }
    }

    /// The nodes that run images whose manifest the registry no longer has.
    func nodesToAsk(_ cases: [SecondLook.Case]) -> [String] {
        let nodes = cases.compactMap { item -> String? in
            let container = item.container
            guard !container.subject.isBare, !configurations(served: item).isEmpty,
                runningNames(container, item.pair.name).allSatisfy({ manifests[$0] == nil })
            else { return nil }
            return container.subject.node
        }
        return Set(nodes).sorted()
    }

    /// What runs, as the registry may have it: containerd reports one repository for all that
    /// have the same content.
    private func runningNames(_ container: JudgedContainer, _ name: ManifestName)
        -> [ManifestName]
    {
        guard let running = container.running, !container.subject.isBare else { return [] }
        var repositories = [name.repository]
        if let reference = container.subject.runningRepository,
            let repository = place?.repository(of: reference), repository != name.repository
        {
            repositories.append(repository)
        }
        return repositories.map { ManifestName($0, running) }
    }

    private func parents(_ container: JudgedContainer, _ name: ManifestName) -> [ManifestName] {
        (container.served.map { [ManifestName(name.repository, $0)] } ?? [])
            + runningNames(container, name)
    }

    /// The manifests of an index for a node; none for a plain manifest.
    private func children(of name: ManifestName, on node: String?) -> [Digest] {
        guard let index = manifests[name], index.isIndex else { return [] }
        let architecture = node.flatMap { architectures[$0] } ?? "amd64"
        return index.children(architecture: architecture).map(\.digest)
    }

    /// The configuration digests behind a manifest or index.
    private func configurations(_ name: ManifestName, on node: String?) -> Set<Digest> {
        let names = [name] + children(of: name, on: node).map { ManifestName(name.repository, $0) }
        return Set(names.compactMap { manifests[$0]?.config?.digest })
    }

    private func configurations(served item: SecondLook.Case) -> Set<Digest> {
        guard let served = item.container.served else { return [] }
        return configurations(
            ManifestName(item.pair.name.repository, served), on: item.container.subject.node)
    }

    /// The configuration of a manifest, when that is no index.
    func configuration(of digest: Digest?, in name: ManifestName) -> BlobName? {
        digest.flatMap { manifests[ManifestName(name.repository, $0)]?.config }.map {
            BlobName(repository: name.repository, digest: $0.digest)
        }
    }

    /// The configuration of what a container runs, when that is no index.
    func runningConfiguration(_ container: JudgedContainer, _ name: ManifestName) -> BlobName? {
        runningNames(container, name).lazy.compactMap { name in
            manifests[name]?.config.map {
                BlobName(repository: name.repository, digest: $0.digest)
            }
        }.first
    }

    /// The verdict of a container that does not run its tag's digest; still stale when the
    /// content differs too.
    func judge(_ container: JudgedContainer, _ name: ManifestName) -> JudgedContainer {
        guard let served = container.served, let running = container.running else {
            return container
        }
        var result = container
        func judged(_ verdict: ImageVerdict, _ reason: String) -> JudgedContainer {
            result.verdict = verdict
            result.reason = reason
            return result
        }
        let node = container.subject.node
        let tag = ManifestName(name.repository, served)
        let wanted = configurations(tag, on: node)
        guard !wanted.isEmpty else {
            return judged(
                .unknown,
                manifests[tag]?.isIndex == true
                    ? "\(name.reference) is an index without a manifest for the node's platform"
                    : "the registry does not serve what its tag stands for")
        }
        if container.subject.isBare {
            return wanted.contains(running)
                ? judged(.matchConfig, "the node only knows the image's configuration") : container
        }
        if children(of: tag, on: node).contains(running) {
            return judged(.matchPlatform, "the tag is an index")
        }
        let known = runningNames(container, name).filter { manifests[$0] != nil }
        if known.contains(where: { !wanted.isDisjoint(with: configurations($0, on: node)) }) {
            return judged(.sameContent, "another manifest of the same image")
        }
        guard known.isEmpty, let node else { return container }
        if let reason = silentNodes[node] {
            return judged(
                .unknown,
                "the registry no longer has what it runs, and \(node) does not tell: \(reason)")
        }
        if let image = nodes[node]?.image(named: container.subject.imageID),
            wanted.contains(image.id)
        {
            return judged(
                .sameContent,
                "the registry no longer has its manifest; the node has the same image")
        }
        return container
    }
}

extension NodeImageList {
    /// The image that an `imageID` of a pod means.
    fileprivate func image(named imageID: String) -> NodeImage? {
        let name =
            imageID.firstRange(of: "://").map { String(imageID[$0.upperBound...]) } ?? imageID
        return images.first { $0.digests.contains(name) || $0.id.description == name }
    }
}
