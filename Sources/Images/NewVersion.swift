import Settings
import Tools
import Vocabulary

/// What the images of one run are built as.
public struct NewVersion: Sendable, Equatable {
    /// A tag that was never used before, for every image without one of its own.
    public var tag: TagName
    /// What git said; nil outside a repository.
    public var git: GitState?
    /// Tags that `spec.tagPolicy` gives to images, by their names.
    var tags: [String: TagName] = [:]
    /// Tags that the policy asks for, but that are served with content of an earlier build.
    var taken: [String: TagName] = [:]
    /// Images that need not be built, as they are served, by their names.
    var kept: [String: BuiltImage] = [:]
    /// Digests of what images are built from, where the tag promises them, by their names.
    var promised: [String: String] = [:]

    /// The tag that an image gets if it is pushed.
    package func tag(of image: Configuration.Image) -> TagName {
        let name = image.name.description
        // A tag that was checked when it was recorded, or made here.
        return kept[name].flatMap { try? TagName($0.tag) } ?? tags[name] ?? tag
    }
}
