import Arguments
import Testing

@Suite struct `Problems of definitions` {
    @Test func `a sound tree has only those it has`() {
        // The hidden command is without the global options on purpose.
        #expect(
            sample.problems() == [
                "sample secret: does not declare '--json' of the commands above it",
                "sample secret: does not declare '--verbose' of the commands above it",
                "sample secret: does not declare '--cluster' of the commands above it",
            ])
    }

    @Test(
        arguments: [
            "broken: has no summary",
            "broken: two subcommands are called 'twice'",
            "broken: 'help' is built in",
            "broken: '--needed' of a group cannot be required",
            "broken twice: 'Bad Name' is not a name",
            "broken twice: the summary ends with a full stop",
            "broken twice: an example does not call broken",
            "broken twice: '--same' is declared twice or built in",
            "broken twice: '--help' is declared twice or built in",
            "broken twice: '-s' is declared twice or built in",
            "broken twice: '-é' is not a letter",
            "broken twice: '--same' has no help",
            "broken twice: '<MANY>' takes all words, but is not the last argument",
            "broken twice: '<LAST>' is required after an optional argument",
            "broken twice: '<LAST>' has no help",
            "broken help loop help: is below itself",
        ])
    func `are found`(problem: String) {
        let problems = CommandParser(root: Broken.self, version: "").problems()
        #expect(problems.contains(problem), "\(problems)")
    }

    @Test func `of definitions do not crash the parser`() {
        let parser = CommandParser(root: Broken.self, version: "")
        #expect(throws: UsageError.self) {
            try parser.parse(["twice", "--same", "-s", "x", "a", "b", "c", "--needed", "1"])
        }
        #expect(!parser.help(for: ["twice"]).isEmpty)
    }
}

private struct Broken: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(
            name: "broken", summary: "", subcommands: [Twice.self, Twice.self, Loop.self])
    }
    @Option(help: "Needed") var needed: Int
}

private struct Twice: ParsableCommand {
    static let specification = CommandSpecification(
        name: "twice", summary: "Is there twice.", examples: [Example("other twice", "hm")],
        aliases: ["Bad Name"])
    @Flag(name: "same", short: "s", help: "") var one: Bool
    @Flag(name: "same", short: "s", help: "Two") var two: Bool
    @Flag(short: "é", help: "Three") var help: Bool
    @Argument(help: "Many") var many: [String] = []
    @Argument(help: "") var last: String?
    @Argument(value: "LAST", help: "") var required: [String]
    @Option(help: "Needed") var needed: Int = 0
}

private struct Loop: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(name: "help", summary: "Hm", subcommands: [Inner.self])
    }
}

private struct Inner: ParsableCommand {
    static var specification: CommandSpecification {
        CommandSpecification(name: "loop", summary: "Hm", subcommands: [Loop.self])
    }
}
