import Vocabulary

/// What an object says of its type: a kind is a name within a group.
package struct ObjectType: Decodable, Sendable, Hashable {
    var apiVersion: String
    var kind: String

    package init(apiVersion: String, kind: String) {
        self.apiVersion = apiVersion
        self.kind = kind
    }

    /// The API group; empty for the core group, whose `apiVersion` has no slash.
    package var group: String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }

    /// What it is among Kubernetes' own kinds; nil for one of another group.
    package var builtIn: BuiltInKind? { BuiltInKind(kind: kind, group: group) }

    package var isNode: Bool { kind == "Node" && group.isEmpty }

    /// As `job`, with the group where it is not Kubernetes' own: `job.batch.example.com`.
    package var shown: String {
        let name = kind.lowercased()
        return builtIn != nil || group.isEmpty ? name : "\(name).\(group)"
    }
}
