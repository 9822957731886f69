/// A positional argument.
///
/// A property of type `T?` is optional, one with a default value too; any other must be given. A
/// property of type `[T]` takes all words left over, at least one unless it has a default (`= []`).
@propertyWrapper
public struct Argument<Value: ParameterContent>: ParameterWrapper {
    let declaration: Declaration
    private var box: Box<Value>

    /// The value given, or the default. Reading a required argument that was never parsed is a bug.
    public var wrappedValue: Value {
        get {
            guard let value = box.value else { preconditionFailure("argument read before parsing") }
            return value
        }
        set { box = Box(newValue) }
    }

    /// An argument with a default value.
    ///
    /// - Parameters:
    ///   - value: Placeholder in the help, without brackets; the upper-cased name when nil.
    ///   - help: What it is, in a sentence.
    ///   - completion: What to offer for the value; an enum's cases need not be listed.
    ///   - isRest: Takes exactly the words after `--`, such as the command line of another program.
    public init(
        wrappedValue: Value, value: String? = nil, help: String, completion: Completion = .none,
        isRest: Bool = false
    ) {
        self.init(
            initial: wrappedValue,
            declaration: Declaration(
                kind: .argument(isRest: isRest), value: value, help: help, completion: completion,
                isHidden: false))
    }

    /// An argument without a default: required, unless its type is optional.
    public init(
        value: String? = nil, help: String, completion: Completion = .none, isRest: Bool = false
    ) {
        self.init(
            initial: Value.parameterShape.initial,
            declaration: Declaration(
                kind: .argument(isRest: isRest), value: value, help: help, completion: completion,
                isHidden: false))
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
