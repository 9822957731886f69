/// Where the documents of a YAML text begin; not a parser, kubectl is that.
package struct YAMLDocuments {
    /// Lines (from 1) at which documents with any content begin.
    package private(set) var starts: [Int] = []
    /// What to add to a line number that kubectl reports, to get the line of the file.
    ///
    /// kubectl cuts the text at `---` lines and counts from there, except that a `---` with
    /// nothing at all before it stays in its piece.
    package private(set) var lineOffset = 0

    package init(_ text: String) {
        var isInDocument = false
        var hasLinesBefore = false
        var hasDirective = false
        let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        let lines = body.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated() {
            if Self.isMarker(line, "---") || Self.isMarker(line, "...") {
                isInDocument = false
                if line.hasPrefix("---") {
                    if hasLinesBefore, starts.isEmpty, !hasDirective { lineOffset = index + 1 }
                    hasLinesBefore = hasLinesBefore || starts.isEmpty
                }
                // `--- {a: 1}` has its content on the marker's own line.
                guard Self.hasContent(line.dropFirst(3)) else { continue }
            } else {
                hasLinesBefore = true
                if line.hasPrefix("%"), !isInDocument {
                    // `%YAML 1.1`: kubectl will complain about this very line.
                    hasDirective = true
                    continue
                }
                guard Self.hasContent(line) else { continue }
            }
            if !isInDocument { starts.append(index + 1) }
            isInDocument = true
        }
    }

    /// The lines of each document with any content, without markers and directives.
    static func lines(of text: String) -> [[Substring]] {
        var documents: [[Substring]] = [[]]
        let body = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        var isInDocument = false
        for line in body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if isMarker(line, "---") || isMarker(line, "...") {
                documents.append([])
                isInDocument = line.hasPrefix("---") && hasContent(line.dropFirst(3))
                if isInDocument { documents[documents.count - 1].append(line.dropFirst(3)) }
            } else if isInDocument || !line.hasPrefix("%") {
                isInDocument = isInDocument || hasContent(line)
                documents[documents.count - 1].append(line)
            }
        }
        return documents.filter { $0.contains(where: hasContent) }
    }

    private static func isMarker(_ line: Substring, _ marker: String) -> Bool {
        line.hasPrefix(marker) && (line.dropFirst(3).first?.isWhitespace ?? true)
    }

    private static func hasContent(_ line: Substring) -> Bool {
        guard let first = line.first(where: { !$0.isWhitespace }) else { return false }
        return first != "#"
    }
}
