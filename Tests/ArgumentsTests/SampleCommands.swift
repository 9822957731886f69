import Arguments

// A small tree that uses everything: groups, aliases, hidden things, every kind of property.

struct SampleGlobals: ParsableOptions {
    static let title: String? = "GLOBAL OPTIONS"

    @Flag(help: "Print JSON instead of text") var json: Bool
    @Flag(short: "v", help: "Show what is run") var verbose: Int
    @Option(short: "c", help: "Cluster to use", completion: .live("clusters")) var cluster: String?

    func validate() throws(UsageError) {
        if json && verbose > 2 { throw UsageError("'--json' excludes '-vvv'") }
    }
}

struct Sample: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(
            name: "sample", summary: "Run local clusters",
            discussion: """
                Everything happens on this machine. A cluster is a few containers, an image is \
                built once and loaded into all of them.

                  $ sample up

                That is all.
                """,
            subcommands: [Status.self, Secret.self],
            groups: [CommandGroup("IMAGE COMMANDS", [Image.self])])
    }

    @OptionGroup var global: SampleGlobals
}

struct Image: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(
            name: "image", summary: "Work with images", subcommands: [Load.self, Copy.self])
    }
}

enum Pull: String, CaseIterable, ArgumentValue {
    case always
    case never
    case ifMissing = "if-missing"
}

struct Load: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(
            name: "load", summary: "Load images into the nodes",
            examples: [
                Example("sample image load demo:dev", "load one image"),
                Example("sample image load --unique-tag demo:dev", "so that a rollout sees it"),
            ],
            aliases: ["ld"])
    }

    @Flag(help: "Give the image a tag of its own, so that a rollout notices the change")
    var uniqueTag: Bool
    @Flag(help: "Switch the workload over") var `switch`: Bool?
    @Flag(isNegatable: true, help: "Wait for the nodes") var wait: Bool = true
    @Flag(short: "q", help: "Say nothing") var quiet: Bool
    @Flag(help: "For tests of the tool itself", isHidden: true) var chaos: Bool
    @Option(short: "n", value: "NAME", help: "Namespace", completion: .live("namespaces"))
    var namespace: String?
    @Option(help: "When to pull") var pull: Pull = .always
    @Option(help: "Port of the registry") var port: Int = 5001
    @Option(help: "Label to add") var label: [String] = []
    @Option(help: "Folder to build", completion: .directories) var context: String?
    @Argument(value: "IMAGE", help: "Images", completion: .live("images")) var images: [String]
    @OptionGroup var global: SampleGlobals

    func validate() throws(UsageError) {
        if quiet && global.verbose > 0 { throw UsageError("'--quiet' excludes '--verbose'") }
    }
}

struct Copy: ParsableCommand {
    static let specification = CommandSpecification(name: "copy", summary: "Copy an image")

    @Option(help: "Registry to copy to") var registry: String
    @Argument(help: "Where from") var source: String
    @Argument(help: "Where to", completion: .files) var target: String?
    @OptionGroup var global: SampleGlobals
}

struct Status: ParsableCommand {
    static let specification = CommandSpecification(
        name: "status", summary: "Show the cluster", aliases: ["st"])

    @Option(help: "How long to wait") var deadline: Duration = .seconds(30)
    @Argument(help: "Node to ask") var node: Int?
    @Argument(value: "WORD", help: "Command to run there", isRest: true) var command: [String] = []
    @OptionGroup var global: SampleGlobals
}

struct Secret: ParsableCommand {
    static let specification = CommandSpecification(
        name: "secret", summary: "Not shown", isHidden: true)
}

extension Duration: ArgumentValue {
    /// Reads seconds such as `30s`.
    public init(argument: String) throws(InvalidValue) {
        guard argument.hasSuffix("s"), let seconds = Int(argument.dropLast()) else {
            throw InvalidValue("expected seconds, such as 30s")
        }
        self = .seconds(seconds)
    }

    /// Whole seconds.
    public var argument: String { "\(components.seconds)s" }
}

let sample = CommandParser(root: Sample.self, version: "1.2.3")

/// The command that a line asks for; words are parted by single blanks.
func parse<Command>(_ line: String, as type: Command.Type = Command.self) throws -> Command {
    guard case .command(let command, _) = try sample.parse(words(line)),
        let command = command as? Command
    else { throw UsageError("'\(line)' is not a \(Command.self)") }
    return command
}

/// The words of a line; `''` stands for an empty one.
func words(_ line: String) -> [String] {
    line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
}

/// What is said about a line that cannot be run; nil if it can.
func message(_ line: String) -> String? {
    message(words(line))
}

func message(_ words: [String]) -> String? {
    do {
        _ = try sample.parse(words)
        return nil
    } catch {
        return error.message
    }
}
