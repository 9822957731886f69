/// An object of the manifests, with what is asked of every one.
struct ManifestObject: CustomStringConvertible {
    let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    var apiVersion: String { value["apiVersion"]?.string ?? "" }
    /// The API group; empty for the core group, whose `apiVersion` has no slash.
    var group: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }
    var kind: String { value["kind"]?.string ?? "" }
    var name: String { value["metadata"]?["name"]?.string ?? "" }
    /// The start of the name that the API server completes; nil for an object with a name.
    var generatedNamePrefix: String? {
        name.isEmpty ? value["metadata"]?["generateName"]?.string : nil
    }
    var namespace: String? { value["metadata"]?["namespace"]?.string }
    /// `Deployment/web`.
    var description: String { "\(kind)/\(name)" }

    /// The kind, if it is one of Kubernetes' own: other groups use the same names.
    var builtIn: BuiltInKind? { BuiltInKind(kind: kind, group: group) }

    /// The workload it is, if it is one that rolls out.
    var workload: WorkloadReference? {
        guard let kind = builtIn?.workload, let name = try? ObjectName(name) else { return nil }
        return WorkloadReference(kind, name)
    }

    /// A live object as it was applied last, from the annotation that `kubectl apply` keeps.
    var lastApplied: JSONValue? {
        let text = value["metadata"]?["annotations"]?[
            "kubectl.kubernetes.io/last-applied-configuration"]?.string
        return text.flatMap { try? JSONValue(parsing: $0) }
    }
}
