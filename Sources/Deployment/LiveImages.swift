import Settings
import Tools
import Vocabulary

/// The image references of the objects that are in the cluster now, and of what was deployed.
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
    private let rewriter: ImageRewriter
    /// What the last deploys put into workloads, by namespace, workload and container.
    private let placed: [String: [String: [String: String]]]

    init(
        objects: [JSONValue], rewriter: ImageRewriter, home: String? = nil,
        placed: [String: [String: [String: String]]] = [:]
    ) {
        self.home = home
        self.rewriter = rewriter
        self.placed = placed
        for object in objects {
            uses[Key(ManifestObject(object), home: home)] = rewriter.uses(in: object)
        }
    }

    /// What stands now where an object to apply names an image, or what was deployed there if
    /// somebody put another image into the place since; nil where neither is one of the image.
    func reference(_ object: ManifestObject, _ wanted: ImageUse) -> String? {
        guard let uses = uses[Key(object, home: home)] else { return nil }
        let same = uses.filter { use in
            use.image == wanted.image && use.form == wanted.form
                && use.path.isSamePlace(as: wanted.path)
        }
        return (same.first { $0.path == wanted.path } ?? same.first)?.reference
            ?? placed(object, wanted)
    }

    private func placed(_ object: ManifestObject, _ wanted: ImageUse) -> String? {
        guard let container = wanted.container, let home,
            let workload = object.target(home: home),
            let reference = placed[workload.namespace ?? home]?[workload.local]?[container],
            rewriter.image(meantBy: reference) == wanted.image
        else { return nil }
        return reference
    }
}
