import SystemLibraries

extension Invocation: CustomStringConvertible {
    /// The command as it can be pasted into a POSIX shell, without secrets.
    ///
    /// Added variables stand in front, after those that `env` takes away, `(cd DIR && …)` around
    /// it. Text input follows as a here document, or comes from `printf` where it does not end with
    /// a newline. Binary input, more than 64 KiB, and secrets are only mentioned, as the name of a
    /// file that does not exist, so that a pasted command fails instead of doing something else.
    public var shellQuoted: String {
        var command = shellWords.joined(separator: " ")
        let feed = shellInput
        command = feed.before + command + feed.after
        guard let directory else { return command }
        let option = directory.hasPrefix("-") ? "-- " : ""
        // Nothing but its delimiter may stand on the last line of a here document.
        let end = feed.after.contains("\n") ? "\n)" : ")"
        return "(cd \(option)\(shellQuote(directory)) && \(command)\(end)"
    }

    /// The same as `shellQuoted`.
    public var description: String { shellQuoted }

    private var shellWords: [String] {
        let variables = environment.sorted { $0.key < $1.key }
        var words: [String] = []
        if removedVariables.isEmpty, variables.allSatisfy({ isShellName($0.key) }) {
            words += variables.map { "\($0.key)=\($0.value.isEmpty ? "" : shellQuote($0.value))" }
        } else {
            words += ["env"] + removedVariables.flatMap { ["-u", shellQuote($0)] }
            words += variables.map { shellQuote("\($0.key)=\($0.value)") }
        }
        words.append(shellQuote(tool, isCommandName: true))
        return words + arguments.map { shellQuote($0) }
    }

    private var shellInput: (before: String, after: String) {
        switch input {
        case .none: return ("", "")
        case .secret: return ("", " < '<redacted>'")
        case .bytes(let data) where data.isEmpty: return ("", " < /dev/null")
        case .bytes(let data), .partlySecret(_, shown: let data, _, _):
            guard data.count <= 64 << 10, !data.contains(0),
                let text = String(validating: data, as: UTF8.self)
            else { return ("", " < '<\(data.count) bytes>'") }
            let isPlain = text.unicodeScalars.allSatisfy { $0 == "\t" || !mustBeEscaped($0) }
            guard data.last == UInt8(ascii: "\n"), isPlain else {
                return ("printf %s \(shellQuote(text)) | ", "")
            }
            let lines = Set(text.split(separator: "\n").map(String.init))
            var delimiter = "EOF"
            var count = 1
            while lines.contains(delimiter) {
                count += 1
                delimiter = "EOF\(count)"
            }
            return ("", " <<'\(delimiter)'\n\(text)\(delimiter)")
        }
    }
}

/// The text as one word of a POSIX shell, unchanged where no quotes are needed.
///
/// Control characters never appear themselves, because a terminal would obey them; `printf` in a
/// command substitution makes them. Newlines stay, in quotes.
/// - Parameters:
///   - text: anything but a null character.
///   - isCommandName: whether it stands where the shell would also see an assignment or keyword.
func shellQuote(_ text: String, isCommandName: Bool = false) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { isShellSafe($0) }
    if isPlain, !isCommandName || (!text.contains("=") && !shellKeywords.contains(text)) {
        return text
    }
    var quoted = "'"
    for scalar in text.unicodeScalars {
        if scalar == "'" {
            quoted += "'\\''"
        } else if mustBeEscaped(scalar) {
            let octal = String(scalar).utf8.map { byte in
                let digits = String(byte, radix: 8)
                return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
            quoted += "'\"$(printf '\(octal.joined())')\"'"
        } else {
            quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "'"
}

private let shellKeywords: Set<String> = [
    "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for",
    "in", "function", "select", "time", "coproc",
]

private func isShellSafe(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default:
        "_@%+=:,./-".utf8.contains(byte)
    }
}

private func isShellName(_ text: String) -> Bool {
    let isSafe = text.utf8.allSatisfy { isShellSafe($0) && !"@%+=:,./-".utf8.contains($0) }
    return isSafe && text.utf8.first.map { !(48...57).contains($0) } ?? false
}

/// Whether a terminal would obey the character rather than show it, or show it out of place.
func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\n" { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
}
