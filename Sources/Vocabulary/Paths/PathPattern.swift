/// A pattern of paths relative to some folder, as COPY and ignore files use them: `*`, `?` and
/// `[a-z]` within a name, `**` for any number of folders.
///
/// A path is matched by following all places of the pattern at once that it may be at, so that
/// the time grows with the product of both lengths, however many stars there are.
package struct PathPattern: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case anyFolders
        case literal(String)
        case glob(NamePattern)

        /// What stands between two slashes.
        init(_ text: Substring) {
            let isGlob = text.contains { "*?[\\".contains($0) }
            self = isGlob ? .glob(NamePattern(text)) : .literal(String(text))
        }

        func matches(_ name: String) -> Bool {
            switch self {
            case .anyFolders: true
            case .literal(let literal): literal == name
            case .glob(let glob): glob.matches(name)
            }
        }
    }

    private let parts: [Part]

    /// Reads a pattern; `.`, empty names and a slash in front mean nothing, and `..` never leads
    /// out of the folder.
    package init(_ text: String) {
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
    package init(literal path: [String]) {
        parts = path.map { .literal($0) }
    }

    /// Whether it means the whole folder.
    package var isEverything: Bool { parts.isEmpty }

    /// How much work a path is at most, in steps for each of its names.
    package var cost: Int {
        parts.reduce(1) { sum, part in
            if case .glob(let glob) = part { sum + glob.cost } else { sum + 1 }
        }
    }

    /// Whether it means this path.
    package func matches(_ path: [String]) -> Bool {
        places(after: path)[parts.count]
    }

    /// Whether it means this path or a folder that it is in.
    package func covers(_ path: [String]) -> Bool {
        places(after: path, orEnd: true)[parts.count]
    }

    /// Whether it may mean something in this folder.
    package func reachesInto(_ folder: [String]) -> Bool {
        places(after: folder)[..<parts.count].contains(true)
    }

    /// How far the pattern may be when these names are behind it.
    ///
    /// - Parameter orEnd: whether to stop as soon as it may be at its end.
    private func places(after path: [String], orEnd: Bool = false) -> [Bool] {
        var places = Array(repeating: false, count: parts.count + 1)
        places[0] = true
        skipFolders(&places)
        for name in path where !(orEnd && places[parts.count]) {
            // From the last on, so that each place is read before it is written.
            for index in parts.indices.reversed() {
                let isNext = places[index] && parts[index] != .anyFolders
                places[index + 1] =
                    (isNext && parts[index].matches(name))
                    || (places[index + 1] && isAnyFolders(index + 1))
            }
            places[0] = places[0] && isAnyFolders(0)
            skipFolders(&places)
        }
        return places
    }

    private func isAnyFolders(_ index: Int) -> Bool {
        index < parts.count && parts[index] == .anyFolders
    }

    /// `**` may also stand for no folder.
    private func skipFolders(_ places: inout [Bool]) {
        for index in parts.indices where places[index] && parts[index] == .anyFolders {
            places[index + 1] = true
        }
    }
}
