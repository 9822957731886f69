/// A command or a group of commands: properties marked `@Option`, `@Flag`, `@Argument` are filled in.
///
/// A command whose specification names subcommands is a group; it is never run itself, and its
/// options are the ones accepted before the subcommand's name.
public protocol ParsableCommand: Sendable {
    /// A command with nothing filled in; the parser makes one and then assigns its properties.
    init()

    /// Name, help and subcommands.
    static var specification: CommandSpecification { get }

    /// Checks what no single option can, such as two that exclude each other; throws a `UsageError`.
    func validate() throws(UsageError)
}

extension ParsableCommand {
    /// Accepts everything.
    public func validate() throws(UsageError) {}
}

/// Options that several commands share, put into each with `@OptionGroup`.
public protocol ParsableOptions: Sendable {
    /// Options with nothing filled in.
    init()

    /// Heading in the help, such as "GLOBAL OPTIONS"; nil lists them with the command's own.
    static var title: String? { get }

    /// Checks across the options of the group; throws a `UsageError`.
    func validate() throws(UsageError)
}

extension ParsableOptions {
    /// No heading of their own.
    public static var title: String? { nil }

    /// Accepts everything.
    public func validate() throws(UsageError) {}
}

/// What a command is called, what its help says, and which commands it holds.
public struct CommandSpecification: Sendable {
    /// Word to type.
    public var name: String
    /// One line.
    public var summary: String
    /// More paragraphs for the help, parted by blank lines; indented lines are kept as they are.
    public var discussion: String
    /// Lines worth copying.
    public var examples: [Example]
    /// Subcommands listed under "SUBCOMMANDS".
    public var subcommands: [any ParsableCommand.Type]
    /// Subcommands listed under headings of their own, after `subcommands`.
    public var groups: [CommandGroup]
    /// Further words for the same command.
    public var aliases: [String]
    /// Left out of help, completions, suggestions and the reference, but accepted.
    public var isHidden: Bool

    /// Describes a command.
    public init(
        name: String, summary: String, discussion: String = "", examples: [Example] = [],
        subcommands: [any ParsableCommand.Type] = [], groups: [CommandGroup] = [],
        aliases: [String] = [], isHidden: Bool = false
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.examples = examples
        self.subcommands = subcommands
        self.groups = groups
        self.aliases = aliases
        self.isHidden = isHidden
    }
}

/// Subcommands under one heading in the help.
public struct CommandGroup: Sendable {
    /// Heading, such as "MAIN COMMANDS".
    public var title: String
    /// The commands, in the order shown.
    public var commands: [any ParsableCommand.Type]

    /// Puts commands under a heading.
    public init(_ title: String, _ commands: [any ParsableCommand.Type]) {
        self.title = title
        self.commands = commands
    }
}

/// A line worth copying, with what it does.
public struct Example: Sendable {
    /// The whole line, with the program's name.
    public var command: String
    /// What it does, in a few words.
    public var explanation: String

    /// Makes an example.
    public init(_ command: String, _ explanation: String) {
        self.command = command
        self.explanation = explanation
    }
}
