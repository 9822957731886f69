import Tools
import Vocabulary

extension Configuration {
    /// Where objects of a kind name an image, for places that cannot be told from what they hold.
    public struct ImagePath: Sendable, Hashable, Codable {
        /// The kind of the objects, with its group or without: `Site`, `Site.example.com`.
        public var kind: ObjectKind
        /// Where the reference stands in them, as a whole value.
        public var jsonPath: JSONPath

        /// A place in objects of a kind.
        init(kind: ObjectKind, jsonPath: JSONPath) {
            self.kind = kind
            self.jsonPath = jsonPath
        }

        /// Whether the object is of the kind.
        func applies(to object: ManifestObject) -> Bool {
            let kind = kind.description
            return kind == object.kind || kind == "\(object.kind).\(object.group)"
        }
    }
}
