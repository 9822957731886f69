import Sessions
import Tools
import Vocabulary

/// What an image that is built on others of ours gets for them.
struct ResolvedBases: Sendable {
    /// The images, by what the Containerfile calls them.
    var images: [NamedContext] = []
    /// Digests of their sources by their names; nil for what cannot be told.
    var hashes: [String: String?] = [:]
    /// IDs of those whose files a command only sees, by their names.
    var mounted: [String: String] = [:]

    /// Looks them up, and fetches those that were kept and have left the host since.
    ///
    /// - Parameters:
    ///   - built: what they are, by name, with the digest of their sources.
    /// - Throws: `InvocationError` when one cannot be had.
    init(
        _ bases: Set<ImageBases.Base>, session: Session,
        built: (String) -> (image: BuiltImage, hash: String?)?
    ) async throws {
        var sources: [String: String] = [:]
        for base in bases {
            guard let (image, hash) = built(base.name) else { continue }
            let source =
                if let known = sources[base.name] { known } else {
                    try await ResolvedBases.source(of: image, session)
                }
            sources[base.name] = source
            images.append(
                NamedContext(
                    text: base.mention.text, reference: base.mention.reference, image: source))
            hashes.updateValue(hash, forKey: base.name)
            if base.mention.isMounted { mounted[base.name] = image.imageID }
        }
    }

    /// The very image: a tag may have been moved since, in the registry and on this machine.
    private static func source(of image: BuiltImage, _ session: Session) async throws -> String {
        guard !session.isDryRun, let digest = image.digest else { return image.reference }
        let pinned = "\(session.place.registryHost)/\(image.name)@\(digest)"
        guard session.engine.dialect.buildsOnIDs else { return pinned }
        if !image.imageID.isEmpty, try await session.engine.hasImage(image.imageID) {
            return image.imageID
        }
        try await session.engine.pull(image: pinned, usesTLS: session.registryUsesTLS)
        return pinned
    }
}
