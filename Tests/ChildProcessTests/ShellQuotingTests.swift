import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@Suite struct ShellQuotingTests {
    @Test(
        arguments: [
            (
                Invocation("podman", ["ps", "--format=json", "a@b:5000/c"]),
                "podman ps --format=json a@b:5000/c"
            ),
            (
                Invocation("echo", ["", "a b", "it's", "$(id)", "*", "~", "#"]),
                "echo '' 'a b' 'it'\\''s' '$(id)' '*' '~' '#'"
            ),
            (
                Invocation("kubectl", ["get"], environment: ["B": "2", "A": "x y", "C": ""]),
                "A='x y' B=2 C= kubectl get"
            ),
            (Invocation("env", [], environment: ["not a name": "1"]), "env 'not a name=1' env"),
            (Invocation("make", [], directory: "/a b"), "(cd '/a b' && make)"),
            (Invocation("a=b", []), "'a=b'"),
            (Invocation("if", []), "'if'"),
            (Invocation("cat", [], input: .bytes(Data("x\ny\n".utf8))), "cat <<'EOF'\nx\ny\nEOF"),
            (
                Invocation("cat", [], input: .bytes(Data("x\nEOF\n".utf8)), directory: "/"),
                "(cd / && cat <<'EOF2'\nx\nEOF\nEOF2\n)"
            ),
            (
                Invocation("cat", [], input: .bytes(Data("no newline".utf8))),
                "printf %s 'no newline' | cat"
            ),
            (Invocation("cat", [], input: .bytes(Data())), "cat < /dev/null"),
            (Invocation("cat", [], input: .bytes(Data([0, 255, 1]))), "cat < '<3 bytes>'"),
            (Invocation("cat", [], input: .secret(Data("hunter2".utf8))), "cat < '<redacted>'"),
            (
                Invocation("echo", ["\u{1b}[31m\t"]),
                "echo ''\"$(printf '\\033')\"'[31m'\"$(printf '\\011')\"''"
            ),
        ] as [(Invocation, String)])
    func `a command is shown as it would be typed`(invocation: Invocation, line: String) {
        #expect(invocation.shellQuoted == line)
        #expect("\(invocation)" == line)
    }

    /// Runs what `shellQuoted` gives in a shell of its own, after a program that prints how it
    /// was called has been put in the tool's place.
    private func roundTrip(_ invocation: Invocation, in shell: String) async throws -> [String] {
        let folder = try TemporaryFolder()
        var invocation = invocation
        invocation.tool = try folder.write(
            """
            #!/bin/sh
            printf '%s\\0' "$PWD" "$HOSTILE" "$@"
            cat
            """, to: "-the tool's name", mode: 0o700)
        let outcome = try await SystemRunner().run(
            Invocation(shell, ["-c", invocation.shellQuoted]))
        #expect(outcome.errorText == "")
        return outcome.output.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    static let hostile = [
        "", " ", "a b", "a\nb", "\n", "\n\n", "'", "''", "\"", "\\", "\\n", "$HOME", "$(id)",
        "`id`",
        "-n", "--", "-", "!!", "*", "?", "[a]", "{a,b}", "~", "#", ";", "&", "|", "<", ">", "(",
        ")",
        "é", "日本語", "👩‍👩‍👧", "\u{202E}evil", "\t", "\r", "\u{1b}]0;x\u{7}", "\u{85}", "%s", "%", "a=b",
        "\u{FEFF}", "e\u{301}", "EOF", "\\033", "\u{7f}",
    ]

    @Test func `variables that are taken away stand before those that are added`() {
        var invocation = Invocation("git", ["status"], environment: ["A": "x y"])
        invocation.removedVariables = ["GIT_DIR", "GIT X"]
        #expect(invocation.shellQuoted == "env -u GIT_DIR -u 'GIT X' 'A=x y' git status")
    }

    @Test(arguments: ["sh", "bash"].filter { findExecutable($0) != nil })
    func `a real shell understands hostile arguments as they were meant`(shell: String) async throws
    {
        let parts = try await roundTrip(Invocation("", ShellQuotingTests.hostile), in: shell)
        #expect(
            parts.dropFirst(2).dropLast().map { Array($0.utf8) }
                == ShellQuotingTests.hostile.map { Array($0.utf8) })
    }

    @Test func `a real shell understands random mixtures of hostile pieces`() async throws {
        var generator = SystemRandomNumberGenerator()
        let arguments = (0..<300).map { _ in
            (0..<Int.random(in: 1...6, using: &generator))
                .map { _ in ShellQuotingTests.hostile.randomElement(using: &generator) ?? "" }
                .joined()
        }
        let parts = try await roundTrip(Invocation("", arguments), in: "sh")
        #expect(
            parts.dropFirst(2).dropLast().map { Array($0.utf8) }
                == arguments.map { Array($0.utf8) })
    }

    @Test(arguments: [
        "line\n", "no newline", "EOF\nEOF2\n", "$(id) `id` \\ '\n", "\n", "tab\there\n",
        "\u{1b}[0m\n",
        "a: 1\n---\nb: 日本\n", "  EOF\n", "\r\n",
    ])
    func `a real shell passes on the environment, the directory and the input`(input: String)
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write("", to: "a 'dir'\n/file")
        let directory = folder.file("a 'dir'\n")
        let value = "it's $(a)\n\"value\""
        let parts = try await roundTrip(
            Invocation(
                "", ["one"], environment: ["HOSTILE": value], input: .bytes(Data(input.utf8)),
                directory: directory), in: "sh")
        #expect(parts == [directory, value, "one", input])
    }

    @Test func `a secret pasted into a shell fails instead of running without it`() async throws {
        let line = Invocation("cat", [], input: .secret(Data("hunter2".utf8))).shellQuoted
        let outcome = try await SystemRunner().run(Invocation("sh", ["-c", line]))
        #expect(!outcome.succeeded)
    }
}
