import ChildProcess
import Foundation
import Images
import TestSupport
import Testing

@testable import CommandLineTool

/// Every command against tools that lie and fail.
///
/// With the executable that users get every command meets all of them; with the debug build, which
/// is slow, each command meets one. `DEVCLUSTER_HOSTILE=all` adds tools that print without end or
/// never answer.
@Suite struct `Every command with hostile tools` {
    /// The words that run a command, in the order of the tree.
    static let commands: [[String]] = [
        ["up", "--yes"], ["up", "--recreate", "--yes"], ["status"], ["stop"], ["down", "--yes"],
        ["doctor"], ["doctor", "--fix"], ["build"], ["deploy"], ["deploy", "--unique-tag"],
        ["deploy", "--dry-run"], ["verify-image"], ["verify-image", "--fix", "--yes"], ["history"],
        ["rollback", "--yes"], ["rollback", "-9223372036854775808"], ["cache", "list"],
        ["cache", "clear", "--all", "--yes"], ["restart", "deployment/web"], ["locks", "list"],
        ["locks", "clear", "--yes"], ["delete", "--namespace", "web", "--yes"],
        ["delete", "--filename", "web.yaml", "--yes"], ["registry", "list"],
        ["registry", "preload"], ["registry", "prune", "--yes"], ["pf", "start"], ["pf", "list"],
        ["pf", "logs"], ["pf", "restart"], ["pf", "stop"], ["pf", "sync"], ["pf", "cleanup"],
        ["init", "--force"], ["demo", "--yes"], ["demo", "--clean", "--yes"], ["config", "view"],
        ["completion", "bash"],
    ]

    private static let isThorough =
        ProcessInfo.processInfo.environment["DEVCLUSTER_HOSTILE"] == "all"
    private static let tried = HostileTools.allCases.filter { isThorough || !$0.isExpensive }

    /// The commands that meet these tools.
    private static func commands(for tools: HostileTools) -> [[String]] {
        guard ExecutableUnderTest.given == nil, let index = tried.firstIndex(of: tools) else {
            return commands
        }
        return commands.indices.filter { $0 % tried.count == index }.map { commands[$0] }
    }

    @Test func `every command is tried`() {
        let tried = Self.commands
        for leaf in leafCommands.map(\.path) {
            #expect(
                tried.contains { Array($0.prefix(leaf.count)) == leaf },
                "\(leaf.joined(separator: " ")) is not tried")
        }
    }

    @Test(arguments: tried, [false, true])
    func `ends in a documented way, says nothing that a terminal obeys, and leaves no child`(
        tools: HostileTools, isJSON: Bool
    ) async throws {
        for words in Self.commands(for: tools) {
            let tool = try BuiltTool()
            try tools.install(in: tool)
            try tool.write(Self.configuration, to: "devcluster.json")
            try tool.write("FROM scratch\nCOPY . /\n", to: "Containerfile")
            try tool.write("kind: Pod\n", to: "web.yaml")
            let mark = "hostile-\(UUID().uuidString)"
            let arguments =
                words + ["--config", "devcluster.json"] + (isJSON ? ["--json"] : [])
            let outcome = try await tool.run(
                words.first == "completion" ? words : arguments,
                // What the tools print of it is known to be a password.
                environment: [
                    "HOSTILE_RUN": mark,
                    "HTTPS_PROXY": "http://user:\(HostileTools.secret)@127.0.0.1:9",
                ])
            let name = "\(words.joined(separator: " ")) with \(tools)"
            check(outcome, name)
            // A supervisor of forwards outlives its command, by design.
            _ = try await tool.run(
                "pf", "cleanup", "--config", "devcluster.json",
                environment: ["HOSTILE_RUN": mark])
            #expect(await Self.remaining(mark) == [], "\(name): these still run")
        }
    }

    private func check(_ outcome: Outcome, _ name: String) {
        let text = outcome.text + outcome.errorText
        #expect(
            [0, 1, 2, 3, 64, 69, 75].contains { outcome.exit == .code($0) },
            "\(name): \(outcome.exit): \(outcome.errorText.prefix(2000))")
        let controls = text.unicodeScalars.filter { scalar in
            scalar != "\n" && scalar != "\t"
                && (scalar.properties.generalCategory == .control
                    || scalar.properties.isBidiControl)
        }
        #expect(controls.isEmpty, "\(name): \(text.prefix(2000).debugDescription)")
        #expect(!text.contains(HostileTools.secret), "\(name): \(text.prefix(2000))")
        // Each message is bounded; doctor has a dozen.
        #expect(text.utf8.count < 300_000, "\(name): \(text.utf8.count) bytes")
    }

    /// What inherited the mark and still runs; children that were told to end get their time.
    private static func remaining(_ mark: String) async -> [String] {
        var found: [String] = []
        for _ in 0..<600 {
            found = processesInheriting("HOSTILE_RUN", mark)
            if found.isEmpty { return [] }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return found
    }

    private static let configuration = """
        {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
         "metadata": {"name": "hostile"},
         "spec": {"engine": "podman", "registry": {"port": 5999},
          "images": [{"name": "web"}], "manifests": ["web.yaml"],
          "forwards": [{"name": "web", "target": "svc/web", "port": 59997, "targetPort": 80}],
          "preload": ["docker.io/library/busybox:1.36"],
          "timeouts": {"child": "1s", "build": "2s", "push": "2s", "rollout": "2s",
           "delete": "2s"}}}
        """
}
