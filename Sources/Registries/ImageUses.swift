import SystemLibraries
import Vocabulary

/// Which images the objects of clusters name, and which ones their containers run.
package struct ImageUses: Sendable, Equatable {
    /// Tags in use, as `repository:tag` without the registry's host.
    package private(set) var tags: Set<String> = []
    /// Digests in use: of manifests, indexes and, where a runtime reports them, configurations.
    private(set) var digests: Set<Digest> = []

    package init(tags: Set<String> = [], digests: Set<Digest> = []) {
        self.tags = tags
        self.digests = digests
    }

    /// The objects that start containers, or that somebody may go back to: a ReplicaSet or
    /// ControllerRevision is what a rollback restores.
    static let resources = liveResources + ",controllerrevisions.apps"
    /// The objects that have pods or start them by themselves.
    package static let liveResources =
        BuiltInKind.resources(
            .pod, .replicationController, .replicaSet, .deployment, .statefulSet, .daemonSet, .job,
            .cronJob)

    /// Adds every image that these objects name, at whatever depth their pod templates stand.
    ///
    /// The registry's host is left out on purpose: nodes may know it by any name, and what is
    /// kept too much costs only space. containerd also reports an image under another
    /// repository of the same content, so that a digest counts for all of them. And in a status
    /// it reports the alphabetically first tag of the content, which of ours is the oldest: only
    /// the `imageID` counts there.
    mutating func add(_ objects: [JSONValue]) { objects.forEach { add($0) } }

    /// Adds every image that an object names.
    package mutating func add(_ object: JSONValue) { add(object, isStatus: false) }

    private mutating func add(_ value: JSONValue, isStatus: Bool) {
        if let members = value.object {
            for (name, member) in members {
                if let text = member.string {
                    if name == "imageID" || (name == "image" && !isStatus) {
                        add(reference: text)
                    } else if !isStatus {
                        add(whole: text)
                    }
                } else {
                    // A volume that is an image.
                    if name == "image", !isStatus, let text = member["reference"]?.string {
                        add(reference: text)
                    }
                    add(member, isStatus: isStatus || name == "status")
                }
            }
        } else if let items = value.array {
            for item in items {
                if let text = item.string, !isStatus {
                    add(whole: text.parted(atFirst: UInt8(ascii: "="))?.after ?? text[...])
                } else {
                    add(item, isStatus: isStatus)
                }
            }
        }
    }

    /// Adds a value that can only be a reference: an operator's variable or argument, say.
    private mutating func add(whole text: some StringProtocol) {
        guard text.utf8.count <= 512, text.utf8.contains(UInt8(ascii: "/")),
            let reference = try? ImageReference(String(text)), reference.registry != nil
        else { return }
        add(reference: String(text))
    }

    /// Adds a reference, or an `imageID` in one of its forms.
    private mutating func add(reference text: String) {
        let bare = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        if let digest = try? Digest(String(bare)) {
            digests.insert(digest)
            return
        }
        guard let reference = try? ImageReference(String(bare)) else { return }
        if let digest = reference.digest { digests.insert(digest) }
        // A pin decides what is pulled; the tag beside it is what verification asks for.
        if let tag = reference.effectiveTag { tags.insert("\(reference.path):\(tag)") }
    }

    /// Adds tags that are in use, as `repository:tag`.
    mutating func add(tags more: Set<String>) { tags.formUnion(more) }

    /// Whether the tag is named anywhere.
    func uses(_ repository: String, tag: String) -> Bool { tags.contains("\(repository):\(tag)") }
}
