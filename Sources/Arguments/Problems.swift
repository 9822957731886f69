extension CommandParser {
    /// What is wrong with the definitions of the commands; empty when all is well.
    ///
    /// For a test of the real tree: the parser itself copes with an ill-formed one.
    public func problems() -> [String] {
        var result: [String] = []
        let root = CommandNode(root)
        if root.child(named: "help") != nil {
            result.append("\(root.fullName): 'help' is built in")
        }
        // A command below itself would never end.
        root.collectProblems(into: &result, above: [])
        return result
    }
}

extension CommandNode {
    fileprivate func collectProblems(into result: inout [String], above: [String]) {
        let own = specificationProblems + optionProblems + argumentProblems + groupProblems
        result += own.map { "\(fullName): \($0)" }
        let identity = String(reflecting: type)
        guard !above.contains(identity) else {
            result.append("\(fullName): is below itself")
            return
        }
        for child in children {
            child.collectProblems(into: &result, above: above + [identity])
        }
    }

    private var specificationProblems: [String] {
        var result: [String] = []
        let names = [specification.name] + specification.aliases
        for name in names where !isWord(name) { result.append("\(quoted(name)) is not a name") }
        if specification.summary.isEmpty { result.append("has no summary") }
        if specification.summary.contains(where: \.isNewline) {
            result.append("the summary is more than one line")
        }
        if specification.summary.hasSuffix(".") {
            result.append("the summary ends with a full stop")
        }
        for example in specification.examples
        where !example.command.split(separator: " ").contains(Substring(fullPath[0])) {
            result.append("an example does not call \(fullPath[0])")
        }
        return result
    }

    private var optionProblems: [String] {
        let options = (isGroup ? reachable : parameters).filter { !$0.isArgument }
        var result: [String] = []
        for option in options {
            if !isWord(option.name) {
                result.append("\(quoted(option.name)) is not an option's name")
            }
            if option.declaration.help.isEmpty { result.append("'--\(option.name)' has no help") }
            if option.declaration.help.hasSuffix(".") {
                result.append("the help of '--\(option.name)' ends with a full stop")
            }
            if let short = option.declaration.short, !(short.isASCII && short.isLetter) {
                result.append("'-\(short)' is not a letter")
            }
        }
        let builtIn = ["--help", "-h"] + (isRoot ? ["--version"] : [])
        let names = options.flatMap { option in
            option.names.map { "--" + $0.name }
                + (option.declaration.short.map { ["-\($0)"] } ?? [])
        }
        result += repeated(builtIn + names).map { "'\($0)' is declared twice or built in" }
        return result
    }

    private var argumentProblems: [String] {
        let arguments = parameters.filter { $0.isArgument && !$0.isRest }
        var result: [String] = []
        if isGroup, !parameters.filter(\.isArgument).isEmpty {
            result.append("has both arguments and subcommands")
        }
        for argument in parameters where argument.isArgument && argument.declaration.help.isEmpty {
            result.append("'\(argument.placeholder)' has no help")
        }
        for argument in arguments.dropLast() where argument.declaration.isRepeatable {
            result.append("'\(argument.placeholder)' takes all words, but is not the last argument")
        }
        for (earlier, later) in zip(arguments, arguments.dropFirst())
        where !earlier.declaration.isRequired && later.declaration.isRequired {
            result.append("'\(later.placeholder)' is required after an optional argument")
        }
        if parameters.filter(\.isRest).count > 1 { result.append("has two arguments after '--'") }
        return result
    }

    /// Problems of names among the children, and of options that a command cannot take over.
    private var groupProblems: [String] {
        var result = repeated(
            children.flatMap { [$0.specification.name] + $0.specification.aliases }
        ).map { "two subcommands are called '\($0)'" }
        if !isGroup {
            let own = Set(parameters.map(\.name))
            result += inherited.filter { !own.contains($0.name) }
                .map { "does not declare '--\($0.name)' of the commands above it" }
        } else {
            result += reachable.filter(\.declaration.isRequired)
                .map { "'--\($0.name)' of a group cannot be required" }
        }
        return result
    }
}

private func repeated(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { !seen.insert($0).inserted }
}

/// Lower-case letters, digits and single dashes, beginning with a letter.
private func isWord(_ name: String) -> Bool {
    name.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil
}
