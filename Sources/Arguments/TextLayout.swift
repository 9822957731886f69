/// Breaks a line at blanks so that none is wider than `columns`, except for words that are.
///
/// The indent of the text is kept; lines after the first are indented by `hanging`, or like it.
func wrapped(_ text: String, columns: Int, hanging: Int? = nil) -> String {
    let indent = text.prefix { $0 == " " }
    let next = hanging.map { String(repeating: " ", count: $0) } ?? String(indent)
    var lines: [String] = []
    var line = String(indent)
    var width = line.count
    var isStart = true
    for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
        if !isStart, width + 1 + word.count > columns {
            lines.append(line)
            line = next
            width = next.count
            isStart = true
        }
        line += (isStart ? "" : " ") + word
        width += (isStart ? 0 : 1) + word.count
        isStart = false
    }
    return (lines + [line]).joined(separator: "\n")
}

/// Wraps paragraphs, which blank lines part; indented lines are kept as they are.
func paragraphs(_ text: String, columns: Int) -> String {
    var result: [String] = []
    var paragraph: [Substring] = []
    func flush() {
        guard !paragraph.isEmpty else { return }
        result.append(wrapped(paragraph.joined(separator: " "), columns: columns))
        paragraph = []
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.allSatisfy(\.isWhitespace) || line.first == " " {
            flush()
            result.append(line.allSatisfy(\.isWhitespace) ? "" : String(line))
        } else {
            paragraph.append(line)
        }
    }
    flush()
    return result.joined(separator: "\n")
}
