import Vocabulary

/// A place in an object that names an image of ours.
package struct ImageUse: Sendable, Hashable {
    /// How the reference is written there.
    package enum Form: Sendable, Hashable {
        /// As the whole value.
        case whole
        /// As an argument's, after this text: `--image=`.
        case after(String)
        /// In parts: the members of the object that the path leads to.
        case parts(PartNames)
    }

    /// Members that make up a reference, as values of charts have them.
    package struct PartNames: Sendable, Hashable {
        /// Holds the host; nil where it is written before the repository.
        var registry: String?
        var repository: String
        var tag: String
    }

    /// The image's name in the configuration.
    package var image: String
    package var path: ObjectPath
    package var form: Form
    /// The reference as it stands there.
    package var reference: String
    /// The container that runs it; nil where that is up to somebody else.
    package var container: String?

    /// Whether the kubelet pulls it for the pod itself, as a container's image or a volume.
    package var isPulledByPod: Bool {
        container != nil || path.members.suffix(3) == ["volumes", "image", "reference"]
    }

    /// The object with another reference there.
    package func replacing(in object: JSONValue, by new: String) -> JSONValue {
        switch form {
        case .whole: return path.replacing(in: object, by: .string(new))
        case .after(let prefix): return path.replacing(in: object, by: .string(prefix + new))
        case .parts(let names):
            guard var parts = path.value(in: object), let new = try? ImageReference(new) else {
                return object
            }
            let host = new.registry.map { "\($0)/" } ?? ""
            parts[names.repository] = .string((names.registry == nil ? host : "") + new.path)
            if let registry = names.registry { parts[registry] = .string(new.registry ?? "") }
            parts[names.tag] = .string(new.tag?.description ?? "")
            // It would be pulled whatever the tag says.
            parts["digest"] = nil
            return path.replacing(in: object, by: parts)
        }
    }
}
