/// An image of ours that an object of another group names: its operator makes pods of it, or not.
struct CustomUse: Sendable, Hashable {
    /// The object, as `Workflow.argoproj.io/build`.
    var object: String
    var namespace: String
    /// The reference as it was applied.
    var reference: String

    /// Those of all objects that are about to be applied.
    ///
    /// - Parameter home: the namespace of objects that name none.
    static func all(in objects: [JSONValue], _ rewriter: ImageRewriter, home: String)
        -> [CustomUse]
    {
        var uses: [CustomUse] = []
        for object in objects.map({ ManifestObject($0) }) where object.builtIn == nil {
            let references = Set(rewriter.uses(in: [object.value]).map(\.reference)).filter {
                rewriter.image(meantBy: $0) != nil
            }
            uses += references.sorted().map {
                CustomUse(
                    object: "\(object.kind).\(object.group)/\(object.name)",
                    namespace: object.namespace ?? home, reference: $0)
            }
        }
        return uses
    }

    /// Whether one of these pods runs it.
    func isRun(by pods: [KubernetesPod]) -> Bool {
        pods.contains { pod in
            pod.metadata.namespace == namespace
                && (pod.spec.containers + (pod.spec.initContainers ?? [])).contains {
                    $0.image == reference
                }
        }
    }
}
