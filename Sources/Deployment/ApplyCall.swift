import Tools
import Vocabulary

/// One call of kubectl that hands over objects.
struct ApplyCall: Sendable {
    var objects: [JSONValue]
    var way: Kubectl.Submission
    /// What `--namespace` says; nil when every object says it itself.
    var namespace: String?
    /// Whether server-side apply was already given what `kubectl apply` had set.
    var isHandedOver = false

    /// The calls for some objects, which stand in their order: one, where nothing is special.
    static func calls(for objects: [JSONValue], namespace: String) throws -> [ApplyCall] {
        let generated = objects.filter { ManifestObject($0).generatedNamePrefix != nil }
        let named = objects.filter { ManifestObject($0).generatedNamePrefix == nil }
        let large = try named.filter(Kubectl.isTooLargeToApply)
        let largeOnes = Set(large)
        let small = large.isEmpty ? named : named.filter { !largeOnes.contains($0) }
        // What is large is configuration: others need it, and it may need its namespace.
        let first =
            large.isEmpty ? [] : small.filter { ManifestObject($0).builtIn == .namespace }
        return [
            (first, Kubectl.Submission.apply), (large, .applyOnServer(isForced: false)),
            (first.isEmpty ? small : small.filter { !first.contains($0) }, .apply),
            (generated, .create),
        ].flatMap { objects, way in
            placed(objects, namespace).map {
                ApplyCall(objects: $0.objects, way: way, namespace: $0.namespace)
            }
        }
    }

    private struct Placed {
        var objects: [JSONValue]
        var namespace: String?
    }

    /// kubectl refuses an object of another namespace when one is given on the command line; where
    /// one is not, it takes the context's for objects that name none.
    private static func placed(_ objects: [JSONValue], _ namespace: String) -> [Placed] {
        func isElsewhere(_ object: JSONValue) -> Bool {
            ManifestObject(object).namespace.map { $0 != namespace } ?? false
        }
        guard objects.contains(where: isElsewhere) else {
            return objects.isEmpty ? [] : [Placed(objects: objects, namespace: namespace)]
        }
        let explicit = objects.compactMap { object -> JSONValue? in
            guard ManifestObject(object).namespace == nil else { return object }
            guard let kind = ManifestObject(object).builtIn else { return nil }
            var placed = object
            if !kind.isClusterScoped { placed["metadata"]?["namespace"] = .string(namespace) }
            return placed
        }
        // Of a kind that is not known it is not known either whether it has a namespace.
        guard explicit.count < objects.count else {
            return [Placed(objects: explicit, namespace: nil)]
        }
        return [
            Placed(objects: objects.filter { !isElsewhere($0) }, namespace: namespace),
            Placed(objects: objects.filter(isElsewhere), namespace: nil),
        ].filter { !$0.objects.isEmpty }
    }
}
