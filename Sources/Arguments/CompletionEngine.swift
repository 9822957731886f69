extension CommandParser {
    /// What can stand at the cursor, so that the shells need only one small script each.
    ///
    /// - Parameters:
    ///   - words: Words after the program's name up to the cursor; the last one is what was typed
    ///     of the current word, and may be empty.
    ///   - live: Computes the list of that name, for `Completion.live`.
    public func complete(
        _ words: [String], live: @Sendable (String) async -> [String]
    ) async -> CompletionReply {
        var state = CompletionState(CommandNode(root))
        for word in words.dropLast() {
            guard state.advance(over: word) else { return CompletionReply() }
        }
        let typed = words.last ?? ""
        switch state.expectation(for: typed) {
        case .words(let candidates):
            return CompletionReply(candidates.filter { $0.value.hasPrefix(typed) })
        case .value(let parameter, let prefix):
            return await reply(parameter.completion, typed: typed, prefix: prefix, live: live)
        case .nothing:
            return CompletionReply()
        }
    }

    /// Candidates for a value; each repeats the prefix, as in `--name=VALUE`.
    private func reply(
        _ completion: Completion, typed: String, prefix: String,
        live: @Sendable (String) async -> [String]
    ) async -> CompletionReply {
        let values: [String]
        switch completion {
        case .none: values = []
        case .values(let words): values = words
        case .live(let name): values = await live(name).filter(isPlain)
        case .files: return CompletionReply(paths: .files)
        case .directories: return CompletionReply(paths: .directories)
        }
        let words = values.map { prefix + $0 }.filter { $0.hasPrefix(typed) }
        return CompletionReply(words.map { Candidate($0) })
    }
}

/// Whether a shell takes the word as it is, and a program takes it for no option: it may be any
/// text that some server sent.
private func isPlain(_ word: String) -> Bool {
    guard let first = word.first, first.isASCII, first.isLetter || first.isNumber else {
        return false
    }
    return word.allSatisfy { character in
        character.isASCII
            && (character.isLetter || character.isNumber || "-_./:@".contains(character))
    }
}

/// Where a command line that may be unfinished has got to.
private struct CompletionState {
    enum Expectation {
        case words([Candidate])
        case value(Parameter, prefix: String)
        case nothing
    }

    private var node: CommandNode
    private var options: OptionTable
    private var given: Set<String> = []
    /// The option whose value comes next.
    private var pending: Parameter?
    private var isTerminated = false
    private var isHelp = false
    private var positionals = 0

    init(_ root: CommandNode) {
        node = root
        options = OptionTable(root.reachable)
    }

    /// Takes a finished word in; false when nothing sensible can follow it.
    mutating func advance(over text: String) -> Bool {
        if pending != nil {
            pending = nil
            return true
        }
        let word = isTerminated ? Word.plain : Word(text, in: options)
        switch word {
        case .terminator:
            isTerminated = true
            positionals = node.parameters.contains(where: \.isRest) ? 0 : positionals
            return !node.isGroup
        case .long(let name, let value):
            guard let parameter = options.long(name)?.parameter else { return false }
            given.insert(parameter.name)
            if parameter.takesValue, value == nil { pending = parameter }
            return true
        case .short(let letters):
            return advance(overShort: letters)
        case .plain where node.isGroup:
            return descend(to: text)
        case .plain:
            positionals += 1
            return true
        }
    }

    private mutating func advance(overShort letters: String) -> Bool {
        var left = letters[...]
        while let letter = left.popFirst() {
            guard let parameter = options.short(letter) else { return false }
            given.insert(parameter.name)
            if parameter.takesValue {
                if left.isEmpty { pending = parameter }
                return true
            }
        }
        return true
    }

    private mutating func descend(to name: String) -> Bool {
        if let child = node.child(named: name) {
            node = child
            options = OptionTable(node.isGroup ? node.reachable : node.parameters)
            return true
        }
        guard name == "help", node.isRoot, !isHelp else { return false }
        isHelp = true
        return true
    }

    /// What can stand where this beginning of a word was typed.
    func expectation(for typed: String) -> Expectation {
        if let pending { return .value(pending, prefix: "") }
        if isHelp { return .words(commands.filter { $0.value != "help" }) }
        if !isTerminated, typed.hasPrefix("-") {
            if let value = attachedValue(typed) { return value }
            return .words(optionNames(typed))
        }
        if node.isGroup { return .words(commands) }
        let arguments = node.parameters.filter {
            $0.isArgument
                && $0.isRest == (isTerminated && node.parameters.contains(where: \.isRest))
        }
        let isLast = positionals >= arguments.count
        guard let argument = isLast ? arguments.last : arguments[positionals],
            !isLast || argument.declaration.isRepeatable
        else { return .nothing }
        return .value(argument, prefix: "")
    }

    /// The value in `--name=VALUE` or `-nVALUE`.
    private func attachedValue(_ typed: String) -> Expectation? {
        switch Word(typed, in: options) {
        case .long(let name, .some):
            guard let parameter = options.long(name)?.parameter, parameter.takesValue else {
                return .nothing
            }
            return .value(parameter, prefix: "--\(name)=")
        case .short(let letters):
            guard let parameter = letters.first.flatMap(options.short), parameter.takesValue else {
                return nil
            }
            return .value(
                parameter, prefix: "-" + letters.prefix(letters.dropFirst().first == "=" ? 2 : 1))
        default:
            return nil
        }
    }

    private var commands: [Candidate] {
        let children = node.children.map { $0.specification }.filter { !$0.isHidden }
            .map { Candidate($0.name, $0.summary) }
        return children + (node.isRoot ? [Candidate("help", "Show the help of a command")] : [])
    }

    /// Options not given yet, and those that can be given again; one-letter names only after `-`.
    private func optionNames(_ typed: String) -> [Candidate] {
        let open = options.parameters.filter {
            !$0.declaration.isHidden && ($0.declaration.isRepeatable || !given.contains($0.name))
        }
        var result: [Candidate] = []
        for option in open {
            let help = option.declaration.help
            result += option.names.map { Candidate("--" + $0.name, help) }
            if !typed.hasPrefix("--"), let short = option.declaration.short {
                result.append(Candidate("-\(short)", help))
            }
        }
        if node.isRoot { result.append(Candidate("--version", "Show the version")) }
        return result + [Candidate("--help", "Show this help")]
    }
}
