/// A command line that cannot be run, in words for the person who typed it.
///
/// Thrown by the parser and by `validate()`; the latter need only give the message.
public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong: lower case, no full stop, control characters escaped.
    public var message: String
    /// A command to type next; the parser fills in the help of the command meant.
    public var hint: String?
    /// Names of the command meant, without the program's; empty for the program itself.
    public var path: [String]
    /// Usage line of that command, without the word "usage"; filled in by the parser.
    public var usage: String

    /// Makes an error; the parser adds what is left out.
    public init(_ message: String, hint: String? = nil, path: [String] = [], usage: String = "") {
        self.message = message
        self.hint = hint
        self.path = path
        self.usage = usage
    }

    /// The message.
    public var description: String { message }
}

/// The text with quotes around it, for a message: printable, on one line, at most 200 characters.
func quoted(_ text: String) -> String {
    let shown = text.prefix(quotedLength)
    return "'\(printable(shown))\(shown.endIndex < text.endIndex ? "…" : "")'"
}

private let quotedLength = 200

/// The text with everything that could move the cursor or hide other text written as `\u{…}`.
func printable(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .privateUse:
            result += scalar.escaped(asASCII: true)
        default:
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}
