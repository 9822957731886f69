import Tools
import Vocabulary

/// What kubectl says about a file it cannot read, in fewer words and with the file's own lines.
///
/// kubectl gives prose only; recorded samples are the tests' fixtures. What is not recognised is
/// passed on as it is.
struct KubectlComplaint {
    /// The reason.
    let text: String
    /// What to do about it.
    let hint: String?
    /// Whether kubectl misses `kind`, or a well-formed `apiVersion`, which it words the same.
    let isMissingKind: Bool

    /// - Parameter path: the file's path, as kubectl was given it.
    /// - Parameter lineOffset: what to add to kubectl's line numbers.
    init(_ errorOutput: String, path: String, lineOffset: Int) {
        let lines = errorOutput.split(whereSeparator: \.isNewline)
        // Go's klog may print warnings before the error itself.
        guard var reason = lines.last(where: { $0.hasPrefix("error: ") }) ?? lines.last else {
            (text, hint, isMissingKind) = ("kubectl cannot read it and says nothing", nil, false)
            return
        }
        for prefix in [
            "error: ", "error parsing \(path): ", "unable to decode \"\(path)\": ",
            "error converting YAML to JSON: ", "yaml: ", "json: ",
        ] where reason.hasPrefix(prefix) {
            reason = reason.dropFirst(prefix.count)
        }
        isMissingKind = KubectlText.objectWithoutKind.begins(reason)
        hint = Self.hint(for: reason)
        text = ShownText.line(
            Self.wrongType(reason) ?? Self.shifted(reason, by: lineOffset))
    }

    /// The same with another line number, where it begins with one.
    private static func shifted(_ reason: Substring, by offset: Int) -> String {
        let prefix = "line "
        guard reason.hasPrefix(prefix) else { return String(reason) }
        let rest = reason.dropFirst(prefix.count)
        let digits = rest.prefix { $0.isNumber }
        guard let line = Int(digits), line < 10_000_000 else { return String(reason) }
        return "\(prefix)\(line + offset)\(rest.dropFirst(digits.count))"
    }

    /// What `cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string`
    /// means: the few fields that kubectl itself looks at.
    private static func wrongType(_ reason: Substring) -> String? {
        let words = reason.split(separator: " ")
        guard words.starts(with: ["cannot", "unmarshal"]), words.count >= 8 else { return nil }
        let kinds: [Substring: String] = [
            "array": "a list", "string": "text", "number": "a number", "bool": "a truth value",
            "object": "an object",
        ]
        let found = kinds[words[2]] ?? String(words[2])
        if words[5] == "value" { return "expected an object, found \(found)" }
        guard words[5] == "struct", words[6] == "field", let dot = words[7].firstIndex(of: ".")
        else { return nil }
        let field = words[7][words[7].index(after: dot)...]
        let expected = words.last == "string" ? "text" : "an object"
        return "\(field): expected \(expected), found \(found)"
    }

    private static func hint(for reason: Substring) -> String? {
        if KubectlText.noToken.isIn(reason) {
            return "indent with spaces, not tabs, and quote values that begin with @ or `"
        }
        if KubectlText.noDocument.isIn(reason) {
            return "remove lines that begin with %, which kubectl does not read"
        }
        if KubectlText.wrongType.begins(reason), reason.hasSuffix("of type string") {
            return "write the value in quotes"
        }
        return nil
    }
}
