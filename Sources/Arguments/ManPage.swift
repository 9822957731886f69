extension CommandParser {
    /// The reference of every command as one page of section 1 of the manual, in man(7).
    ///
    /// It has no date: the same definitions give the same page.
    public func manPage() -> String {
        let root = CommandNode(root)
        let page = HelpPage(root)
        let name = root.fullName
        var lines = [
            #".\" Generated from the command definitions; do not edit."#,
            ".TH \(name.uppercased()) 1 \"\" \"\(name) \(version)\" \"User Commands\"",
            ".SH NAME",
            manText("\(name) - \(page.specification.summary)"),
            ".SH SYNOPSIS",
            manUsage(root),
        ]
        if !page.specification.discussion.isEmpty {
            lines.append(".SH DESCRIPTION")
            lines += manParagraphs(page.specification.discussion)
        }
        for section in page.options where !section.rows.isEmpty {
            lines.append(".SH \(manText(section.title))")
            lines += manList(section)
        }
        lines.append(".SH COMMANDS")
        for node in root.withDescendants.dropFirst() {
            lines += manSection(node, shared: root.sharedTitles)
        }
        if !page.specification.examples.isEmpty {
            lines.append(".SH EXAMPLES")
            lines += page.specification.examples.flatMap(manExample)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// One command: usage, what it does, arguments, options, examples.
private func manSection(_ node: CommandNode, shared: Set<String>) -> [String] {
    let page = HelpPage(node)
    var lines = [".SS \(manText(node.fullName))", manUsage(node), ".PP"]
    lines.append(manText(page.specification.summary + "."))
    if !page.specification.discussion.isEmpty {
        lines.append(".PP")
        lines += manParagraphs(page.specification.discussion)
    }
    lines += ([page.arguments] + page.options(describedAbove: shared)).flatMap(manList)
    return lines + page.specification.examples.flatMap(manExample)
}

/// The usage line, with the command's name in bold.
private func manUsage(_ node: CommandNode) -> String {
    let rest = node.usage.dropFirst(node.fullName.count).split(separator: " ")
    let name = ".B \(manText(node.fullName))"
    return rest.isEmpty ? name : name + "\n" + manText(rest.joined(separator: " "))
}

/// A tagged paragraph for each row.
private func manList(_ section: HelpPage.Section) -> [String] {
    section.rows.flatMap { label, text in
        [".TP", ".B \(manLabel(label))", manText(text)].filter { !$0.isEmpty }
    }
}

private func manExample(_ example: Example) -> [String] {
    [".PP", manText(example.explanation + ":")] + manVerbatim([example.command])
}

/// Paragraphs, which blank lines part; indented lines are kept as they are.
private func manParagraphs(_ text: String) -> [String] {
    text.split(separator: "\n\n").enumerated().flatMap { index, block -> [String] in
        let lines = block.split(separator: "\n").map(String.init)
        if lines.allSatisfy({ $0.hasPrefix(" ") }) {
            return manVerbatim(lines.map { String($0.drop { $0 == " " }) })
        }
        return (index == 0 ? [] : [".PP"]) + [manText(lines.joined(separator: " "))]
    }
}

private func manVerbatim(_ lines: [String]) -> [String] {
    [".PP", ".RS 4", ".EX"]
        + lines.map { line in
            line.split(separator: " ", omittingEmptySubsequences: false).map(manWord)
                .joined(separator: " ")
        } + [".EE", ".RE"]
}

/// `--port <PORT>` with the placeholder in italics, the rest in the font around it.
private func manLabel(_ label: String) -> String {
    label.split(separator: " ").map { word in
        let text = manWord(word)
        return word.hasPrefix("<") ? #"\fI"# + text + #"\fB"# : text
    }.joined(separator: " ")
}

/// Text in lines of the source, in which nothing is taken for a request or an escape.
private func manText(_ text: String) -> String {
    let words = text.split { $0 == " " || $0.isNewline }.map(manWord)
    return wrapped(words.joined(separator: " "), columns: 79)
}

/// A word in ASCII: what roff would read otherwise, or print as a typographic sign, is escaped.
private func manWord(_ word: Substring) -> String {
    // At the start of a line these two would make a request of it.
    let start = word.hasPrefix(".") || word.hasPrefix("'") ? #"\&"# : ""
    return word.unicodeScalars.reduce(into: start) { result, scalar in
        switch scalar {
        case "\\": result += #"\e"#
        case "-": result += #"\-"#
        case "'": result += #"\(aq"#
        case "`": result += #"\(ga"#
        case "^": result += #"\(ha"#
        case "~": result += #"\(ti"#
        case "\"": result += #"\(dq"#
        default:
            if scalar.isASCII {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
                result += #"\[u\#(zeros)\#(digits)]"#
            }
        }
    }
}
