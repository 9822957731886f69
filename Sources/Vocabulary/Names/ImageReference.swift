/// A reference to an image: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
///
/// The grammar of the distribution project (`reference/regexp.go`). The part before the first
/// slash is a host when it is `localhost`, holds `.` or `:`, or has an upper-case letter.
public struct ImageReference: ValidatedText {
    /// Host and port as written; nil means Docker Hub.
    public let registry: String?
    /// The repository without the registry's host.
    public let path: String
    /// The tag, if one is written.
    public let tag: TagName?
    /// The digest, if one is written; it decides what is pulled, whatever the tag.
    public let digest: Digest?

    /// Checks the reference.
    ///
    /// - Throws: `DevClusterError` with code `usage` that says which part is wrong.
    public init(_ text: String) throws(DevClusterError) {
        do throws(DevClusterError) {
            var rest = text[...]
            var digest: Digest?
            if let at = rest.firstIndex(of: "@") {
                digest = try Digest(String(rest[rest.index(after: at)...]))
                rest = rest[..<at]
            }
            var tag: TagName?
            let name = rest.parted(atLast: UInt8(ascii: "/"))?.after ?? rest
            if let parts = name.parted(atLast: UInt8(ascii: ":")) {
                tag = try TagName(String(parts.after))
                rest = rest[..<parts.before.endIndex]
            }
            let (registry, path) = Self.split(rest)
            try self.init(checking: registry, path, tag, digest)
        } catch {
            guard !text.isEmpty else { throw DevClusterError(.usage, "image reference is empty") }
            throw DevClusterError(
                .usage, "image reference \(ShownText.quoted(text)) is not valid: \(error.message)")
        }
    }

    /// Puts a reference together.
    ///
    /// - Throws: `DevClusterError` with code `usage` when host and path are too long together.
    package init(
        registry: RegistryHost?, path: RepositoryName, tag: TagName? = nil, digest: Digest? = nil
    ) throws(DevClusterError) {
        try self.init(checking: registry?.description, path.description, tag, digest)
    }

    private init(
        checking registry: String?, _ path: String, _ tag: TagName?, _ digest: Digest?
    ) throws(DevClusterError) {
        if let registry, let reason = NameGrammar.registryHost(registry) {
            throw DevClusterError(.usage, reason)
        }
        guard !path.isEmpty else { throw DevClusterError(.usage, "the repository is missing") }
        if let reason = NameGrammar.repositoryPath(path) {
            throw DevClusterError(.usage, "repository \(ShownText.quoted(path)): \(reason)")
        }
        // A bare ID of an image is no name: engines would take it for the image of that ID.
        if registry == nil, path.utf8.count == 64, path.utf8.allSatisfy(NameGrammar.isHexDigit) {
            throw DevClusterError(.usage, "64 hexadecimal digits are the ID of an image")
        }
        self.init(registry, path, tag, digest)
        if let reason = NameGrammar.length(repository, atMost: RepositoryName.longest) {
            throw DevClusterError(.usage, "the repository has \(reason)")
        }
    }

    private init(_ registry: String?, _ path: String, _ tag: TagName?, _ digest: Digest?) {
        self.registry = registry
        self.path = path
        self.tag = tag
        self.digest = digest
    }

    private static func split(_ name: Substring) -> (registry: String?, path: String) {
        guard let slash = name.firstIndex(of: "/"), NameGrammar.looksLikeHost(name[..<slash])
        else { return (nil, String(name)) }
        return (String(name[..<slash]), String(name[name.index(after: slash)...]))
    }

    /// The reference as written.
    public var description: String {
        repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// Host and path as written, without tag and digest.
    package var repository: String { registry.map { "\($0)/\(path)" } ?? path }

    /// The same with the host that is left out on Docker Hub: `busybox` is
    /// `docker.io/library/busybox`. No tag is added.
    package var normalized: ImageReference {
        let isHub = registry == nil || registry == "index.docker.io" || registry == "docker.io"
        guard isHub else { return self }
        let full = path.contains("/") ? path : "library/\(path)"
        return ImageReference(RegistryHost.dockerHub.description, full, tag, digest)
    }

    /// The tag that is pulled: `latest` when neither tag nor digest is written, nil when only a
    /// digest is.
    package var effectiveTag: TagName? { tag ?? (digest == nil ? .latest : nil) }

    /// The reference without tag and digest.
    package var withoutTagAndDigest: ImageReference { with(tag: nil) }

    /// The same repository with another tag, or none, and this digest, or none.
    package func with(tag: TagName?, digest: Digest? = nil) -> ImageReference {
        ImageReference(registry, path, tag, digest)
    }
}
