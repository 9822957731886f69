import Tools
import Vocabulary

/// Puts a Secret into pod templates, so that the pods can pull with it.
///
/// Not into the namespace's ServiceAccount: that would change what other people's pods get, and
/// not reach a pod with an account of its own.
package struct PullSecretAttachment: Sendable {
    /// The Secret's name.
    package let name: String
    /// Finds the images of ours.
    let rewriter: ImageRewriter

    package init(name: String, rewriter: ImageRewriter) {
        self.name = name
        self.rewriter = rewriter
    }

    /// The object, naming the Secret where one of its containers runs an image of ours.
    package func attached(to object: JSONValue) -> JSONValue {
        guard let place = ManifestObject(object).builtIn?.podSpecPath, isMissing(in: object) else {
            return object
        }
        return changed(object, place[...])
    }

    /// Whether an object that runs an image of ours does not name the Secret.
    package func isMissing(in object: JSONValue) -> Bool {
        guard let place = ManifestObject(object).builtIn?.podSpecPath else { return false }
        let secrets = place.reduce(object as JSONValue?) { $0?[$1] }?["imagePullSecrets"]?.array
        return !(secrets ?? []).contains { $0["name"]?.string == name }
            && rewriter.uses(in: object).contains(where: \.isPulledByPod)
    }

    private func changed(_ value: JSONValue, _ place: ArraySlice<String>) -> JSONValue {
        var result = value
        if let first = place.first {
            guard let inner = value[first] else { return value }
            result[first] = changed(inner, place.dropFirst())
        } else {
            result["imagePullSecrets"] = .array(
                (value["imagePullSecrets"]?.array ?? []) + [["name": .string(name)]])
        }
        return result
    }
}
