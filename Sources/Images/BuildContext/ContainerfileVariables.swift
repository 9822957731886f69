import Tools
import Vocabulary

/// The values that variables have at some place of a Containerfile.
struct ContainerfileVariables: Sendable {
    /// Nil where a variable is there, but only the builder knows its value.
    private var values: [String: String?] = [:]
    /// Whether a variable that nobody set is empty; on a base image it may be set there.
    private var isComplete: Bool
    private let escape: Character

    init(escape: Character, isComplete: Bool) {
        self.escape = escape
        self.isComplete = isComplete
    }

    /// Bytes of a value that is followed: `ENV A=$A$A` doubles it each time.
    private static let longest = 4096
    /// Variables that are followed: each stage has a copy of them.
    private static let most = 1000
    /// Levels of `${A:-${B:-…}}` that are followed.
    private static let deepest = 20

    /// Sets a variable; nil for a value that is not known.
    mutating func set(_ name: String, _ value: String?) {
        guard values.count < Self.most || values[name] != nil else {
            isComplete = false
            return
        }
        values[name] = .some(value)
    }

    /// Reads `NAME=VALUE …`, or ENV's older `NAME VALUE`.
    mutating func set(environment text: String) {
        let words = words(text)
        if let first = words.first, !first.contains("=") {
            set(first, expanded(text.dropFirst(first.count).description.trimmingSpace))
            return
        }
        // All of a line see the values from before it.
        let before = self
        for (name, value) in words.lazy.map({ before.assignment($0) }) { set(name, value ?? nil) }
    }

    /// Reads `ARG NAME[=DEFAULT] …`.
    ///
    /// - Parameter given: what the builder was told; beats the default.
    /// - Parameter outer: what stood before the first stage.
    mutating func declare(
        arguments text: String, given: [String: String], outer: ContainerfileVariables?
    ) {
        let before = self
        for (name, value) in words(text).lazy.map({ before.assignment($0) }) {
            if let told = given[name] {
                set(name, told)
            } else if let value {
                set(name, value)
            } else {
                // TARGETARCH and its like have values of their own.
                set(name, outer?.values[name] ?? nil)
            }
        }
    }

    private func assignment(_ word: String) -> (String, String??) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? .some(expanded(String(parts[1]))) : nil)
    }

    /// The words of a line; quotes hold them together and stay.
    func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if character.isWhitespace && quote == nil && !isEscaped {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
            if isEscaped {
                isEscaped = false
            } else if character == escape && quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil && (character == "\"" || character == "'") {
                quote = character
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// The word without quotes, its variables replaced; nil when one is not known, or it gets
    /// longer than any path.
    func expanded(_ word: String) -> String? { expanded(word[...], depth: 0) }

    private func expanded(_ word: Substring, depth: Int) -> String? {
        guard depth <= Self.deepest else { return nil }
        var result = ""
        var rest = word
        var quote: Character?
        while let character = rest.popFirst() {
            guard result.utf8.count <= Self.longest else { return nil }
            switch character {
            case escape where quote != "'": if let next = rest.popFirst() { result.append(next) }
            case "$" where quote != "'":
                guard let value = variable(&rest, depth: depth) else { return nil }
                result += value
            case "'" where quote != "\"", "\"" where quote != "'":
                quote = quote == nil ? character : nil
            default: result.append(character)
            }
        }
        return result.utf8.count <= Self.longest ? result : nil
    }

    /// The value of what follows a `$`: `NAME`, `{NAME}`, `{NAME:-WORD}`, `{NAME:+WORD}`.
    private func variable(_ rest: inout Substring, depth: Int) -> String? {
        guard rest.first == "{" else {
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            rest = rest[name.endIndex...]
            return name.isEmpty ? "$" : value(String(name))
        }
        var braces = 0
        let end = rest.firstIndex { character in
            braces += character == "{" ? 1 : character == "}" ? -1 : 0
            return braces == 0
        }
        guard let end else { return nil }
        let inside = rest[..<end].dropFirst()
        rest = rest[end...].dropFirst()
        let name = inside.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let operation = inside[name.endIndex...]
        if operation.isEmpty { return value(String(name)) }
        guard let known = value(String(name)) else { return nil }
        if operation.hasPrefix(":-") {
            return known.isEmpty ? expanded(operation.dropFirst(2), depth: depth + 1) : known
        }
        if operation.hasPrefix(":+") {
            return known.isEmpty ? "" : expanded(operation.dropFirst(2), depth: depth + 1)
        }
        return nil
    }

    private func value(_ name: String) -> String? {
        if let there = values[name] { return there }
        return isComplete ? "" : nil
    }
}
