/// The text with everything that a terminal would obey written as `\u{1b}`.
///
/// Newlines and tabs stay. What runs in a cluster, or what a tool prints, chooses part of what we
/// show; without this it could move the cursor, hide lines or set the window's title.
/// - Parameter keepsStyle: whether the colours that `TextStyle` sets stay too.
func terminalText(_ text: String, keepsStyle: Bool = false) -> String {
    var result = ""
    var rest = text.unicodeScalars[...]
    let kept = keepsStyle ? TextStyle.sequences : []
    while let scalar = rest.first {
        if let sequence = kept.first(where: { rest.starts(with: $0.unicodeScalars) }) {
            result += sequence
            rest = rest.dropFirst(sequence.unicodeScalars.count)
            continue
        }
        rest = rest.dropFirst()
        switch scalar.properties.generalCategory {
        case .control where scalar == "\n" || scalar == "\t":
            result.unicodeScalars.append(scalar)
        case .control, .format, .lineSeparator, .paragraphSeparator:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
