import ChildProcess

/// Makes text that came from outside fit to be shown: no known credentials, no control characters,
/// bounded length.
package enum ShownText {
    /// The text in double quotes, for a message: `"a\tb"`.
    ///
    /// - Parameter limit: characters kept; the rest is replaced by `…`.
    package static func quoted(_ text: String, limit: Int = 60) -> String {
        let text = KnownSecrets.blanked(text)
        let cut = text.prefix(limit)
        let marked = cut.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped(String(marked)))\(cut.endIndex == text.endIndex ? "" : "…")\""
    }

    /// The text on one line, without quotes.
    package static func line(_ text: String, limit: Int = 400) -> String {
        // Before it is cut: what is left of a credential would not be known.
        let text = KnownSecrets.blanked(text)
        let cut = text.prefix(limit)
        return escaped(String(cut)) + (cut.endIndex == text.endIndex ? "" : "…")
    }

    /// Control characters and those that reorder or hide text, as escapes.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                let hidden: Bool =
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
                    default: false
                    }
                if hidden {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
