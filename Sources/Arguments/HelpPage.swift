/// What the help of a command says, before it is laid out as text, Markdown or a man page.
struct HelpPage {
    struct Section {
        let title: String
        var rows: [(label: String, text: String)]
    }

    let node: CommandNode

    init(_ node: CommandNode) {
        self.node = node
    }

    var specification: CommandSpecification { node.specification }

    /// Positional arguments, in the order they are typed.
    var arguments: Section {
        let rows = node.shown.filter(\.isArgument).sorted { !$0.isRest && $1.isRest }
            .map(\.helpRow)
        return Section(title: "ARGUMENTS", rows: rows)
    }

    /// The command's own options, with `--help`, then each titled group.
    var options: [Section] {
        var sections = [Section(title: "OPTIONS", rows: [])]
        for parameter in node.shown where !parameter.isArgument {
            let title = parameter.title ?? "OPTIONS"
            if let index = sections.firstIndex(where: { $0.title == title }) {
                sections[index].rows.append(parameter.helpRow)
            } else {
                sections.append(Section(title: title, rows: [parameter.helpRow]))
            }
        }
        if node.isRoot { sections[0].rows.append(("--version", "Show the version")) }
        sections[0].rows.append(("-h, --help", "Show this help"))
        return sections
    }

    /// Options of a command in a reference: without the groups and the `--help` that stand with
    /// the root.
    func options(describedAbove shared: Set<String>) -> [Section] {
        if node.isRoot { return options }
        return options.filter { !shared.contains($0.title) }.map { section in
            Section(title: section.title, rows: section.rows.filter { $0.label != "-h, --help" })
        }
    }

    /// The subcommands, by group.
    var commands: [Section] {
        let groups =
            [CommandGroup("SUBCOMMANDS", specification.subcommands)] + specification.groups
        return groups.map { group in
            // A key path through a metatype crashes the compiler (Swift 6.3.1).
            let rows = group.commands.map { $0.specification }.filter { !$0.isHidden }.map {
                (([$0.name] + $0.aliases).joined(separator: ", "), $0.summary)
            }
            return Section(title: group.title, rows: rows)
        }.filter { !$0.rows.isEmpty }
    }

    /// The help as text.
    func text(columns: Int) -> String {
        var blocks = [wrapped("OVERVIEW: " + specification.summary, columns: columns)]
        if !specification.discussion.isEmpty {
            blocks.append(paragraphs(specification.discussion, columns: columns))
        }
        blocks.append(wrapped("USAGE: " + node.usage, columns: columns, hanging: 7))
        let sections = ([arguments] + options + commands).filter { !$0.rows.isEmpty }
        let widest = sections.flatMap(\.rows).map(\.label.count).max() ?? 0
        // A label wider than this stands on a line of its own.
        let column = min(widest, columns / 3) + 4
        blocks += sections.map { $0.text(column: column, columns: columns) }
        if !specification.examples.isEmpty {
            let lines = specification.examples.map { "  # \($0.explanation)\n  $ \($0.command)" }
            blocks.append("EXAMPLES:\n" + lines.joined(separator: "\n\n"))
        }
        if node.isGroup {
            let help = (node.fullPath.prefix(1) + ["help"] + node.path).joined(separator: " ")
            blocks.append(
                wrapped("See '\(help) <command>' for detailed help.", columns: columns))
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }
}

extension HelpPage.Section {
    fileprivate func text(column: Int, columns: Int) -> String {
        let lines = rows.map { label, text in
            let start = "  " + label
            guard !text.isEmpty else { return start }
            let indent = String(repeating: " ", count: column)
            let body = wrapped(indent + text, columns: columns, hanging: column)
            if start.count + 2 <= column { return start + body.dropFirst(start.count) }
            return start + "\n" + body
        }
        return ([title + ":"] + lines).joined(separator: "\n")
    }
}

extension Parameter {
    /// Names and value, then the help with allowed values and default.
    var helpRow: (label: String, text: String) {
        var label = spelling
        if isNegatable { label = "--[no-]" + name }
        if let short = declaration.short { label = "-\(short), " + label }
        if isArgument, declaration.isRepeatable { label += "..." }
        var notes: [String] = []
        let values = declaration.candidates
        if !values.isEmpty { notes.append("values: " + values.joined(separator: ", ")) }
        if let text = declaration.defaultText, !text.isEmpty { notes.append("default: " + text) }
        if !isArgument, declaration.isRepeatable { notes.append("repeatable") }
        let note = notes.isEmpty ? "" : " (" + notes.joined(separator: "; ") + ")"
        return (label, declaration.help + note)
    }
}
