import Arguments
import Testing

@Suite struct `Mistakes in a command line` {
    @Test(
        arguments: [
            ("depoly", "unknown command 'depoly'"),
            ("stauts", "unknown command 'stauts'; did you mean 'status'?"),
            ("hlep", "unknown command 'hlep'; did you mean 'help'?"),
            ("secre", "unknown command 'secre'"),
            ("-- status", "unknown command '--'"),
            ("''", "unknown command ''"),
            ("image load --nmespace x", "unknown option '--nmespace'; did you mean '--namespace'?"),
            ("image load --no-swich a", "unknown option '--no-swich'; did you mean '--no-switch'?"),
            ("image load --name=x a", "unknown option '--name'; did you mean '--namespace'?"),
            ("image load --chao a", "unknown option '--chao'"),
            ("--jsno status", "unknown option '--jsno'; did you mean '--json'?"),
            ("image load -x a", "unknown option '-x'"),
            ("image load -qx a", "unknown option '-x'"),
            ("image load -pull never", "unknown option '-p'; did you mean '--pull'?"),
            ("image load a --namespace", "missing value for '--namespace <NAME>'"),
            ("image load --namespace -q a", "missing value for '--namespace <NAME>'"),
            ("image load -n -- a", "missing value for '--namespace <NAME>'"),
            ("image load --quiet=yes a", "'--quiet' takes no value"),
            ("image load", "missing argument '<IMAGE>'"),
            ("image copy a", "missing option '--registry <REGISTRY>'"),
            ("image copy a b c --registry r", "unexpected argument 'c'"),
            ("status x", "'x' is not a valid value for '<NODE>': expected a whole number"),
            ("secret --json", "unknown option '--json'"),
            ("--json secret", "'sample secret' has no option '--json'"),
            (
                "image load --port abc a",
                "'abc' is not a valid value for '--port <PORT>': expected a whole number"
            ),
            (
                "status --deadline 5",
                "'5' is not a valid value for '--deadline <DEADLINE>': expected seconds, such as 30s"
            ),
            (
                "image load --pull alwys a",
                "'alwys' is not a valid value for '--pull <PULL>': "
                    + "expected one of always, never, if-missing; did you mean 'always'?"
            ),
        ])
    func `are told in one line`(line: String, expected: String) {
        #expect(message(line) == expected)
    }

    @Test func `name the command, its usage and where its help is`() {
        let expected = UsageError(
            "unknown option '--bogus'", hint: "sample help image load", path: ["image", "load"],
            usage: "sample image load [options] <IMAGE>...")
        #expect(throws: expected) { try sample.parse(["image", "load", "--bogus"]) }
    }

    @Test func `found by the command itself get the same`() {
        let expected = UsageError(
            "'--quiet' excludes '--verbose'", hint: "sample help image load",
            path: ["image", "load"], usage: "sample image load [options] <IMAGE>...")
        #expect(throws: expected) { try sample.parse(["image", "load", "-qv", "a"]) }
    }

    @Test func `found by an option group are told, too`() {
        #expect(message("status --json -vvv") == "'--json' excludes '-vvv'")
    }

    @Test func `control characters are shown, not obeyed`() {
        #expect(message(["\u{1B}[2Jx\n"]) == #"unknown command '\u{1B}[2Jx\n'"#)
        #expect(message(["--a\u{202E}b"]) == #"unknown option '--a\u{202E}b'"#)
        #expect(message(["status", "1", "\0"]) == #"unexpected argument '\0'"#)
        #expect(message(["-\u{7}"]) == #"unknown option '-\u{07}'"#)
    }

    @Test(.timeLimit(.minutes(1)))
    func `in a megabyte are told in a line`() throws {
        let long = String(repeating: "x", count: 1 << 20)
        for line in [
            [long], ["--" + long], ["-" + long], ["image", "load", "--port", long, "a"],
            ["status", "1", long], ["image", "load", "--quiet=" + long], ["help", long],
        ] {
            #expect((message(line) ?? long).count < 400)
        }
        #expect(message(["image", "load", long, "--namespace=" + long]) == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `are not the number of words`() throws {
        let many = Array(repeating: "a", count: 100_000)
        #expect(try parseMany(["image", "load"] + many).images.count == 100_000)
    }

    @Test func `made of odd words never crash`() {
        let odd = [
            "", "-", "--", "---", "--=", "--=x", "-=", "-=x", "--no-", "--no-json=", "-n=", "\0",
            "\u{301}", "-\u{301}", "--\u{301}", "-🙂", "-1", "-.", "-1e999", "-nan", "h", "-hh",
            "--help=",
            "help", "--version=1", "-vvvvvv",
        ]
        for first in odd {
            _ = message([first])
            for second in odd {
                _ = message([first, second])
                _ = message(["image", "load", first, second])
                _ = message(["status", first, second, "--"])
            }
        }
    }

    private func parseMany(_ words: [String]) throws -> Load {
        guard case .command(let command, _) = try sample.parse(words),
            let load = command as? Load
        else { throw UsageError("not a load") }
        return load
    }
}
