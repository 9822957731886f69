import Vocabulary

/// An image that was built and pushed.
public struct BuiltImage: Codable, Sendable, Equatable {
    /// Its name in the configuration, which is its repository in the registry.
    public var name: String
    /// The reference pods are given: registry, repository and tag.
    public var reference: String
    /// The tag.
    public var tag: String
    /// Digest of its configuration; empty in a dry run, or where it was kept without a build and
    /// nobody here built it before.
    public var imageID: String
    /// Digest of the manifest that the registry serves for the tag; nil in a dry run.
    public var digest: Digest?
    /// Seconds the build took.
    public var buildSeconds: Double
    /// Seconds the push took; 0 when nothing had to be pushed.
    public var pushSeconds: Double
    /// Whether the build gave just what was pushed before, under this tag.
    public var isUnchanged: Bool

    package init(
        name: String, reference: String, tag: String, imageID: String, digest: Digest? = nil,
        buildSeconds: Double, pushSeconds: Double, isUnchanged: Bool
    ) {
        self.name = name
        self.reference = reference
        self.tag = tag
        self.imageID = imageID
        self.digest = digest
        self.buildSeconds = buildSeconds
        self.pushSeconds = pushSeconds
        self.isUnchanged = isUnchanged
    }

    /// The same as it is deployed again: under its tag in this registry, and nothing pushed.
    ///
    /// - Parameter buildSeconds: what it took to find out that it is the same.
    func kept(in registryHost: String, buildSeconds: Double = 0) -> BuiltImage {
        var kept = self
        kept.reference = "\(registryHost)/\(name):\(tag)"
        kept.buildSeconds = buildSeconds
        kept.pushSeconds = 0
        kept.isUnchanged = true
        return kept
    }
}
