import Settings
import Tools
import Vocabulary

/// The image references of the objects that are in the cluster now.
struct LiveImages: Sendable {
    private struct Key: Hashable {
        var type: String
        var namespace: String?
        var name: String

        init(_ object: ManifestObject, home: String?) {
            type = object.builtIn?.rawValue ?? "\(object.kind).\(object.group)"
            namespace = object.namespace ?? home
            name = object.name
        }
    }

    private var uses: [Key: [ImageUse]] = [:]
    /// The namespace of objects that name none.
    private let home: String?

    init(objects: [JSONValue], rewriter: ImageRewriter, home: String? = nil) {
        self.home = home
        for object in objects {
            uses[Key(ManifestObject(object), home: home)] = rewriter.uses(in: object)
        }
    }

    /// What stands now where an object to apply names an image; nil where it names another.
    func reference(_ object: ManifestObject, _ wanted: ImageUse) -> String? {
        let same = (uses[Key(object, home: home)] ?? []).filter { use in
            use.image == wanted.image && use.form == wanted.form
                && use.path.isSamePlace(as: wanted.path)
        }
        return (same.first { $0.path == wanted.path } ?? same.first)?.reference
    }
}
