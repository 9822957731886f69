import Sessions
import Settings
import Tools
import Vocabulary

/// Which images of the configuration are built on which others of it.
///
/// A Containerfile names one of them as `NAME` or `NAME:latest`, as `localhost/NAME`, below one of the
/// registry's hosts, or by a repository of its `matches` that has more than one word. `node:20` is the image of
/// others also where one of ours is called `node`.
package struct ImageBases: Sendable {
    /// An image of ours that another one is built on.
    struct Base: Sendable, Hashable {
        /// Its name in the configuration.
        var name: String
        /// What the Containerfile names it by.
        var mention: ImageMention
    }

    private let images: [Configuration.Image]
    private let bases: [String: Set<Base>]

    /// Reads the Containerfiles; those that cannot be read name nothing.
    package init(_ session: Session) {
        images = session.configuration.images
        var mentions: [String: Set<ImageMention>] = [:]
        for image in images {
            let sources = try? BuildSources(
                image, of: session.configuration, engine: session.engine.name)
            mentions[image.name.description] = sources?.images ?? []
        }
        let names = OwnNames(session, mentions: mentions)
        bases = mentions.reduce(into: [:]) { bases, image in
            bases[image.key] = Set(
                image.value.compactMap { mention in
                    names.image(meantBy: mention.reference)
                        .flatMap { $0 == image.key ? nil : Base(name: $0, mention: mention) }
                })
        }
    }

    /// What an image is built on.
    func bases(of image: Configuration.Image) -> Set<Base> { bases[image.name.description] ?? [] }

    /// The images together with what they are built on, in the order of the configuration.
    func completed(_ selected: [Configuration.Image]) -> [Configuration.Image] {
        var open = selected.map(\.name.description)
        var seen: Set<String> = []
        while let name = open.popLast() {
            guard seen.insert(name).inserted else { continue }
            open += bases[name, default: []].map(\.name)
        }
        return images.filter { seen.contains($0.name.description) }
    }

    /// Those of the images that another one of them is built on.
    package func within(_ names: some Collection<String>) -> Set<String> {
        Set(names.flatMap { bases[$0, default: []].map(\.name) }).intersection(names)
    }

    /// The images that are built on this one.
    package func dependents(of name: String) -> [String] {
        images.map(\.name.description).filter {
            bases[$0, default: []].contains { $0.name == name }
        }
    }

    /// The images in groups, each built on nothing but images of the groups before it.
    ///
    /// - Throws: `DevClusterError` naming images that are built on each other.
    func waves(of selected: [Configuration.Image]) throws(DevClusterError)
        -> [[Configuration.Image]]
    {
        var left = selected
        var waves: [[Configuration.Image]] = []
        while !left.isEmpty {
            let open = Set(left.map(\.name.description))
            let wave = left.filter { bases(of: $0).allSatisfy { !open.contains($0.name) } }
            guard !wave.isEmpty else {
                throw DevClusterError(
                    .usage,
                    "the images \(open.sorted().joined(separator: ", ")) are built on each other",
                    hint: "look at FROM and COPY --from in their Containerfiles")
            }
            waves.append(wave)
            left.removeAll { bases(of: $0).allSatisfy { !open.contains($0.name) } }
        }
        return waves
    }
}

/// The names by which Containerfiles mean images of the configuration.
private struct OwnNames {
    private let rewriter: ImageRewriter
    private let place: ClusterPlace
    private let names: Set<String>
    /// Images whose own Containerfile names one of their name: that is the image of others.
    private let shadowed: Set<String>

    init(_ session: Session, mentions: [String: Set<ImageMention>]) {
        rewriter = session.imageRewriter
        place = session.place
        names = Set(mentions.keys)
        shadowed = Set(
            mentions.filter { name, named in
                named.contains { (try? ImageReference($0.reference))?.repository == name }
            }.keys)
    }

    func image(meantBy text: String) -> String? {
        guard let reference = try? ImageReference(text), reference.digest == nil else { return nil }
        if let name = place.repository(of: reference), names.contains(name) { return name }
        // What podman calls an image that was built here without a host.
        if reference.registry == "localhost", names.contains(reference.path) {
            return reference.path
        }
        guard let name = rewriter.image(meantBy: text) else { return nil }
        if reference.repository.contains("/") { return name }
        let isPlain = reference.tag == nil || reference.tag?.description == "latest"
        return isPlain && !shadowed.contains(name) ? name : nil
    }
}
