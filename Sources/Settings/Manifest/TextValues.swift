import Tools
import Vocabulary

/// Finds values of Secrets and ConfigMaps that are no text, which is all that the API takes: it would
/// refuse them in words that repeat the value.
enum TextValues {
    /// Throws naming all of them, and none of the values.
    static func require(_ objects: [JSONValue]) throws(DevClusterError) {
        let found = objects.flatMap { faults(in: ManifestObject($0)) }
        guard !found.isEmpty else { return }
        throw DevClusterError(
            .usage, found.joined(separator: "\n"),
            hint: "put the value in quotes; nothing was applied")
    }

    private static func faults(in object: ManifestObject) -> [String] {
        guard [.secret, .configMap].contains(object.builtIn) else { return [] }
        return ["data", "stringData"].flatMap { field in
            (object.value[field]?.object ?? [:]).sorted { $0.key < $1.key }
                .compactMap { key, value in
                    name(of: value).map {
                        ShownText.line(
                            "\(object.shownName): \(field).\(key) is \($0), and has to be text")
                    }
                }
        }
    }

    /// What a value is that is no text; nil for text, and for none.
    private static func name(of value: JSONValue) -> String? {
        switch value {
        case .string, .null: nil
        case .bool: "true or false"
        case .array: "a list"
        case .object: "an object"
        default: "a number"
        }
    }
}
