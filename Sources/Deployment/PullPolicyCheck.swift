import Images
import Tools
import Vocabulary

/// Finds, before anything is applied, containers that may not pull what was just pushed.
enum PullPolicyCheck {
    /// Throws where a container has `imagePullPolicy: Never` and an image that no node can have.
    ///
    /// - Parameter built: those that were there before may be on the nodes.
    static func require(_ objects: [JSONValue], built: [BuiltImage]) throws {
        let new = Set(built.filter { !$0.isUnchanged }.map(\.reference))
        for object in objects {
            guard let container = containers(in: object, using: new).first else { continue }
            throw DevClusterError(
                .usage,
                "\(ManifestObject(object).description), container \(ShownText.line(container)): its"
                    + " image was just pushed, and 'imagePullPolicy: Never' does not let the node"
                    + " pull it",
                hint: "take imagePullPolicy out of the manifest: every tag is new, so the default"
                    + " pulls it once")
        }
    }

    /// Names of the containers, wherever their pod template stands.
    private static func containers(in value: JSONValue, using references: Set<String>) -> [String] {
        switch value {
        case .array(let elements):
            return elements.flatMap { containers(in: $0, using: references) }
        case .object(let members):
            if members["imagePullPolicy"]?.string == "Never",
                let image = members["image"]?.string, references.contains(image)
            {
                return [members["name"]?.string ?? "?"]
            }
            return members.sorted { $0.key < $1.key }
                .flatMap { containers(in: $0.value, using: references) }
        default: return []
        }
    }
}
