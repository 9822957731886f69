import Arguments
import Testing

@testable import CommandLineTool

/// Every command that can be run, with the words that lead to it.
let leafCommands: [(path: [String], type: any ParsableCommand.Type)] = leaves(Root.self, [])

private func leaves(_ type: any ParsableCommand.Type, _ path: [String]) -> [(
    path: [String], type: any ParsableCommand.Type
)] {
    let children =
        type.specification.subcommands + type.specification.groups.flatMap(\.commands)
    if children.isEmpty { return [(path, type)] }
    return children.flatMap { leaves($0, path + [$0.specification.name]) }
}

@Suite struct `The tree of commands` {
    private let parser = CommandParser(root: Root.self, version: version)

    @Test func `is well formed`() {
        #expect(parser.problems() == [])
    }

    @Test func `has the commands that the documentation promises`() {
        #expect(
            leafCommands.map { $0.path.joined(separator: " ") } == [
                "up", "status", "stop", "down", "doctor", "build", "deploy", "verify-image",
                "history",
                "rollback",
                "cache list", "cache clear", "restart", "locks list", "locks clear", "delete",
                "registry list", "registry preload", "registry prune", "pf start", "pf list",
                "pf logs", "pf restart",
                "pf stop", "pf sync", "pf cleanup",
                "init", "demo", "config view", "completion",
            ])
    }

    @Test(arguments: leafCommands.map(\.path))
    func `every command says what it does and shows how it is typed`(path: [String]) throws {
        let command = try #require(leafCommands.first { $0.path == path })
        let specification = command.type.specification
        let help = parser.help(for: path)
        #expect(!specification.summary.isEmpty)
        #expect(help.hasPrefix("OVERVIEW: \(specification.summary)\n"))
        #expect(help.contains("USAGE: devcluster \(path.joined(separator: " "))"))
        #expect(!specification.examples.isEmpty)
        for example in specification.examples {
            #expect(help.contains("$ \(example.command)\n"))
        }
    }

    @Test(arguments: leafCommands.map(\.path))
    func `every example is a command line that can be parsed`(path: [String]) throws {
        let command = try #require(leafCommands.first { $0.path == path })
        for example in command.type.specification.examples {
            let words = example.command.split(whereSeparator: { " \"()$".contains($0) })
                .map(String.init)
            let start = try #require(words.firstIndex(of: "devcluster"))
            let typed = words[(start + 1)...].prefix { $0 != ">" && $0 != "|" }
            guard case .command(_, let meant) = try parser.parse(Array(typed)) else {
                Issue.record("'\(example.command)' is not a command")
                continue
            }
            #expect(meant == path)
        }
    }

    @Test(arguments: leafCommands.map(\.path))
    func `help fits into eighty columns, examples excepted`(path: [String]) {
        for line in parser.help(for: path).split(separator: "\n") where !line.contains("$ ") {
            #expect(line.count <= 80, "\(line)")
        }
    }

    @Test func `what changes something has a dry run`() throws {
        let reading = [
            "status", "history", "cache list", "locks list", "registry list", "pf list", "pf logs",
            "config view", "completion",
        ]
        for (path, _) in leafCommands {
            let name = path.joined(separator: " ")
            let hasDryRun = parser.help(for: path).contains("--dry-run")
            #expect(hasDryRun == !reading.contains(name), "\(name)")
        }
    }
}
