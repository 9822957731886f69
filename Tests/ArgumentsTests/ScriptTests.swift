import Arguments
import Foundation
import Testing

@Suite struct `Completion scripts` {
    @Test func `are these`() {
        #expect(sample.completionScript(for: .bash) == bashScript)
        #expect(sample.completionScript(for: .zsh) == zshScript)
        #expect(sample.completionScript(for: .fish) == fishScript)
    }

    @Test func `of a program with a dash have a function without one`() {
        let script = CommandParser(root: Dashed.self, version: "").completionScript(for: .bash)
        #expect(script.contains("complete -F _dashed_name dashed-name\n"))
    }

    @Test(arguments: Shell.allCases.filter(ShellSession.has))
    func `have no syntax errors`(shell: Shell) throws {
        let session = try ShellSession(shell, reply: ":none\n")
        let result = try session.run(["-n", session.script])
        #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    }

    /// Words as bash splits them, what the program gets to see, and what readline is to insert.
    @Test(
        arguments: [
            (["im"], "<im>", "image|"),
            (["image", "load", ""], "<image><load><>", "image|"),
            (["--pull", "=", "n"], "<--pull=n>", "never|"),
            (["--pull", "="], "<--pull=>", "never|"),
            (["a", ":", "1/x", ":"], "<a:1/x:>", "dev|"),
            (["a", ":", "1/x", ":", "d"], "<a:1/x:d>", "dev|"),
            (["a", "@", "sha", ":", ""], "<a@sha:>", "1|"),
            (["a", "@"], "<a@>", "@sha:1|"),
            (["--x", "=", "y", " z", "w"], "<--x=y><z><w>", "with\\ blank|"),
            (["\"w"], "<w>", "with blank|"),
        ])
    func `put bash's words together again`(
        words: [String], seen: String, inserted: String
    ) throws {
        let value =
            switch inserted {
            case "never|": "--pull=never"
            case "dev|": "a:1/x:dev"
            case "1|", "@sha:1|": "a@sha:1"
            case let other where other.hasPrefix("with"): "with blank"
            default: "image"
            }
        let session = try ShellSession(.bash, reply: ":none\n\(value)\tsome words\n")
        #expect(try session.completeInBash(words) == inserted)
        #expect(try session.seen() == "<__complete>" + seen)
    }

    @Test func `let bash complete paths behind an option, too`() throws {
        let session = try ShellSession(.bash, reply: ":files\n")
        #expect(
            try session.completeInBash(["--file", "=", session.folder + "/sc"])
                == session.script + "|")
        let folders = try ShellSession(.bash, reply: ":directories\n")
        #expect(try folders.completeInBash([folders.folder + "/"]) == folders.folder + "/sub|")
    }

    @Test(
        .enabled(if: ShellSession.has(.fish)),
        arguments: [
            ("sample im", ":none\nimage\tWork with images\n", "image\tWork with images\n"),
            ("sample --pull=n", ":none\n--pull=never\n", "--pull=never\n"),
            ("sample --port ", ":none\n", ""),
            (
                "sample load localhost:5", ":none\nlocalhost:5001/demo:dev\n",
                "localhost:5001/demo:dev\n"
            ),
            ("sample --file=su", ":files\n", "--file=sub/\n"),
            ("sample --file sc", ":files\n", "script\n"),
            ("sample ", ":directories\n", "sub/\n"),
        ])
    func `work in fish`(line: String, reply: String, expected: String) throws {
        let session = try ShellSession(.fish, reply: reply)
        let result = try session.run([
            "--no-config", "-c", "cd $argv[1]; source script; complete -C $argv[2]",
            session.folder, line,
        ])
        // Paths come with a description of fish's own.
        let lines = result.output.split(separator: "\n").map {
            reply.hasPrefix(":none") ? $0 + "\n" : $0.prefix { $0 != "\t" } + "\n"
        }
        #expect(lines.joined() == expected)
    }

