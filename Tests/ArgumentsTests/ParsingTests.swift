import Arguments
import Testing

@Suite struct `Reading a command line` {
    @Test(
        arguments: [
            "--namespace kube a", "--namespace=kube a", "-n kube a", "-nkube a", "-n=kube a",
            "a --namespace kube", "a -nkube", "-qn kube a", "-qnkube a", "--namespace x -n kube a",
        ])
    func `an option with a value may be written in every usual form`(words: String) throws {
        let load: Load = try parse("image load \(words)")
        #expect(load.namespace == "kube")
        #expect(load.images == ["a"])
    }

    @Test func `what is not given keeps its default`() throws {
        let load: Load = try parse("image load a")
        #expect(!load.uniqueTag && load.switch == nil && load.wait && load.namespace == nil)
        #expect(load.pull == .always && load.port == 5001 && load.label.isEmpty)
        #expect(!load.global.json && load.global.verbose == 0)
    }

    @Test func `options stand before and after arguments`() throws {
        let load: Load = try parse("image load --unique-tag a --pull never b --port 1 c")
        #expect(load.uniqueTag && load.pull == .never && load.port == 1)
        #expect(load.images == ["a", "b", "c"])
    }

    @Test func `a repeatable option collects, any other takes the last`() throws {
        let load: Load = try parse("image load --label a --port 1 --label=b=c --port 2 x")
        #expect(load.label == ["a", "b=c"])
        #expect(load.port == 2)
    }

    @Test func `a negatable flag can be on, off or not said`() throws {
        #expect(try parse("image load --switch a", as: Load.self).switch == true)
        #expect(try parse("image load --no-switch a", as: Load.self).switch == false)
        #expect(try parse("image load --switch --no-switch a", as: Load.self).switch == false)
        #expect(try !parse("image load --no-wait a", as: Load.self).wait)
        #expect(message("image load --no-quiet a")?.hasPrefix("unknown option") == true)
    }

    @Test func `a flag can be counted, and bundled with others`() throws {
        let status: Status = try parse("status -vv --verbose")
        #expect(status.global.verbose == 3)
        #expect(try parse("status -vc dev", as: Status.self).global.cluster == "dev")
    }

    @Test(
        arguments: [
            "--json -c dev status", "status --json -c dev", "--json status --cluster=dev",
            "-cdev status --json",
        ])
    func `global options stand anywhere, before the subcommand too`(line: String) throws {
        let status: Status = try parse(line)
        #expect(status.global.json)
        #expect(status.global.cluster == "dev")
    }

    @Test func `global options add up from both places`() throws {
        #expect(try parse("-v image -v load -v a", as: Load.self).global.verbose == 3)
    }

    @Test func `after two dashes everything is an argument`() throws {
        let load: Load = try parse("image load a -- --unique-tag -n -- --")
        #expect(load.images == ["a", "--unique-tag", "-n", "--", "--"])
        #expect(!load.uniqueTag)
    }

    @Test func `a rest argument takes exactly what follows two dashes`() throws {
        let status: Status = try parse("status 1 -- ls -l --json")
        #expect(status.node == 1)
        #expect(status.command == ["ls", "-l", "--json"])
        #expect(!status.global.json)
        #expect(try parse("status", as: Status.self).command == [])
        #expect(message("status 1 ls") == "unexpected argument 'ls'")
    }

    @Test func `a dash alone and a negative number are values`() throws {
        #expect(try parse("image load -", as: Load.self).images == ["-"])
        #expect(try parse("image load a -n -", as: Load.self).namespace == "-")
        #expect(try parse("image load a --port -5", as: Load.self).port == -5)
        #expect(try parse("status -3", as: Status.self).node == -3)
    }

    @Test func `an empty word is a value like any other`() throws {
        let load: Load = try parse("image load '' --namespace '' --context=")
        #expect(load.images == [""])
        #expect(load.namespace == "")
        #expect(load.context == "")
    }

    @Test func `aliases and hidden commands and flags work`() throws {
        #expect(throws: Never.self) { try parse("st", as: Status.self) }
        #expect(throws: Never.self) { try parse("secret", as: Secret.self) }
        #expect(try parse("image ld --chaos a", as: Load.self).chaos)
    }

    @Test func `the path names the command without the program and without aliases`() throws {
        guard case .command(_, let path) = try sample.parse(["image", "ld", "a"]) else {
            Issue.record("not a command")
            return
        }
        #expect(path == ["image", "load"])
    }

    @Test func `the value of a type from elsewhere is read`() throws {
        #expect(try parse("status --deadline 90s", as: Status.self).deadline == .seconds(90))
    }

    @Test func `each command line fills in a command of its own`() throws {
        let first: Load = try parse("image load a")
        let second: Load = try parse("image load b")
        #expect(first.images == ["a"] && second.images == ["b"])
    }

    @Test func `a command can be filled in by hand, and copies are apart`() {
        var load = Load()
        load.images = ["a"]
        var other = load
        other.images = ["b"]
        other.global.json = true
        #expect(load.images == ["a"] && !load.global.json)
    }
}

@Suite struct `Asking for help` {
    private func result(_ line: String) throws -> String {
        switch try sample.parse(words(line)) {
        case .help(let path, let isRequested):
            "\(isRequested ? "asked" : "unasked"): \(path.joined(separator: " "))"
        case .version: "version"
        case .command(_, let path): "command: \(path.joined(separator: " "))"
        }
    }

    @Test(
        arguments: [
            ("--help", "asked: "), ("-h", "asked: "), ("help", "asked: "),
            ("image --help", "asked: image"), ("help image", "asked: image"),
            ("help image ld", "asked: image load"), ("image load -h", "asked: image load"),
            ("image load --port 1 --help --bogus", "asked: image load"),
            ("image load -qh", "asked: image load"), ("--json help image", "asked: image"),
            ("help --help", "asked: "), ("--version", "version"),
        ])
    func `help and version can be asked for at every level`(
        line: String, expected: String
    ) throws {
        #expect(try result(line) == expected)
    }

    @Test func `a group without a subcommand gets help that was not asked for`() throws {
        #expect(try result("") == "unasked: ")
        #expect(try result("--json image -v") == "unasked: image")
    }

    @Test func `help as a value or behind two dashes is not a request`() throws {
        #expect(try result("image load -- --help") == "command: image load")
        #expect(try result("image load --context=--help a") == "command: image load")
    }

    @Test func `help of an unknown command is a mistake`() {
        #expect(message("help imgae") == "unknown command 'imgae'; did you mean 'image'?")
        #expect(message("help status x") == "'sample status' has no subcommand 'x'")
    }

    @Test func `version belongs to the program only`() {
        #expect(message("status --version") == "unknown option '--version'")
    }
}
