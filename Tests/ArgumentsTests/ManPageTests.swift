import Arguments
import Testing

@Suite struct `The man page` {
    private let lines = sample.manPage().split(separator: "\n").map(String.init)

    /// What a reader would see of it on a line, near enough: without fonts and escapes.
    private func plain(_ line: String) -> String {
        [(#"\fI"#, ""), (#"\fB"#, ""), (#"\-"#, "-"), (#"\(aq"#, "'"), (".B ", ""), (".SS ", "")]
            .reduce(line) { $0.replacing($1.0, with: $1.1) }
    }

    @Test func `names program, section and version, and no date`() {
        #expect(lines.contains(#".TH SAMPLE 1 "" "sample 1.2.3" "User Commands""#))
        #expect(lines.contains(#"sample \- Run local clusters"#))
    }

    @Test func `has the sections that readers know, in their order`() {
        #expect(
            lines.filter { $0.hasPrefix(".SH ") } == [
                ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS",
                ".SH GLOBAL OPTIONS", ".SH COMMANDS",
            ])
    }

    @Test func `describes every visible command, with its arguments, options and examples`() throws
    {
        #expect(
            lines.filter { $0.hasPrefix(".SS ") }.map(plain) == [
                "sample status", "sample image", "sample image load", "sample image copy",
            ])
        let start = try #require(lines.firstIndex(of: ".SS sample image load"))
        let end = try #require(lines.firstIndex(of: ".SS sample image copy"))
        #expect(
            lines[start..<end].map(plain) == [
                "sample image load", "sample image load", "[options] <IMAGE>...", ".PP",
                "Load images into the nodes.",
                ".TP", "<IMAGE>...", "Images",
                ".TP", "--unique-tag",
                "Give the image a tag of its own, so that a rollout notices the change",
                ".TP", "--[no-]switch", "Switch the workload over",
                ".TP", "--[no-]wait", "Wait for the nodes (default: on)",
                ".TP", "-q, --quiet", "Say nothing",
                ".TP", "-n, --namespace <NAME>", "Namespace",
                ".TP", "--pull <PULL>",
                "When to pull (values: always, never, if-missing; default: always)",
                ".TP", "--port <PORT>", "Port of the registry (default: 5001)",
                ".TP", "--label <LABEL>", "Label to add (repeatable)",
                ".TP", "--context <CONTEXT>", "Folder to build",
                ".PP", "load one image:", ".PP", ".RS 4", ".EX", "sample image load demo:dev",
                ".EE", ".RE",
                ".PP", "so that a rollout sees it:", ".PP", ".RS 4", ".EX",
                "sample image load --unique-tag demo:dev", ".EE", ".RE",
            ])
    }

    @Test func `keeps indented lines as they are`() throws {
        let start = try #require(lines.firstIndex(of: ".EX"))
        #expect(lines[start...].prefix(3) == [".EX", "$ sample up", ".EE"])
    }

    @Test func `takes nothing in a help text for a request or an escape`() {
        let page = CommandParser(root: Roffy.self, version: "").manPage()
        #expect(page.contains(#"roffy \- \&.PP in \en it\(aqs \(dqsaid\(dq \[u2026]"#))
    }
}

private struct Roffy: ParsableCommand {
    static let specification = CommandSpecification(
        name: "roffy", summary: #".PP in \n it's "said" …"#)
}