    @Test(
        .enabled(if: ShellSession.has(.zsh)),
        arguments: [
            ("im", ":none\nimage\tWork with images\n", "image:Work with images"),
            ("localhost:", ":none\nlocalhost:5001/a\n", "localhost\\:5001/a"),
            ("--file=su", ":files\n", "files prefix=su ignored=--file="),
            ("su", ":directories\n", "files -/ prefix=su ignored="),
            ("x", ":none\n", ""),
        ])
    func `give zsh what its own functions take`(
        typed: String, reply: String, expected: String
    ) throws {
        let session = try ShellSession(.zsh, reply: reply)
        let stubs = """
            compdef() { }
            _describe() { print -r -- "${(P@)2}" }
            _files() { print -r -- files $@ "prefix=$PREFIX" "ignored=$IPREFIX" }
            source $1/script; words=($1/sample image $2) CURRENT=3 PREFIX=$2 IPREFIX=
            _sample
            """
        let result = try session.run(["-f", "-c", stubs, "zsh", session.folder, typed])
        #expect(result.output == (expected.isEmpty ? "" : expected + "\n"))
        #expect(try session.seen() == "<__complete><image><\(typed)>")
    }
}

private struct Dashed: ParsableCommand {
    static let specification = CommandSpecification(name: "dashed-name", summary: "Dashed")
}

/// A folder with the script of a shell, and a program `sample` that notes its arguments and prints
/// a fixed reply.
private final class ShellSession {
    let shell: Shell
    let folder: String
    var script: String { folder + "/script" }

    static func path(_ shell: Shell) -> String? {
        ["/bin/", "/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"].map { $0 + shell.rawValue }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func has(_ shell: Shell) -> Bool { path(shell) != nil }

    init(_ shell: Shell, reply: String) throws {
        self.shell = shell
        let files = FileManager.default
        folder = files.temporaryDirectory.path + "/arguments-" + UUID().uuidString
        try files.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
        try Data(sample.completionScript(for: shell).utf8).write(to: URL(filePath: script))
        try Data(reply.utf8).write(to: URL(filePath: folder + "/.reply"))
        let program = """
            #!/bin/sh
            for word; do printf '<%s>' "$word"; done > '\(folder)/.seen'
            cat '\(folder)/.reply'
            """
        try Data(program.utf8).write(to: URL(filePath: folder + "/sample"))
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/sample")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The words that the program was called with.
    func seen() throws -> String {
        try String(contentsOfFile: folder + "/.seen", encoding: .utf8)
    }

    func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let child = Process()
        child.executableURL = URL(filePath: try #require(Self.path(shell)))
        child.arguments = arguments
        child.environment = [
            "PATH": "\(folder):/usr/local/bin:/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8",
        ]
        let pipe = Pipe()
        child.standardOutput = pipe
        child.standardError = pipe
        child.standardInput = FileHandle.nullDevice
        try child.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        child.waitUntilExit()
        return (child.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Sets what bash sets before it calls the function, and returns its replies, each ended by `|`.
    ///
    /// A word that begins with a colon or the like was split off; any other follows a blank.
    func completeInBash(_ words: [String]) throws -> String {
        var line = "sample"
        for (index, word) in words.enumerated() {
            let isGlued =
                index > 0 && [":", "=", "@"].contains { word == $0 || words[index - 1] == $0 }
            line += (isGlued || word.hasPrefix(" ") ? "" : " ") + word
        }
        let code = """
            source "$1/script"; COMP_LINE=$2 COMP_POINT=${#2}; shift 2; COMP_WORDS=("$@")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _sample 2>&1
            if ((${#COMPREPLY[@]})); then printf '%s|' "${COMPREPLY[@]}"; fi
            """
        let plain = words.map { $0.hasPrefix(" ") ? String($0.dropFirst()) : $0 }
        let arguments = ["--norc", "-c", code, "bash", folder, line, "sample"] + plain
        return try run(arguments).output
    }
}
