/// What a command line asks for.
public enum ParseResult: Sendable {
    /// Run this command, filled in; `path` holds the names from below the program's.
    case command(any ParsableCommand, path: [String])
    /// Print `help(for: path, columns:)`: on standard output when it was asked for, else (a group
    /// without a subcommand) on standard error with exit code 64.
    case help(path: [String], isRequested: Bool)
    /// Print the version.
    case version
}

/// Reads command lines for a tree of commands, and writes its help, completions and reference.
public struct CommandParser: Sendable {
    /// The command that is the program; its name is the program's.
    public let root: any ParsableCommand.Type
    /// Printed for `--version`.
    public let version: String

    /// A parser for the commands below `root`.
    public init(root: any ParsableCommand.Type, version: String) {
        self.root = root
        self.version = version
    }

    /// Reads the words after the program's name.
    ///
    /// Options may stand before and after positional arguments. Options of a group may also stand
    /// before the name of its subcommand, and are handed to the subcommand, which must declare them.
    public func parse(_ arguments: [String]) throws(UsageError) -> ParseResult {
        var reading = Reading(arguments, root: CommandNode(root))
        return try reading.result()
    }

    /// The help of a command, named from below the program; of the deepest known, if it is unknown.
    ///
    /// - Parameter columns: Width to wrap at; at least 40 are used.
    public func help(for path: [String], columns: Int = 80) -> String {
        var node = CommandNode(root)
        for name in path {
            guard let child = node.child(named: name) else { break }
            node = child
        }
        return HelpPage(node).text(columns: max(40, columns))
    }
}
