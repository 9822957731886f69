/// A command at its place in the tree.
struct CommandNode {
    let type: any ParsableCommand.Type
    let specification: CommandSpecification
    /// The program's name, then the commands' names.
    let fullPath: [String]
    let parameters: [Parameter]
    /// Options that the commands above declare and that may stand before this one's name.
    let inherited: [Parameter]

    init(_ type: any ParsableCommand.Type, below parent: CommandNode? = nil) {
        self.type = type
        specification = type.specification
        fullPath = (parent?.fullPath ?? []) + [specification.name]
        parameters = Reflection(of: type.init()).parameters
        inherited = parent?.reachable ?? []
    }

    var path: [String] { Array(fullPath.dropFirst()) }
    var isRoot: Bool { fullPath.count == 1 }
    var fullName: String { fullPath.joined(separator: " ") }

    private var childTypes: [any ParsableCommand.Type] {
        specification.subcommands + specification.groups.flatMap(\.commands)
    }

    var isGroup: Bool { !childTypes.isEmpty }

    var children: [CommandNode] { childTypes.map { CommandNode($0, below: self) } }

    /// The command and all below it, those left out of the help excepted.
    var withDescendants: [CommandNode] {
        [self] + children.filter { !$0.specification.isHidden }.flatMap(\.withDescendants)
    }

    /// Titles of the option groups that a reference describes once, with the root.
    var sharedTitles: Set<String> { Set(parameters.compactMap(\.title)) }

    /// Options of this command and of those above it, each name once.
    var reachable: [Parameter] {
        let own = parameters.filter { !$0.isArgument }
        let names = Set(own.map(\.name))
        return inherited.filter { !names.contains($0.name) } + own
    }

    /// The child with that name or alias.
    func child(named name: String) -> CommandNode? {
        childTypes.first {
            let specification = $0.specification
            return specification.name == name || specification.aliases.contains(name)
        }.map { CommandNode($0, below: self) }
    }

    /// Parameters in the help: a group shows what may stand before its subcommands.
    var shown: [Parameter] {
        (isGroup ? reachable : parameters).filter { !$0.declaration.isHidden }
    }

    /// The usage line: options that must be given by name, all others as `[options]`.
    var usage: String {
        var parts = [fullName]
        let options = shown.filter { !$0.isArgument }
        let required = options.filter(\.declaration.isRequired)
        if options.count > required.count { parts.append("[options]") }
        parts += required.map { $0.spelling + ($0.declaration.isRepeatable ? "..." : "") }
        if isGroup { parts.append("<command>") }
        parts += shown.filter(\.isArgument).sorted { !$0.isRest && $1.isRest }.map(\.usage)
        return parts.joined(separator: " ")
    }

    /// A usage error about this command.
    func error(_ message: String) -> UsageError {
        completed(UsageError(message))
    }

    /// Adds to an error what the command's `validate()` left out.
    func completed(_ error: UsageError) -> UsageError {
        let program = fullPath.prefix(1)
        return UsageError(
            error.message, hint: error.hint ?? (program + ["help"] + path).joined(separator: " "),
            path: path, usage: usage)
    }
}

extension Parameter {
    /// How a usage line shows a positional argument.
    fileprivate var usage: String {
        let text =
            (isRest ? "-- " : "") + placeholder + (declaration.isRepeatable ? "..." : "")
        return declaration.isRequired ? text : "[\(text)]"
    }
}
