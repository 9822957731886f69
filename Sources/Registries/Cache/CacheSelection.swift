import Sessions
import Vocabulary

/// What should go from the nodes.
public enum CacheSelection: Sendable, Equatable {
    /// References, IDs of images, and patterns with `*`.
    case named([CacheName])
    /// Tags of our registry for which it serves something else now.
    case stale
    /// Images that no container uses.
    case unused
    /// Every image.
    case all

    /// Whether whole images are meant, with all their names.
    var isWhole: Bool { self == .unused || self == .all }
}

/// A word that names images in a node.
public struct CacheName: Sendable, Equatable {
    private enum Kind: Sendable, Equatable {
        /// Pieces between `*`s.
        case pattern([String])
        /// A name with its tag or digest.
        case reference(String)
        /// The first digits of an ID, at least twelve.
        case id(String)
    }

    /// As it was typed.
    public let text: String
    private let kinds: [Kind]

    /// Reads a reference, an ID as engines print it, or a pattern in which `*` is any text.
    ///
    /// - Throws: `DevClusterError` with code `usage` when it is none of these.
    public init(_ text: String) throws(DevClusterError) {
        self.text = text
        guard !text.contains("*") else {
            let pieces = text.split(separator: "*", omittingEmptySubsequences: false)
            kinds = [.pattern(pieces.map(String.init))]
            return
        }
        let hex = text.hasPrefix("sha256:") ? text.dropFirst("sha256:".count) : text[...]
        let isID = (12...64).contains(hex.utf8.count) && hex.utf8.allSatisfy(NameGrammar.isHexDigit)
        if isID, hex.count < text.count || hex.count == 64 {
            kinds = [.id(String(hex))]
            return
        }
        let reference = try ImageReference(text)
        let tag = reference.digest == nil ? reference.effectiveTag : nil
        let name = reference.with(tag: tag, digest: reference.digest).description
        kinds = isID ? [.reference(name), .id(String(hex))] : [.reference(name)]
    }

    /// Whether it is a pattern, which can mean more than its author saw.
    var isPattern: Bool { if case .pattern = kinds.first { true } else { false } }

    /// The names of an image that are meant; its ID when the whole image is.
    ///
    /// A reference without a host means Docker Hub's and that of our registry.
    func names(in image: NodeImage, _ place: ClusterPlace) -> [String] {
        for kind in kinds {
            let found: [String] =
                switch kind {
                case .id(let digits):
                    image.id.hex.hasPrefix(digits) ? [image.id.description] : []
                case .reference(let reference):
                    image.names.filter { CacheName.forms($0, place).contains(reference) }
                case .pattern(let pieces):
                    // With the last tag the digests go anyway, if nothing uses the image.
                    (image.tags.isEmpty ? image.digests : image.tags).filter { name in
                        CacheName.forms(name, place).contains { CacheName.match($0, pieces) }
                    }
                }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// Every way in which people write a name.
    private static func forms(_ name: String, _ place: ClusterPlace) -> [String] {
        guard let reference = try? ImageReference(name), let registry = reference.registry else {
            return [name]
        }
        let rest = String(name.dropFirst(registry.utf8.count + 1))
        if place.registryNames.contains(registry) { return [name, rest] }
        guard registry == RegistryHost.dockerHub.description else { return [name] }
        let isOfficial = rest.hasPrefix("library/")
        return [name, rest] + (isOfficial ? [String(rest.dropFirst("library/".count))] : [])
    }

    private static func match(_ text: String, _ pieces: [String]) -> Bool {
        guard let first = pieces.first, let last = pieces.last, text.hasPrefix(first) else {
            return false
        }
        var rest = text.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.firstRange(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
