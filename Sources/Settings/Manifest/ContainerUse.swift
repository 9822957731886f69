import Tools
import Vocabulary

/// A container of an object, and the image that it names.
package struct ContainerUse: Sendable, Equatable {
    /// Kind and name of the object, as `Deployment/web`.
    package var object: String
    /// Name of the container.
    package var container: String
    /// The reference as it stands there.
    package var reference: String

    package init(object: String, container: String, reference: String) {
        self.object = object
        self.container = container
        self.reference = reference
    }

    /// The lists of a pod's spec that hold containers.
    static let lists: Set = ["containers", "initContainers", "ephemeralContainers"]

    /// Every container of the objects, wherever its pod template stands, also in custom resources.
    package static func all(in objects: [JSONValue]) -> [ContainerUse] {
        objects.flatMap { object in
            containers(in: object).map {
                ContainerUse(
                    object: ManifestObject(object).description,
                    container: $0["name"]?.string ?? "", reference: $0["image"]?.string ?? "")
            }
        }
    }

    private static func containers(in value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let elements): elements.flatMap(containers)
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { key, member in
                guard lists.contains(key), let list = member.array else {
                    return containers(in: member)
                }
                return list.filter { $0["image"]?.string != nil }
            }
        default: []
        }
    }
}
