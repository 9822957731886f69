/// What an object says of its type: a kind is a name within a group.
struct ObjectType: Decodable, Sendable, Hashable {
    var apiVersion: String
    var kind: String

    /// The API group; empty for the core group, whose `apiVersion` has no slash.
    var group: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }

    /// What it is among Kubernetes' own kinds; nil for one of another group.
    var builtIn: BuiltInKind? { BuiltInKind(kind: kind, group: group) }

    var isNode: Bool { kind == "Node" && group.isEmpty }

    /// As `job`, with the group where it is not Kubernetes' own: `job.batch.example.com`.
    var shown: String {
        let name = kind.lowercased()
        return builtIn != nil || group.isEmpty ? name : "\(name).\(group)"
    }
}
