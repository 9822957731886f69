/// An option without a value: on or off (`Bool`), on, off or not said (`Bool?`), or counted (`Int`).
@propertyWrapper
public struct Flag<Value: Sendable>: ParameterWrapper {
    let declaration: Declaration
    private var box: Box<Value>
    private let initial: Value
    private let switched: @Sendable (_ on: Bool, _ earlier: Value?) -> Value

    /// Whether it was given, or how often.
    public var wrappedValue: Value {
        get { box.value ?? initial }
        set { box = Box(newValue) }
    }

    private init(
        _ initial: Value, declaration: Declaration,
        switched: @escaping @Sendable (Bool, Value?) -> Value
    ) {
        self.initial = initial
        self.declaration = declaration
        self.switched = switched
        box = Box(initial)
    }

    var isMissing: Bool { false }

    func accept(_ occurrence: Occurrence) throws(InvalidValue) {
        guard case .switched(let isOn) = occurrence else { return }
        try box.update { content throws(InvalidValue) in content = switched(isOn, content) }
    }
}

extension Flag where Value == Bool {
    /// A flag, off unless it has another default.
    ///
    /// - Parameters:
    ///   - name: Long name without dashes; derived from the property when nil.
    ///   - short: One-letter name.
    ///   - isNegatable: Also takes `--no-NAME`; of the two, the last one given counts.
    ///   - help: What it does, in a sentence.
    ///   - isHidden: Accepted, but left out of help and completions.
    public init(
        wrappedValue: Bool = false, name: String? = nil, short: Character? = nil,
        isNegatable: Bool = false, help: String, isHidden: Bool = false
    ) {
        var declaration = Declaration(
            kind: .flag(isNegatable: isNegatable), name: name, short: short, help: help,
            isHidden: isHidden)
        declaration.defaultText = isNegatable ? (wrappedValue ? "on" : "off") : nil
        self.init(wrappedValue, declaration: declaration) { isOn, _ in isOn }
    }
}

extension Flag where Value == Bool? {
    /// A flag with `--no-NAME` that tells "off" (false) from "not said" (nil).
    public init(
        wrappedValue: Bool? = nil, name: String? = nil, short: Character? = nil, help: String,
        isHidden: Bool = false
    ) {
        let declaration = Declaration(
            kind: .flag(isNegatable: true), name: name, short: short, help: help,
            isHidden: isHidden)
        self.init(wrappedValue, declaration: declaration) { isOn, _ in isOn }
    }
}

extension Flag where Value == Int {
    /// A flag that counts how often it is given, as in `-vv`.
    public init(
        wrappedValue: Int = 0, name: String? = nil, short: Character? = nil, help: String,
        isHidden: Bool = false
    ) {
        var declaration = Declaration(
            kind: .flag(isNegatable: false), name: name, short: short, help: help,
            isHidden: isHidden)
        declaration.isRepeatable = true
        self.init(wrappedValue, declaration: declaration) { _, earlier in (earlier ?? 0) + 1 }
    }
}
