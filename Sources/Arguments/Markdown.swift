extension CommandParser {
    /// The reference of every command with its usage, options and examples, as one Markdown page.
    ///
    /// Titled option groups of the root are described once, and only named by the commands.
    public func markdown() -> String {
        let root = CommandNode(root)
        let shared = root.sharedTitles
        let sections = root.withDescendants.map { MarkdownSection($0, shared: shared).text }
        let note = "<!-- Generated from the command definitions; do not edit. -->"
        return ([note, "# \(root.fullName) commands"] + sections).joined(separator: "\n\n") + "\n"
    }
}

/// One command's part of the reference.
private struct MarkdownSection {
    let node: CommandNode
    let shared: Set<String>
    let page: HelpPage

    init(_ node: CommandNode, shared: Set<String>) {
        self.node = node
        self.shared = shared
        page = HelpPage(node)
    }

    var text: String {
        var blocks = ["## \(node.fullName)", markdownText(page.specification.summary) + "."]
        blocks += ["```\n\(node.usage)\n```"]
        if !page.specification.discussion.isEmpty { blocks.append(discussion) }
        blocks += ([page.arguments] + page.options(describedAbove: shared)).compactMap(list)
        blocks += page.commands.compactMap(commandList)
        if !page.specification.examples.isEmpty {
            let lines = page.specification.examples.map { "# \($0.explanation)\n\($0.command)" }
            blocks += ["**Examples**", "```sh\n\(lines.joined(separator: "\n\n"))\n```"]
        }
        if !node.isRoot, !sharedTitles.isEmpty {
            let links = sharedTitles.map { "[\(heading($0).lowercased())](#\(node.fullPath[0]))" }
            blocks.append("Also takes the \(links.joined(separator: ", ")).")
        }
        return blocks.joined(separator: "\n\n")
    }

    private var sharedTitles: [String] { page.options.map(\.title).filter(shared.contains) }

    private var discussion: String {
        // Markdown takes lines for code that are indented by four, not by two.
        page.specification.discussion.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("  ") ? "  " + $0 : markdownText($0) }
            .joined(separator: "\n")
    }

    private func list(_ section: HelpPage.Section) -> String? {
        guard !section.rows.isEmpty else { return nil }
        let rows = section.rows.map { "- `\($0.label)`: \(markdownText($0.text))" }
        return "**\(heading(section.title))**\n\n" + rows.joined(separator: "\n")
    }

    private func commandList(_ section: HelpPage.Section) -> String? {
        let children = node.children
        let rows = section.rows.map { label, text in
            let name = label.prefix { $0 != "," }
            let target = children.first { $0.specification.name == name }?.anchor ?? ""
            return "- [`\(label)`](#\(target)): \(markdownText(text))"
        }
        return "**\(heading(section.title))**\n\n" + rows.joined(separator: "\n")
    }
}

extension CommandNode {
    /// The anchor that a heading with the full name gets.
    fileprivate var anchor: String { fullPath.joined(separator: "-") }
}

/// `GLOBAL OPTIONS` → `Global options`
private func heading(_ title: String) -> String {
    title.prefix(1) + title.dropFirst().lowercased()
}

/// Text in which nothing is taken for markup.
private func markdownText(_ text: some StringProtocol) -> String {
    var result = ""
    for character in text {
        if "\\`*_<[#|".contains(character) { result += "\\" }
        result.append(character)
    }
    return result
}
