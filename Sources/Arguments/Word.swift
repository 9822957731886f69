import Spelling

/// One word of the command line, before `--`.
enum Word {
    case terminator
    case long(name: String, value: String?)
    /// Letters after a single dash: bundled flags, or an option and its value.
    case short(String)
    case plain

    /// Reads a word; a lone `-` is a value, and so is a negative number that is no option.
    init(_ text: String, in options: OptionTable) {
        guard text.hasPrefix("-"), let first = text.dropFirst().first else {
            self = .plain
            return
        }
        if first == "-" {
            let body = text.dropFirst(2)
            if body.isEmpty {
                self = .terminator
            } else {
                let end = body.firstIndex(of: "=")
                self = .long(
                    name: String(body[..<(end ?? body.endIndex)]),
                    value: end.map { String(body[body.index(after: $0)...]) })
            }
        } else if first.isASCII, first.isNumber, options.short(first) == nil, Double(text) != nil {
            self = .plain
        } else {
            self = .short(String(text.dropFirst()))
        }
    }
}

/// The options that can stand at one place, by name.
struct OptionTable {
    struct Match {
        let parameter: Parameter
        /// False for the `--no-` form.
        let isOn: Bool
    }

    let parameters: [Parameter]
    private let longs: [String: Match]
    private let shorts: [Character: Parameter]

    init(_ parameters: [Parameter]) {
        let options = parameters.filter { !$0.isArgument }
        self.parameters = options
        let longs = options.flatMap { option in
            option.names.map { ($0.name, Match(parameter: option, isOn: $0.isOn)) }
        }
        let shorts = options.compactMap { option in option.declaration.short.map { ($0, option) } }
        // Two options of one name are found by `problems()`, not by a crash.
        self.longs = Dictionary(longs) { first, _ in first }
        self.shorts = Dictionary(shorts) { first, _ in first }
    }

    func long(_ name: String) -> Match? { longs[name] }
    func short(_ letter: Character) -> Parameter? { shorts[letter] }

    /// Long names to suggest.
    var suggestions: [String] {
        parameters.filter { !$0.declaration.isHidden }.flatMap(\.names).map(\.name) + ["help"]
    }
}

extension Parameter {
    /// Long names without dashes.
    var names: [(name: String, isOn: Bool)] {
        [(name, true)] + (isNegatable ? [("no-" + name, false)] : [])
    }
}

/// "; did you mean 'x'?", or nothing.
func suggestion(_ word: String, _ candidates: [String], prefix: String = "") -> String {
    guard let match = closestMatch(to: word, in: candidates) else { return "" }
    return "; did you mean '\(prefix)\(match)'?"
}
