import Arguments
import ChildProcess
import Settings
import SystemLibraries
import Testing
import Tools

@testable import CommandLineTool

/// The generated pages of `docs/`. `just docs` writes them: the same test, with
/// `DEVCLUSTER_WRITE_DOCS=1`.
@Suite struct `The generated documentation` {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs")

    @Test func `commands.md is what the commands say of themselves`() throws {
        try check(
            "commands.md",
            against: CommandParser(root: Root.self, version: version).markdown())
    }

    @Test func `the man page is what the commands say of themselves`() throws {
        try check(
            "devcluster.1", against: CommandParser(root: Root.self, version: version).manPage())
    }

    @Test func `every command and every option is in the man page`() {
        let parser = CommandParser(root: Root.self, version: version)
        let lines = parser.manPage().replacing(#"\-"#, with: "-").split(separator: "\n")
        let labels = lines.filter { $0.hasPrefix(".B ") }.map { label in
            Set(label.split { " ,".contains($0) })
        }
        for path in leafCommands.map(\.path) {
            #expect(lines.contains(".SS devcluster \(path.joined(separator: " "))"))
            let help = parser.help(for: path)
            for option in help.matches(of: /(?m)^  (?:-\w, )?(--[\w\[\]-]+)/).map(\.1) {
                #expect(labels.contains { $0.contains(option) }, "\(option)")
            }
        }
    }

    private static let hasGroff = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/groff")
        }

    @Test(.enabled(if: hasGroff)) func `groff has no warning about the man page`() async throws {
        let page = CommandParser(root: Root.self, version: version).manPage()
        let outcome = try await SystemRunner().run(
            Invocation(
                "groff", ["-man", "-Tutf8", "-ww", "-z"], input: .bytes(Data(page.utf8))))
        #expect(outcome.succeeded)
        #expect(outcome.errorText == "")
    }

    @Test func `configuration.md is what the configuration's schema says`() throws {
        try check("configuration.md", against: ConfigurationReference.markdown())
    }

    @Test func `the README asks for the curl that doctor asks for`() throws {
        let readme = try String(
            contentsOf: Self.folder.deletingLastPathComponent().appending(path: "README.md"),
            encoding: .utf8)
        let needed = try #require(Tool.needed(of: "curl"))
        #expect(readme.contains("curl \(needed.version) or newer"))
    }

    private func check(_ name: String, against generated: String) throws {
        let file = Self.folder.appending(path: name)
        if ProcessInfo.processInfo.environment["DEVCLUSTER_WRITE_DOCS"] == "1" {
            try Data(generated.utf8).write(to: file)
        }
        let present = (try? Data(contentsOf: file)) ?? Data()
        // Not `#expect`, which would print both pages.
        if String(decoding: present, as: UTF8.self) != generated {
            Issue.record("docs/\(name) differs from the code; run: just docs")
        }
    }
}
