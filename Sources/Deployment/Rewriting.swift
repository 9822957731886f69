import Settings
import Tools
import Vocabulary

/// A place of the manifests whose image was replaced.
public struct Rewriting: Codable, Sendable, Equatable {
    /// The object, as `Site.example.com/blog`.
    public var object: String
    /// Its namespace; nil where the manifest names none.
    public var namespace: String?
    /// Where the image stands in it, as `spec.image`.
    public var path: String
    /// The reference in the manifest.
    public var from: String
    /// The reference that was applied.
    public var to: String

    /// The same on one line.
    public var text: String {
        let place = (namespace.map { "\($0)/" } ?? "") + object
        return ShownText.line("\(place)  \(path): \(from) → \(to)")
    }

    init(_ object: ManifestObject, _ use: ImageUse, _ reference: String) {
        self.object = object.typedDescription
        namespace = object.namespace
        path = use.path.description
        from = use.reference
        to = reference
    }
}
