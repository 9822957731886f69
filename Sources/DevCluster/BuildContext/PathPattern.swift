/// A pattern of paths relative to some folder, as COPY and ignore files use them: `*`, `?` and
/// `[a-z]` within a name, `**` for any number of folders.
struct PathPattern: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case anyFolders
        case literal(String)
        case glob([Character])

        /// What stands between two slashes.
        init(_ text: Substring) {
            let isGlob = text.contains { "*?[\\".contains($0) }
            self = isGlob ? .glob(Array(text)) : .literal(String(text))
        }
    }

    private let parts: [Part]

    /// Reads a pattern; `.`, empty names and a slash in front mean nothing, and `..` never leads
    /// out of the folder.
    init(_ text: String) {
        var parts: [Part] = []
        for name in text.split(separator: "/") where name != "." {
            switch name {
            case "..": _ = parts.popLast()
            case "**": parts.append(.anyFolders)
            default:
                if name.hasPrefix("**") { parts.append(.anyFolders) }
                parts.append(Part(name))
            }
        }
        self.parts = parts
    }

    /// A pattern that means just this path, whatever characters its names hold.
    init(literal path: [String]) {
        parts = path.map { .literal($0) }
    }

    /// Whether it means the whole folder.
    var isEverything: Bool { parts.isEmpty }

    /// Whether it means this path.
    func matches(_ path: [String]) -> Bool {
        PathPattern.matches(parts[...], path[...]) { pattern in pattern.isEmpty }
    }

    /// Whether it means this path or a folder that it is in.
    func covers(_ path: [String]) -> Bool {
        PathPattern.matches(parts[...], path[...], orParent: true) { pattern in pattern.isEmpty }
    }

    /// Whether it may mean something in this folder.
    func reachesInto(_ folder: [String]) -> Bool {
        PathPattern.matches(parts[...], folder[...]) { pattern in !pattern.isEmpty }
    }

    /// Walks along both; `end` judges what is left of the pattern when the path is at its end.
    private static func matches(
        _ pattern: ArraySlice<Part>, _ path: ArraySlice<String>, orParent: Bool = false,
        end: (ArraySlice<Part>) -> Bool
    ) -> Bool {
        if orParent && pattern.isEmpty { return true }
        guard let name = path.first else {
            return end(pattern) || end(pattern.drop { $0 == .anyFolders })
        }
        guard let part = pattern.first else { return false }
        switch part {
        case .anyFolders:
            return matches(pattern.dropFirst(), path, orParent: orParent, end: end)
                || matches(pattern, path.dropFirst(), orParent: orParent, end: end)
        case .literal(name): break
        case .literal: return false
        case .glob(let glob): guard matches(glob[...], Array(name)[...]) else { return false }
        }
        return matches(pattern.dropFirst(), path.dropFirst(), orParent: orParent, end: end)
    }

    /// Matches a name without slashes; a pattern that is malformed means nothing.
    private static func matches(
        _ glob: ArraySlice<Character>, _ name: ArraySlice<Character>
    ) -> Bool {
        guard let first = glob.first else { return name.isEmpty }
        switch first {
        case "*":
            let rest = glob.drop { $0 == "*" }
            return (name.startIndex...name.endIndex).contains { matches(rest, name[$0...]) }
        case "?": return !name.isEmpty && matches(glob.dropFirst(), name.dropFirst())
        case "[":
            guard let character = name.first, let (isIn, rest) = member(glob, character) else {
                return false
            }
            return isIn && matches(rest, name.dropFirst())
        default:
            let literal = first == "\\" && glob.count > 1 ? glob.dropFirst() : glob
            return name.first == literal.first && matches(literal.dropFirst(), name.dropFirst())
        }
    }

    /// Whether the set at the beginning, such as `[^a-z]`, holds the character, and what follows
    /// the set; nil when it does not end.
    private static func member(
        _ glob: ArraySlice<Character>, _ character: Character
    ) -> (Bool, ArraySlice<Character>)? {
        var rest = glob.dropFirst()
        let isNegated = rest.first == "^"
        if isNegated { rest = rest.dropFirst() }
        var isIn = false
        var isFirst = true
        while let start = rest.popFirst() {
            if start == "]" && !isFirst { return (isIn != isNegated, rest) }
            isFirst = false
            var low = start
            if start == "\\", let next = rest.popFirst() { low = next }
            var high = low
            if rest.first == "-", let next = rest.dropFirst().first, next != "]" {
                high = next
                rest = rest.dropFirst(2)
            }
            if low <= high && (low...high).contains(character) { isIn = true }
        }
        return nil
    }
}
