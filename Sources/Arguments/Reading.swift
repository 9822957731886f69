/// One command line being read: first down to the command meant, then its options and arguments.
struct Reading {
    private var words: ArraySlice<String>
    private var node: CommandNode
    private var options: OptionTable
    /// Options that stood before the subcommand's name.
    private var early: [(parameter: Parameter, occurrence: Occurrence)] = []
    private var positionals: [String] = []
    private var rest: [String]?
    private var isHelpRequested = false

    init(_ arguments: [String], root: CommandNode) {
        words = arguments[...]
        node = root
        options = OptionTable(root.reachable)
    }

    /// Reads everything.
    mutating func result() throws(UsageError) -> ParseResult {
        while node.isGroup {
            guard let text = words.popFirst() else {
                return .help(path: node.path, isRequested: false)
            }
            switch Word(text, in: options) {
            case .long("version", nil) where node.isRoot && options.long("version") == nil:
                return .version
            case .plain where text == "help" && node.isRoot && node.child(named: text) == nil:
                return try helpCommand()
            case .plain, .terminator:
                try descend(to: text)
            case let word:
                early += try read(word, text)
            }
            if isHelpRequested { return .help(path: node.path, isRequested: true) }
        }
        return try command()
    }

    private mutating func descend(to name: String) throws(UsageError) {
        guard let child = node.child(named: name) else { throw node.unknownCommand(name) }
        node = child
        options = OptionTable(node.reachable)
    }

    /// `help [COMMAND…]`
    private mutating func helpCommand() throws(UsageError) -> ParseResult {
        while let name = words.popFirst() {
            if name == "--help" || name == "-h" { continue }
            try descend(to: name)
        }
        return .help(path: node.path, isRequested: true)
    }

    /// Reads the words left as those of a command, and fills it in.
    private mutating func command() throws(UsageError) -> ParseResult {
        let command = node.type.init()
        let reflection = Reflection(of: command)
        options = OptionTable(reflection.parameters)
        for (parameter, occurrence) in early {
            guard let own = options.long(parameter.name)?.parameter else {
                throw node.error("'\(node.fullName)' has no option '--\(parameter.name)'")
            }
            try accept(occurrence, for: own)
        }
        while let text = words.popFirst() {
            switch Word(text, in: options) {
            case .plain:
                positionals.append(text)
            case .terminator:
                rest = Array(words)
                words = []
            case let word:
                for (parameter, occurrence) in try read(word, text) {
                    try accept(occurrence, for: parameter)
                }
            }
            if isHelpRequested { return .help(path: node.path, isRequested: true) }
        }
        try fill(reflection.parameters)
        do {
            for group in reflection.groups { try group.validate() }
            try command.validate()
        } catch {
            throw node.completed(error)
        }
        return .command(command, path: node.path)
    }

    /// Reads one word of options, and the next word when it is the value.
    private mutating func read(
        _ word: Word, _ text: String
    ) throws(UsageError) -> [(Parameter, Occurrence)] {
        switch word {
        case .long(let name, let value): try readLong(name, value)
        case .short(let letters): try readShort(letters)
        case .plain, .terminator: []
        }
    }

    private mutating func readLong(
        _ name: String, _ given: String?
    ) throws(UsageError) -> [(Parameter, Occurrence)] {
        guard let match = options.long(name) else {
            if name == "help", given == nil {
                isHelpRequested = true
                return []
            }
            throw node.unknownOption(
                "--" + name, suggestion(name, options.suggestions, prefix: "--"))
        }
        let parameter = match.parameter
        if parameter.takesValue {
            let value = if let given { given } else { try nextValue(for: parameter) }
            return [(parameter, .value(value))]
        }
        guard given == nil else { throw node.error("'--\(name)' takes no value") }
        return [(parameter, .switched(on: match.isOn))]
    }

    private mutating func readShort(
        _ letters: String
    ) throws(UsageError) -> [(Parameter, Occurrence)] {
        var result: [(Parameter, Occurrence)] = []
        var left = letters[...]
        while let letter = left.popFirst() {
            guard let parameter = options.short(letter) else {
                if letter == "h" {
                    isHelpRequested = true
                    return []
                }
                let isLong = options.long(letters) != nil
                throw node.unknownOption(
                    "-\(letter)", isLong ? "; did you mean '--\(letters)'?" : "")
            }
            if parameter.takesValue {
                // As in `-n=NAME`, which many take for granted from other tools.
                let given = left.first == "=" ? left.dropFirst() : left
                let value = left.isEmpty ? try nextValue(for: parameter) : String(given)
                return result + [(parameter, .value(value))]
            }
            result.append((parameter, .switched(on: true)))
        }
        return result
    }

    private mutating func nextValue(for parameter: Parameter) throws(UsageError) -> String {
        guard let next = words.first, case .plain = Word(next, in: options) else {
            throw node.error("missing value for '\(parameter.spelling)'")
        }
        words = words.dropFirst()
        return next
    }

    /// Hands the positional arguments out, and checks that nothing is missing.
    private func fill(_ parameters: [Parameter]) throws(UsageError) {
        let restParameter = parameters.first(where: \.isRest)
        var left = (positionals + (restParameter == nil ? rest ?? [] : []))[...]
        for parameter in parameters where parameter.isArgument && !parameter.isRest {
            while let word = left.popFirst() {
                try accept(.value(word), for: parameter)
                if !parameter.declaration.isRepeatable { break }
            }
        }
        if let extra = left.first { throw node.error("unexpected argument \(quoted(extra))") }
        if let restParameter {
            for word in rest ?? [] { try accept(.value(word), for: restParameter) }
        }
        for parameter in parameters where parameter.wrapper.isMissing {
            let kind = parameter.isArgument ? "argument" : "option"
            throw node.error("missing \(kind) '\(parameter.spelling)'")
        }
    }

    private func accept(_ occurrence: Occurrence, for parameter: Parameter) throws(UsageError) {
        do {
            try parameter.wrapper.accept(occurrence)
        } catch {
            guard case .value(let text) = occurrence else { return }
            let reason = error.reason.isEmpty ? "" : ": " + printable(error.reason)
            throw node.error(
                "\(quoted(text)) is not a valid value for '\(parameter.spelling)'" + reason)
        }
    }
}

extension CommandNode {
    fileprivate func unknownCommand(_ name: String) -> UsageError {
        let names = children.filter { !$0.specification.isHidden }
            .flatMap { [$0.specification.name] + $0.specification.aliases }
        let known = names + (isRoot ? ["help"] : [])
        guard isGroup else { return error("'\(fullName)' has no subcommand \(quoted(name))") }
        return error("unknown command \(quoted(name))" + suggestion(name, known))
    }

    fileprivate func unknownOption(_ name: String, _ suggestion: String) -> UsageError {
        error("unknown option \(quoted(name))" + suggestion)
    }
}
