import Settings
import Tools
import Vocabulary

/// An image of ours that an object names without running it: an operator makes pods of it, or not.
package struct CustomUse: Sendable, Hashable {
    /// The object, as `Workflow.argoproj.io/build`.
    var object: String
    /// Where the reference stands in it.
    var place: String
    /// The image's name in the configuration.
    var image: String
    /// The reference as it was applied.
    var reference: String
    /// Whether the object runs pods itself, or any pod may read it, so that this names what some of
    /// the workloads' own pods may run as well.
    var isBesidePods: Bool

    /// Those of all objects that are about to be applied.
    package static func all(in objects: [JSONValue], _ rewriter: ImageRewriter) -> [CustomUse] {
        objects.flatMap { object in
            let manifest = ManifestObject(object)
            let runsItself = manifest.builtIn?.podSpecPath != nil
            // What reads it may be any pod, and need not be an operator.
            let isRead = manifest.builtIn == .configMap
            return rewriter.uses(in: object).filter { !(runsItself && $0.isPulledByPod) }.map {
                CustomUse(
                    object: manifest.typedDescription, place: $0.path.description,
                    image: $0.image, reference: $0.reference, isBesidePods: runsItself || isRead)
            }
        }
    }

    /// That no pod runs it, for the user.
    var statement: String {
        ShownText.line(
            "\(object) names \(reference), and no pod runs it yet: what its operator starts later is"
                + " not judged")
    }

    /// Whether one of these pods runs it.
    func isRun(by pods: [KubernetesPod]) -> Bool {
        pods.contains { pod in
            pod.spec.allContainers.contains { $0.image == reference }
        }
    }
}
