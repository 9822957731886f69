import Tools
import Vocabulary

/// The instructions of a Containerfile, one for each that a builder sees.
///
/// Reads what docker's and podman's parsers agree on: the `escape` directive, comments,
/// continued lines and here-documents.
package struct Containerfile: Sendable {
    /// An instruction such as `COPY --from=build /app /app`.
    package struct Instruction: Sendable, Equatable {
        /// In upper case.
        package var keyword: String
        /// `--name=value` after the keyword, in order; without `=` the value is empty.
        var flags: [Flag]
        /// What follows the flags, continued lines joined.
        package var rest: String

        /// The values of a flag that may stand several times.
        func values(of name: String) -> [String] {
            flags.filter { $0.name == name }.map(\.value)
        }
    }

    struct Flag: Sendable, Equatable {
        var name: String
        var value: String
    }

    package let instructions: [Instruction]
    /// The character that continues lines and takes away the meaning of another.
    let escape: Character

    /// Reads the text; what is no instruction is left out, since the builder complains of it.
    package init(_ text: String) {
        let text = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }[...]
        let escape = Containerfile.escape(directives: lines)
        let ends = LastLines(lines)
        var instructions: [Instruction] = []
        while let line = Containerfile.logicalLine(&lines, escape) {
            guard let instruction = Instruction(line) else { continue }
            if ["RUN", "COPY", "ADD"].contains(instruction.keyword) {
                Containerfile.skipDocuments(of: line, &lines, ends)
            }
            instructions.append(instruction)
        }
        self.instructions = instructions
        self.escape = escape
    }

    /// What of it is more than anybody's Containerfile has, and would take long to follow; nil for
    /// what people write.
    var excess: String? {
        if instructions.count > 20_000 { return "20000 instructions" }
        return instructions.count { $0.keyword == "FROM" } > 1000 ? "1000 stages" : nil
    }

    /// Where each line stands last, as it is and without tabs in front: most words that look like
    /// the announcement of a document are none, and must not be looked for to the end each time.
    private struct LastLines {
        private var plain: [Substring: Int] = [:]
        private var indented: [Substring: Int] = [:]

        init(_ lines: ArraySlice<Substring>) {
            guard lines.contains(where: { $0.contains("<<") }) else { return }
            for (index, line) in zip(lines.indices, lines) {
                plain[line] = index
                indented[line.drop { $0 == "\t" }] = index
            }
        }

        /// Whether the line comes at this place or later.
        func has(_ line: Substring, isIndented: Bool, from start: Int) -> Bool {
            (isIndented ? indented : plain)[line].map { $0 >= start } ?? false
        }
    }

    /// The escape character of the directives at the top: `# escape=` and a backtick.
    private static func escape(directives lines: ArraySlice<Substring>) -> Character {
        for line in lines {
            let words = line.filter { $0 != " " && $0 != "\t" }
            guard words.hasPrefix("#"), let equals = words.firstIndex(of: "=") else { break }
            if words[..<equals].lowercased() == "#escape", words.hasSuffix("=`") { return "`" }
        }
        return "\\"
    }

    /// The next line with those that continue it; nil at the end.
    private static func logicalLine(
        _ lines: inout ArraySlice<Substring>, _ escape: Character
    ) -> String? {
        var whole = ""
        while let line = lines.popFirst() {
            let content = line.drop(while: \.isWhitespace)
            if content.isEmpty || content.first == "#" { continue }
            var trimmed = line
            while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
            guard trimmed.last == escape, trimmed.dropLast().last != escape else {
                return whole + line
            }
            whole += trimmed.dropLast()
        }
        return whole.isEmpty ? nil : whole
    }

    /// Leaves out the here-documents that a line announces: `<<EOF`, `<<-"EOF"`, `3<<EOF`.
    private static func skipDocuments(
        of line: String, _ lines: inout ArraySlice<Substring>, _ ends: LastLines
    ) {
        for word in line.split(whereSeparator: \.isWhitespace) {
            let start = word.drop(while: \.isNumber)
            guard start.hasPrefix("<<"), !start.hasPrefix("<<<") else { continue }
            let isIndented = start.hasPrefix("<<-")
            let end = start.dropFirst(isIndented ? 3 : 2).filter { $0 != "\"" && $0 != "'" }
            // Without its end it is none, but a shift in some shell's arithmetic.
            guard !end.isEmpty,
                ends.has(end[...], isIndented: isIndented, from: lines.startIndex)
            else { continue }
            let last = lines.firstIndex { line in
                (isIndented ? line.drop { $0 == "\t" } : line) == end
            }
            if let last { lines = lines[(last + 1)...] }
        }
    }
}

extension Containerfile.Instruction {
    /// Reads one logical line; nil when there is nothing after the keyword.
    init?(_ line: String) {
        let trimmed = line.trimmingSpace
        var keyword: Substring = ""
        var rest = trimmed[...]
        repeat {
            keyword = rest.prefix { !$0.isWhitespace }
            rest = rest[keyword.endIndex...].drop(while: \.isWhitespace)
            // What runs when another stage is built on this one counts as the stage's own.
        } while keyword.uppercased() == "ONBUILD"
        guard !keyword.isEmpty, !rest.isEmpty else { return nil }
        var flags: [Containerfile.Flag] = []
        while rest.hasPrefix("--") {
            let flag = rest.prefix { !$0.isWhitespace }
            let parts = flag.dropFirst(2).split(separator: "=", maxSplits: 1)
            flags.append(
                Containerfile.Flag(
                    name: parts.first.map(String.init) ?? "",
                    value: parts.count > 1 ? String(parts[1]) : ""))
            rest = rest[flag.endIndex...].drop(while: \.isWhitespace)
        }
        self.init(keyword: keyword.uppercased(), flags: flags, rest: String(rest))
    }
}
