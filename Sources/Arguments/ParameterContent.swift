/// What a property marked `@Option` or `@Argument` may hold: a value, an optional value or a list.
///
/// Conform to `ArgumentValue` instead; this follows from it, for `T`, `T?` and `[T]`.
public protocol ParameterContent: Sendable {
    /// How words become this content.
    static var parameterShape: ParameterShape<Self> { get }
}

/// How words of the command line become the content of a property.
public struct ParameterShape<Content: Sendable>: Sendable {
    enum Arity {
        case one
        case optional
        case many
    }

    let arity: Arity
    /// Content of a property without a default; nil makes the parameter required.
    let initial: Content?
    let candidates: [String]
    /// Adds one more word to what earlier words of the same command line made.
    let read: @Sendable (String, inout Content?) throws(InvalidValue) -> Void
    let text: @Sendable (Content) -> String?
}

extension Optional: ParameterContent where Wrapped: ArgumentValue {
    /// A value or nothing; never required.
    public static var parameterShape: ParameterShape<Self> {
        ParameterShape(
            arity: .optional, initial: .some(nil), candidates: Wrapped.candidates,
            read: { text, content throws(InvalidValue) in
                content = .some(try Wrapped(argument: text))
            },
            text: { $0?.argument })
    }
}

extension Array: ParameterContent where Element: ArgumentValue {
    /// Any number of values; without a default at least one is required.
    public static var parameterShape: ParameterShape<Self> {
        ParameterShape(
            arity: .many, initial: nil, candidates: Element.candidates,
            read: { text, content throws(InvalidValue) in
                let element = try Element(argument: text)
                if content == nil { content = [] }
                content?.append(element)
            },
            text: { $0.isEmpty ? nil : $0.map(\.argument).joined(separator: ", ") })
    }
}
