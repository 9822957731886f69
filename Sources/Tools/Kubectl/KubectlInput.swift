import ChildProcess
import SystemLibraries
import Vocabulary

/// What kubectl reads from its standard input, shown without what is secret in it.
extension Invocation.Input {
    /// An object, or a list of objects: the values of Secrets are not shown.
    package static func objects(_ document: JSONValue) throws -> Invocation.Input {
        let data = try document.encoded()
        var secrets: [Data] = []
        var shown = document
        if let items = document["items"]?.array {
            shown["items"] = .array(items.map { blanked($0, &secrets) })
        } else {
            shown = blanked(document, &secrets)
        }
        guard shown != document else { return .bytes(data) }
        return .partlySecret(
            data, shown: try shown.encoded(), secrets: secrets, citations: KubectlText.citations)
    }

    /// Text of manifests that was not parsed yet: there may be Secrets in it.
    package static func manifests(_ text: Data) -> Invocation.Input {
        .partlySecret(
            text, shown: Data("# \(text.count) bytes of manifests\n".utf8), secrets: [],
            citations: KubectlText.citations)
    }

    /// The same object without the values of a Secret, which are added to the others.
    private static func blanked(_ object: JSONValue, _ secrets: inout [Data]) -> JSONValue {
        guard ManifestObject(object).builtIn == .secret else { return object }
        var shown = object
        for field in ["data", "stringData"] {
            guard let values = object[field]?.object else { continue }
            for (key, value) in values {
                shown[field]?[key] = .string("<redacted>")
                guard let text = value.string else {
                    // The API takes text alone, and repeats what it does not take.
                    if let text = try? value.encoded() { secrets.append(text) }
                    continue
                }
                secrets += forms(of: text)
                if field == "data", let decoded = Data(base64Encoded: text) {
                    secrets.append(decoded)
                }
            }
        }
        // kubectl's copy of what was applied before.
        if ManifestObject(object).lastApplied != nil {
            shown["metadata"]?["annotations"] = .string("<redacted>")
        }
        return shown
    }

    /// A value as it is, and as kubectl and the API quote it: as text, as JSON, and as text within
    /// the copy that kubectl keeps of an object.
    private static func forms(of value: String) -> [Data] {
        func quoted(_ text: String) -> String {
            let pairs = [
                ("\\", "\\\\"), ("\"", "\\\""), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"),
            ]
            return pairs.reduce(text) { $0.replacing($1.0, with: $1.1) }
        }
        // Go writes these so in JSON.
        let html = [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")]
        let json = html.reduce(quoted(value)) { $0.replacing($1.0, with: $1.1) }
        return Set([value, quoted(value), json, quoted(json)]).map { Data($0.utf8) }
    }
}
