import Arguments
import Testing

@Suite struct `Completion` {
    /// What is offered at the end of a line, as the words; the lists are those of the sample.
    private func offered(_ line: String) async -> [String] {
        await reply(line).candidates.map(\.value)
    }

    private func reply(_ line: String) async -> CompletionReply {
        let typed = line.hasSuffix(" ") ? words(line) + [""] : words(line)
        return await sample.complete(typed) { list in
            switch list {
            case "images": ["localhost:5001/demo:dev", "localhost:5001/demo:v2", "alpine"]
            case "namespaces": ["default", "kube-public", "kube-system"]
            case "clusters": ["dev", "test"]
            default: []
            }
        }
    }

    @Test func `of names from outside only those are offered that no shell expands`() async {
        let names = [
            "web", "deployment/web-1", "host:5001/web:dev", "a b", "$(id)", "`id`", "~root", "a*",
            "a;b", "--all", "{a,b}", "a\nb", "a\tb", "'a'", "é", "",
        ]
        let reply = await sample.complete(["image", "load", ""]) { _ in names }
        #expect(
            reply.candidates.map(\.value) == ["web", "deployment/web-1", "host:5001/web:dev"])
    }

    @Test(
        arguments: [
            ("", ["status", "image", "help"]),
            ("im", ["image"]),
            ("st", ["status"]),
            ("image ", ["load", "copy"]),
            ("--json image l", ["load"]),
            ("-c dev image l", ["load"]),
            ("bogus ", []),
            ("secret ", []),
            ("help ", ["status", "image"]),
            ("help image ", ["load", "copy"]),
            ("help image load ", []),
        ])
    func `offers the visible subcommands`(line: String, expected: [String]) async {
        #expect(await offered(line) == expected)
    }

    @Test(
        arguments: [
            ("--", ["--json", "--verbose", "--cluster", "--version", "--help"]),
            ("image load --n", ["--no-switch", "--no-wait", "--namespace"]),
            ("image load --cha", []),
            ("image load --quiet --qu", []),
            ("image load -q --qu", []),
            ("image load --label a --la", ["--label"]),
            ("image load --no-wait --wa", []),
            (
                "status -",
                [
                    "--deadline", "--json", "--verbose", "-v", "--cluster", "-c", "--help",
                ]
            ),
        ])
    func `offers the options that can still be given`(line: String, expected: [String]) async {
        #expect(await offered(line) == expected)
    }

    @Test(
        arguments: [
            ("image load --pull ", ["always", "never", "if-missing"]),
            ("image load --pull=n", ["--pull=never"]),
            ("image load --pull=", ["--pull=always", "--pull=never", "--pull=if-missing"]),
            ("image load -n kube-", ["kube-public", "kube-system"]),
            ("image load -nd", ["-ndefault"]),
            ("image load -n=d", ["-n=default"]),
            ("image load --namespace=kube-s", ["--namespace=kube-system"]),
            ("image load loc", ["localhost:5001/demo:dev", "localhost:5001/demo:v2"]),
            ("image load localhost:5001/demo:v", ["localhost:5001/demo:v2"]),
            ("image load x y al", ["alpine"]),
            ("image load -- al", ["alpine"]),
            ("image load -- --p", []),
            ("image load --quiet=", []),
            ("image load --port ", []),
            ("--cluster ", ["dev", "test"]),
            ("status -vc t", ["test"]),
        ])
    func `offers values`(line: String, expected: [String]) async {
        #expect(await offered(line) == expected)
    }

    @Test func `leaves paths to the shell`() async {
        #expect(await reply("image load --context ") == CompletionReply(paths: .directories))
        #expect(await reply("image load --context=s") == CompletionReply(paths: .directories))
        #expect(await reply("image copy a ") == CompletionReply(paths: .files))
        #expect(await reply("image copy a b ") == CompletionReply())
        #expect(await reply("image copy ") == CompletionReply())
    }

    @Test func `comes with descriptions, after a line for the shell`() async {
        #expect(
            await reply("").text == """
                :none
                status\tShow the cluster
                image\tWork with images
                help\tShow the help of a command

                """)
    }

    @Test func `leaves out what is not one printable word on one line`() {
        let reply = CompletionReply(
            [Candidate("a\nb"), Candidate(""), Candidate("c\td"), Candidate("ok", "x\ny")],
            paths: .files)
        #expect(reply.text == ":files\nok\tx\\ny\n")
    }

    @Test func `of odd words never crashes`() async {
        let odd = ["", "-", "--", "--=", "-=", "---", "--no-", "\0", "\u{301}", "-\u{301}", "help"]
        for first in odd {
            for second in odd {
                _ = await sample.complete([first, second]) { _ in [] }
                _ = await sample.complete(["image", "load", first, second]) { _ in [] }
            }
        }
        #expect(await sample.complete([]) { _ in [] }.candidates.count == 3)
    }
}
