import Tools
import Vocabulary

/// The variables in a compose file's values: `$NAME`, `${NAME:-default}`.
struct ComposeVariables: Sendable {
    private var values: [String: String] = [:]

    /// - Parameter environment: the text of the `.env` file beside the compose file.
    init(environment: String) {
        for line in environment.split(whereSeparator: \.isNewline) {
            let parts = String(line).trimmingSpace.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, !parts[0].hasPrefix("#") else { continue }
            let value = String(parts[1]).trimmingSpace
            let isQuoted = ["\"", "'"].contains { value.count > 1 && value.hasPrefix($0) }
            values[String(parts[0])] = isQuoted ? String(value.dropFirst().dropLast()) : value
        }
    }

    /// The text with every variable replaced; nil when one has no value here.
    func expanded(_ text: String) -> String? {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "$" else {
                result.append(character)
                continue
            }
            if rest.first == "$" {
                result.append("$")
                rest = rest.dropFirst()
                continue
            }
            guard let value = value(&rest) else { return nil }
            result += value
        }
        return result
    }

    private func value(_ rest: inout Substring) -> String? {
        guard rest.first == "{" else {
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            rest = rest[name.endIndex...]
            return values[String(name)]
        }
        guard let end = rest.firstIndex(of: "}") else { return nil }
        let inside = rest[..<end].dropFirst()
        rest = rest[end...].dropFirst()
        let name = inside.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let operation = inside[name.endIndex...]
        let known = values[String(name)]
        if operation.hasPrefix(":-") {
            let isEmpty = known.map(\.isEmpty) ?? true
            return isEmpty ? String(operation.dropFirst(2)) : known
        }
        return operation.hasPrefix("-") ? known ?? String(operation.dropFirst()) : known
    }
}
