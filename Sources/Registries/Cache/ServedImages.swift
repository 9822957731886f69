import Sessions
import Tools
import Vocabulary

/// Whether a tag on a node is what our registry serves for it now.
public enum CacheFreshness: String, Sendable, Codable {
    /// The registry serves what the node has, though perhaps under another digest.
    case current
    /// The registry serves something else: the tag was pushed again.
    case stale
    /// The registry has no such tag.
    case missing
    /// The registry did not say.
    case unknown
}

/// What our registry serves for the names that nodes have, from one look at it.
package struct ServedImages: Sendable {
    private let place: ClusterPlace
    private let answers: [ManifestName: RegistryAnswer<Digest>]
    /// Configurations behind what is served, by digest, where a node has another digest.
    private var configurations: [ManifestName: Set<Digest>] = [:]

    /// Asks the registry for every name of ours on these nodes, tags and digests.
    ///
    /// - Throws: `InvocationError` when curl cannot run; what the registry answers never throws.
    package static func read(_ nodes: [NodeImageList], session: Session) async throws
        -> ServedImages
    {
        let names = Set(nodes.flatMap { $0.images.flatMap(\.names) })
        let manifests = names.compactMap { manifest(of: $0, session.place) }
        var served = ServedImages(
            place: session.place, answers: try await session.registry.digests(of: manifests))
        try await served.readConfigurations(nodes.flatMap(\.images), session.registry)
        return served
    }

    /// The same content can have several digests, so those that differ are looked into.
    private mutating func readConfigurations(_ images: [NodeImage], _ registry: RegistryClient)
        async throws
    {
        let differing = images.flatMap { image in
            image.tags.compactMap { freshness(of: $0, image) == .stale ? servedName($0) : nil }
        }
        let manifests = try await registry.manifests(Array(Set(differing)))
        let parts = manifests.flatMap { name, answer in
            (answer.value?.manifests ?? []).map { ManifestName(name.repository, $0.digest) }
        }
        let children = try await registry.manifests(Array(Set(parts)))
        for (name, answer) in manifests {
            let entries = (answer.value?.manifests ?? []).compactMap {
                children[ManifestName(name.repository, $0.digest)]?.value?.config?.digest
            }
            configurations[name] = Set(entries + [answer.value?.config?.digest].compactMap { $0 })
        }
    }

    /// What is served for a tag, by its digest.
    private func servedName(_ tag: String) -> ManifestName? {
        ServedImages.manifest(of: tag, place).flatMap { name in
            answers[name]?.value.map { ManifestName(name.repository, $0) }
        }
    }

    /// Why the registry did not say something; nil when it answered everything.
    var problem: String? {
        for (_, answer) in answers.sorted(by: { $0.key.path < $1.key.path }) {
            if case .unknown(let reason) = answer { return reason }
        }
        return nil
    }

    /// Whether the name is one of our registry, under whatever address.
    func isOurs(_ name: String) -> Bool { ServedImages.manifest(of: name, place) != nil }

    /// Whether the registry serves something under this name.
    func serves(_ name: String) -> Bool {
        ServedImages.manifest(of: name, place).flatMap { answers[$0]?.value } != nil
    }

    /// Compares a tag of an image with what the registry serves for it.
    ///
    /// - Returns: nil for a name that is not a tag of our registry.
    package func freshness(of name: String, _ image: NodeImage) -> CacheFreshness? {
        guard image.tags.contains(name), let manifest = ServedImages.manifest(of: name, place),
            let answer = answers[manifest]
        else { return nil }
        switch answer {
        case .missing: return .missing
        case .unknown: return .unknown
        case .found(let served):
            // The node may have pulled it through another of the registry's addresses.
            let pulled = image.digests.contains { digest in
                let other = ServedImages.manifest(of: digest, place)
                return other == ManifestName(manifest.repository, served)
            }
            let behind = configurations[ManifestName(manifest.repository, served)]
            return pulled || behind?.contains(image.id) == true ? .current : .stale
        }
    }

    private static func manifest(of name: String, _ place: ClusterPlace) -> ManifestName? {
        guard let reference = try? ImageReference(name),
            let repository = place.repository(of: reference)
        else { return nil }
        let last = reference.digest?.description ?? reference.effectiveTag?.description
        return last.map { ManifestName(repository: repository, reference: $0) }
    }
}
