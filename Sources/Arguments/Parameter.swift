import Synchronization

/// What a property wrapper says about its option, flag or argument.
struct Declaration: Sendable {
    enum Kind: Sendable, Equatable {
        case flag(isNegatable: Bool)
        case option
        case argument(isRest: Bool)
    }

    var kind: Kind
    var name: String?
    var short: Character?
    var value: String?
    var help: String
    var completion: Completion = .none
    var isHidden: Bool
    var candidates: [String] = []
    var isRepeatable = false
    var isRequired = false
    var defaultText: String?
}

/// One appearance of a parameter on the command line.
enum Occurrence: Sendable {
    case switched(on: Bool)
    case value(String)
}

/// A property wrapper that the parser can fill in.
protocol ParameterWrapper: Sendable {
    var declaration: Declaration { get }
    /// True while a required parameter has not been given.
    var isMissing: Bool { get }
    func accept(_ occurrence: Occurrence) throws(InvalidValue)
}

/// Storage shared by all copies of a property wrapper, so that the parser can fill in a command it
/// only sees through `Mirror`, while the command stays `Sendable`.
final class Box<Value: Sendable>: Sendable {
    /// `given` is what the command line said, so that it replaces a default instead of adding to it.
    private let state: Mutex<(initial: Value?, given: Value?)>

    init(_ initial: Value?) {
        state = Mutex((initial, nil))
    }

    var value: Value? { state.withLock { $0.given ?? $0.initial } }

    func update(_ change: (inout Value?) throws(InvalidValue) -> Void) throws(InvalidValue) {
        try state.withLock { state throws(InvalidValue) in try change(&state.given) }
    }
}

/// A parameter of a command: its declaration, its name, and where to put what is given.
struct Parameter: Sendable {
    let declaration: Declaration
    /// Long name without dashes.
    let name: String
    /// Heading of its option group.
    let title: String?
    let wrapper: any ParameterWrapper

    init(label: String, title: String?, wrapper: any ParameterWrapper) {
        declaration = wrapper.declaration
        name = declaration.name ?? kebabCase(label)
        self.title = title
        self.wrapper = wrapper
    }

    var isArgument: Bool {
        if case .argument = declaration.kind { true } else { false }
    }

    var isRest: Bool { declaration.kind == .argument(isRest: true) }
    var isNegatable: Bool { declaration.kind == .flag(isNegatable: true) }
    var takesValue: Bool { declaration.kind == .option }

    /// `<NAME>`
    var placeholder: String { "<\(declaration.value ?? name.uppercased())>" }

    /// How messages and usage lines name it: `--name <NAME>`, `--flag`, `<NAME>`.
    var spelling: String {
        switch declaration.kind {
        case .argument: placeholder
        case .option: "--\(name) \(placeholder)"
        case .flag: "--\(name)"
        }
    }

    /// What to offer for its value.
    var completion: Completion {
        if case .none = declaration.completion, !declaration.candidates.isEmpty {
            return .values(declaration.candidates)
        }
        return declaration.completion
    }
}

/// The parameters found in a command or an option group, in the order they are declared.
struct Reflection {
    private(set) var parameters: [Parameter] = []
    private(set) var groups: [any ParsableOptions] = []

    init(of value: Any, title: String? = nil) {
        for child in Mirror(reflecting: value).children {
            if let wrapper = child.value as? any ParameterWrapper {
                // The stored property behind `@Flag var json` is called `_json`.
                let label = String((child.label ?? "").drop { $0 == "_" })
                parameters.append(Parameter(label: label, title: title, wrapper: wrapper))
            } else if let group = (child.value as? any OptionGroupWrapper)?.options {
                let inner = Reflection(of: group, title: type(of: group).title ?? title)
                parameters += inner.parameters
                groups += [group] + inner.groups
            }
        }
    }
}

/// `uniqueTag` → `unique-tag`, `registryURL` → `registry-url`.
func kebabCase(_ label: String) -> String {
    let letters = Array(label)
    var result = ""
    for (index, letter) in letters.enumerated() {
        if letter.isUppercase, index > 0 {
            let startsWord = index + 1 < letters.count && letters[index + 1].isLowercase
            if !letters[index - 1].isUppercase || startsWord { result += "-" }
        }
        result += letter.lowercased()
    }
    return result
}
