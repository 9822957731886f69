/// What a shell offers for the value of an option or argument.
public enum Completion: Sendable, Equatable {
    /// Nothing, or the cases of an enum.
    case none
    /// These words.
    case values([String])
    /// Files and folders.
    case files
    /// Folders.
    case directories
    /// The words of a list that the program computes at that moment, by the list's name.
    case live(String)
}

/// One thing a shell offers.
public struct Candidate: Sendable, Equatable {
    /// The whole word, with what was typed of it.
    public var value: String
    /// A few words about it; may be empty.
    public var description: String

    /// Makes a candidate.
    public init(_ value: String, _ description: String = "") {
        self.value = value
        self.description = description
    }
}

/// What can stand at the cursor.
public struct CompletionReply: Sendable, Equatable {
    /// Paths that the shell is to add by its own means.
    public enum Paths: String, Sendable {
        /// None.
        case none
        /// Files and folders.
        case files
        /// Folders.
        case directories
    }

    /// Words, in the order to show.
    public var candidates: [Candidate]
    /// Paths to offer as well.
    public var paths: Paths

    /// Makes a reply.
    public init(_ candidates: [Candidate] = [], paths: Paths = .none) {
        self.candidates = candidates
        self.paths = paths
    }

    /// What `__complete` prints for the shell: `:none`, `:files` or `:directories`, then a line for
    /// each candidate, its description after a tab.
    ///
    /// A candidate that is not one printable word is left out: the shell could not tell it from two.
    public var text: String {
        var lines = [":\(paths.rawValue)"]
        for candidate in candidates
        where !candidate.value.isEmpty && printable(candidate.value) == candidate.value {
            let description = printable(candidate.description)
            lines.append(candidate.value + (description.isEmpty ? "" : "\t" + description))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A shell that completions can be made for.
public enum Shell: String, Sendable, CaseIterable, ArgumentValue {
    /// Bash 3.2, as on macOS, or newer.
    case bash
    /// The Z shell.
    case zsh
    /// The friendly shell.
    case fish
}
