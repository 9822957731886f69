import ChildProcess

/// The text without known credentials and of a length that can be read: what tools print has
/// neither by itself.
///
/// - Parameter limit: characters kept from the beginning.
func shownText(_ text: String, limit: Int = messageLimit) -> String {
    let clean = KnownSecrets.blanked(text)
    // Bytes are counted first, since that takes no walk through the text.
    guard clean.utf8.count > limit, clean.count > limit else { return clean }
    return clean.prefix(limit) + "… (\(clean.count - limit) characters more)"
}

/// Characters of a message that are shown: some pages.
let messageLimit = 16 << 10

/// Encoded JSON in which every character that a terminal would obey, or that reorders or hides
/// text, is written as `\u001b`; the value stays the same.
func terminalJSON(_ json: String) -> String {
    guard !json.utf8.allSatisfy({ $0 < 0x7F }) else { return json }
    var result = ""
    for scalar in json.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            for unit in String(scalar).utf16 {
                let hex = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

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
