/// An object of the manifests, with what is asked of every one.
struct ManifestObject: CustomStringConvertible {
    let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    var apiVersion: String { value["apiVersion"]?.string ?? "" }
    var kind: String { value["kind"]?.string ?? "" }
    var name: String { value["metadata"]?["name"]?.string ?? "" }
    var namespace: String? { value["metadata"]?["namespace"]?.string }
    /// `Deployment/web`.
    var description: String { "\(kind)/\(name)" }

    /// The workload it is, if it is one that rolls out.
    var workload: WorkloadReference? {
        guard let kind = WorkloadReference.Kind(rawValue: kind.lowercased()),
            let name = try? ObjectName(name)
        else { return nil }
        return WorkloadReference(kind, name)
    }

    /// A live object as it was applied last, from the annotation that `kubectl apply` keeps.
    var lastApplied: JSONValue? {
        let text = value["metadata"]?["annotations"]?[
            "kubectl.kubernetes.io/last-applied-configuration"]?.string
        return text.flatMap { try? JSONValue(parsing: $0) }
    }
}
