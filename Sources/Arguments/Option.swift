/// An option with a value: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`.
///
/// A property of type `T?` is optional, one with a default value too; any other must be given. A
/// property of type `[T]` takes the option repeatedly, and what is given replaces the default.
/// Repeating any other option is allowed and the last one counts, so that a line can be extended.
@propertyWrapper
public struct Option<Value: ParameterContent>: ParameterWrapper {
    let declaration: Declaration
    private var box: Box<Value>

    /// The value given, or the default. Reading a required option that was never parsed is a bug.
    public var wrappedValue: Value {
        get {
            guard let value = box.value else { preconditionFailure("option read before parsing") }
            return value
        }
        set { box = Box(newValue) }
    }

    /// An option with a default value.
    ///
    /// - Parameters:
    ///   - name: Long name without dashes; derived from the property when nil.
    ///   - short: One-letter name.
    ///   - value: Placeholder in the help, without brackets; the upper-cased name when nil.
    ///   - help: What it does, in a sentence.
    ///   - completion: What to offer for the value; an enum's cases need not be listed.
    ///   - isHidden: Accepted, but left out of help and completions.
    public init(
        wrappedValue: Value, name: String? = nil, short: Character? = nil, value: String? = nil,
        help: String, completion: Completion = .none, isHidden: Bool = false
    ) {
        self.init(
            initial: wrappedValue,
            declaration: Declaration(
                kind: .option, name: name, short: short, value: value, help: help,
                completion: completion, isHidden: isHidden))
    }

    /// An option without a default: required, unless its type is optional.
    public init(
        name: String? = nil, short: Character? = nil, value: String? = nil, help: String,
        completion: Completion = .none, isHidden: Bool = false
    ) {
        self.init(
            initial: Value.parameterShape.initial,
            declaration: Declaration(
                kind: .option, name: name, short: short, value: value, help: help,
                completion: completion, isHidden: isHidden))
    }

    private init(initial: Value?, declaration: Declaration) {
        self.declaration = declaration.completed(with: initial)
        box = Box(initial)
    }

    var isMissing: Bool { box.value == nil }

    func accept(_ occurrence: Occurrence) throws(InvalidValue) {
        try box.accept(occurrence)
    }
}

extension Declaration {
    /// Adds what follows from the property's type and default.
    func completed<Value: ParameterContent>(with initial: Value?) -> Declaration {
        let shape = Value.parameterShape
        var result = self
        result.candidates = shape.candidates
        result.isRepeatable = shape.arity == .many
        result.isRequired = initial == nil
        result.defaultText = initial.flatMap(shape.text)
        return result
    }
}

extension Box where Value: ParameterContent {
    func accept(_ occurrence: Occurrence) throws(InvalidValue) {
        guard case .value(let text) = occurrence else { return }
        try update { content throws(InvalidValue) in
            try Value.parameterShape.read(text, &content)
        }
    }
}
