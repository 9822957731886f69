import Vocabulary

/// The place of a field in the configuration: `spec.images[1].context`.
public struct FieldPath: Sendable, Hashable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// The path with dots and indices.
    public let description: String

    /// A path as it is written; whether there is such a field shows when it is used.
    init(_ text: String) {
        description = text
    }

    /// A path as it is written.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// The field of that name below this one.
    func appending(_ name: String) -> FieldPath {
        let isPlain = name.utf8.allSatisfy { NameGrammar.isAlphanumeric($0) || $0 == 0x5F }
        guard isPlain, !name.isEmpty else {
            return FieldPath("\(description)[\(ShownText.quoted(name))]")
        }
        return FieldPath(description.isEmpty ? name : "\(description).\(name)")
    }

    /// The element at that index.
    func appending(_ index: Int) -> FieldPath {
        FieldPath("\(description)[\(index)]")
    }

    /// The names from the top; only of paths without indices.
    var names: [String] { description.split(separator: ".").map(String.init) }

    /// The environment variable that sets the field: `DEVCLUSTER_REGISTRY_PORT`.
    ///
    /// `metadata`, `spec` and `cluster` are left out: `DEVCLUSTER_NAME`, `DEVCLUSTER_NODE_IMAGE`.
    var variable: String {
        let names = names.filter { !["metadata", "spec", "cluster"].contains($0) }
        let words = names.map { name in
            name.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
        }
        return "DEVCLUSTER_" + words.joined(separator: "_")
    }

    /// The order of the texts.
    public static func < (left: FieldPath, right: FieldPath) -> Bool {
        left.description < right.description
    }
}
