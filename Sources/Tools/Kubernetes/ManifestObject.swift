import Vocabulary

/// An object of the manifests, with what is asked of every one.
package struct ManifestObject: CustomStringConvertible {
    package let value: JSONValue

    package init(_ value: JSONValue) {
        self.value = value
    }

    package var apiVersion: String { value["apiVersion"]?.string ?? "" }
    /// The API group; empty for the core group, whose `apiVersion` has no slash.
    package var group: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }
    package var kind: String { value["kind"]?.string ?? "" }
    package var name: String { value["metadata"]?["name"]?.string ?? "" }
    /// The start of the name that the API server completes; nil for an object with a name.
    package var generatedNamePrefix: String? {
        name.isEmpty ? value["metadata"]?["generateName"]?.string : nil
    }
    package var namespace: String? { value["metadata"]?["namespace"]?.string }
    /// `Deployment/web`.
    package var description: String { "\(kind)/\(name)" }

    /// Kind and name, fit to be shown, also of an object that gets its name from the API server.
    package var shownName: String {
        ShownText.line(generatedNamePrefix.map { "\(kind)/\($0)…" } ?? description)
    }

    /// The same, with the group where the kind is not Kubernetes' own: `Site.example.com/blog`.
    package var typedDescription: String {
        builtIn == nil && !group.isEmpty ? "\(kind).\(group)/\(name)" : description
    }

    /// The kind, if it is one of Kubernetes' own: other groups use the same names.
    package var builtIn: BuiltInKind? { BuiltInKind(kind: kind, group: group) }

    /// The workload it is, if it is one that rolls out.
    package var workload: WorkloadReference? {
        guard let kind = builtIn?.workload, let name = try? ObjectName(name) else { return nil }
        return WorkloadReference(kind, name)
    }

    /// What it is to those who wait for it and judge it: also a CronJob, or a pod by itself.
    ///
    /// - Parameter home: the project's namespace, for objects that name none.
    package func target(home: String) -> WorkloadReference? {
        guard let builtIn, let name = try? ObjectName(name),
            let kind = WorkloadReference.Kind.allCases.first(where: { $0.builtIn == builtIn })
        else { return nil }
        return WorkloadReference(kind, name).placed(in: namespace ?? home, home: home)
    }

    /// The namespace that it is in or, for a Namespace, is; nil for what belongs to none.
    package func place(home: String) -> String? {
        if builtIn == .namespace { return name }
        return builtIn?.isClusterScoped == true ? nil : namespace ?? home
    }

    /// A live object as it was applied last, from the annotation that `kubectl apply` keeps.
    package var lastApplied: JSONValue? {
        let text = value["metadata"]?["annotations"]?[
            "kubectl.kubernetes.io/last-applied-configuration"]?.string
        return text.flatMap { try? JSONValue(parsing: $0) }
    }

    /// Its type as kubectl takes it, and for no kind of another group.
    package var resource: String {
        builtIn?.resource ?? ObjectType(apiVersion: apiVersion, kind: kind).shown
    }

    /// Whether Helm never deletes it.
    package var isKept: Bool {
        // Helm, too, minds neither case nor space around it.
        let policy = value["metadata"]?["annotations"]?["helm.sh/resource-policy"]?.string
        return policy?.trimmingSpace.lowercased() == "keep"
    }
}
