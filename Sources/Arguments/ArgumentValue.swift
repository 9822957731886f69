/// A type that one word of the command line can stand for.
///
/// An enum with string cases that is `CaseIterable` gets both requirements for nothing.
public protocol ArgumentValue: ParameterContent {
    /// Reads the word; the error's reason completes "… is not a valid value for '--x <X>': ".
    init(argument: String) throws(InvalidValue)

    /// Every word allowed, when they can be listed; shown in the help and completed.
    static var candidates: [String] { get }

    /// The word that stands for this value, to show a default in the help.
    var argument: String { get }
}

/// Why a word is not a value.
public struct InvalidValue: Error, Sendable, Equatable {
    /// The reason in a few words: lower case, no full stop; may be empty.
    public var reason: String

    /// Makes an error with its reason.
    public init(_ reason: String) {
        self.reason = reason
    }
}

extension ArgumentValue {
    /// Not listed.
    public static var candidates: [String] { [] }

    /// As printed.
    public var argument: String { String(describing: self) }

    /// One value; the last one given counts.
    public static var parameterShape: ParameterShape<Self> {
        ParameterShape(
            arity: .one, initial: nil, candidates: candidates,
            read: { text, content throws(InvalidValue) in content = try Self(argument: text) },
            text: { $0.argument })
    }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    /// Reads a raw value.
    public init(argument: String) throws(InvalidValue) {
        guard let value = Self(rawValue: argument) else {
            let names = Self.candidates.joined(separator: ", ")
            throw InvalidValue("expected one of \(names)" + suggestion(argument, Self.candidates))
        }
        self = value
    }

    /// Every raw value.
    public static var candidates: [String] { allCases.map(\.rawValue) }

    /// The raw value.
    public var argument: String { rawValue }
}

extension String: ArgumentValue {
    /// Takes any text, the empty one too.
    public init(argument: String) throws(InvalidValue) {
        self = argument
    }
}

extension Int: ArgumentValue {
    /// Reads a decimal number of at most nine digits, so that arithmetic with it cannot overflow.
    public init(argument: String) throws(InvalidValue) {
        guard let value = Int(argument) else { throw InvalidValue("expected a whole number") }
        guard (-999_999_999...999_999_999).contains(value) else {
            throw InvalidValue("expected a number of at most nine digits")
        }
        self = value
    }
}

extension Bool: ArgumentValue {
    /// Reads `true` or `false`.
    public init(argument: String) throws(InvalidValue) {
        guard let value = Bool(argument) else { throw InvalidValue("expected true or false") }
        self = value
    }

    /// The two words.
    public static var candidates: [String] { ["true", "false"] }
}
