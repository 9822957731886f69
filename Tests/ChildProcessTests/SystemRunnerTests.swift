import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@Suite struct SystemRunnerTests {
    let runner = SystemRunner()

    @Test func `output and error output are collected apart`() async throws {
        let outcome = try await runner.run(shell("echo out; echo err >&2"))
        #expect(outcome.text == "out\n")
        #expect(outcome.errorText == "err\n")
        #expect(outcome.exit == .code(0))
        #expect(!outcome.isSkipped)
    }

    @Test func `arguments reach the child as they are`() async throws {
        let arguments = ["", " ", "$HOME", "a\nb", "'\"\\", "héllo 🐳", "-n", "*"]
        let outcome = try await runner.run(Invocation("printf", ["%s\\0"] + arguments))
        #expect(outcome.text == arguments.map { "\($0)\0" }.joined())
    }

    @Test(arguments: [0, 1, 125, 255] as [Int32])
    func `an exit code is an outcome`(code: Int32) async throws {
        #expect(try await runner.run(shell("exit $1", "\(code)")).exit == .code(code))
    }

    @Test func `a child killed by a signal says which`() async throws {
        let outcome = try await runner.run(shell("echo dying; kill -KILL $$"))
        #expect(outcome.exit == .signal(SIGKILL))
        #expect(outcome.text == "dying\n")
        #expect(throws: InvocationError.self) { try outcome.checked() }
    }

    @Test func `variables are added to ours and replace those of the same name`() async throws {
        let outcome = try await runner.run(
            shell(
                "echo \"$ADDED|$HOME|$PATH\"",
                environment: ["ADDED": "a=b 'c'", "HOME": "/nowhere"]))
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        #expect(outcome.text == "a=b 'c'|/nowhere|\(path)\n")
    }

    @Test func `variables that are taken away do not reach the child`() async throws {
        let runner = SystemRunner(fallbacks: ["ONLY": "this"])
        var invocation = shell(
            "echo \"${HOME-none}|${ONLY-none}|$ADDED\"", environment: ["ADDED": "a"])
        invocation.removedVariables = ["HOME", "ONLY", "ADDED"]
        #expect(try await runner.run(invocation).text == "none|none|a\n")
    }

    @Test func `fallbacks are for variables that neither we nor the run have`() async throws {
        let runner = SystemRunner(fallbacks: ["PATH": "/none", "ADDED": "no", "ONLY": "this"])
        let outcome = try await runner.run(
            shell("echo \"$PATH|$ADDED|$ONLY\"", environment: ["ADDED": "run"]))
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        #expect(outcome.text == "\(path)|run|this\n")
    }

    @Test func `a child starts in the directory asked for`() async throws {
        let folder = try TemporaryFolder()
        let here = try await runner.run(Invocation("/bin/pwd", []))
        let there = try await runner.run(Invocation("/bin/pwd", [], directory: folder.path))
        #expect(there.text == folder.path + "\n")
        #expect(here.text == FileManager.default.currentDirectoryPath + "\n")
    }

    @Test func `output is handed on while the child runs`() async throws {
        let folder = try TemporaryFolder()
        let run = BackgroundRun(
            shell("echo first; while ! test -e \"$1\"; do sleep 0.02; done", folder.file("go")))
        #expect(try await run.firstLines(1) == ["first"])
        try folder.write("", to: "go")
        #expect(try await run.task.value.text == "first\n")
    }

    @Test func `the duration is that of the child`() async throws {
        let outcome = try await runner.run(Invocation("sleep", ["0.1"]))
        #expect(outcome.duration >= .milliseconds(100))
        #expect(outcome.duration < .seconds(600))
    }

    #if os(Linux)
        @Test func `a child has no blocked and no ignored signal`() async throws {
            // The thread that starts it blocks nearly all; SIGUSR2 is ignored to see it undone.
            signal(SIGUSR2, SIG_IGN)
            let status = try await runner.run(Invocation("cat", ["/proc/self/status"])).text
            for name in ["SigBlk:", "SigIgn:"] {
                let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name) })
                let mask = try #require(UInt64(line.dropFirst(name.count + 1), radix: 16))
                // glibc's posix_spawn leaves its own two signals, 32 and 33, ignored.
                #expect(mask & ~0x1_8000_0000 == 0)
            }
        }
    #endif

    @Test func `a child leads a process group of its own`() async throws {
        let outcome = try await runner.run(shell("cut -d' ' -f1,5 /proc/$$/stat"))
        let ids = outcome.text.split(whereSeparator: \.isWhitespace)
        #expect(ids.count == 2)
        #expect(ids.first == ids.last)
    }

    @Test func `a helper that keeps the pipe open does not delay the outcome`() async throws {
        let outcome = try await runner.run(shell("sleep 600 & echo $!; exit 7"))
        #expect(outcome.exit == .code(7))
        #expect(outcome.duration < .seconds(500))
        let pid = try #require(Int32(outcome.text.dropLast()))
        // A run that ended by itself may leave a helper behind: that is the tool's business.
        let helper = try #require(ProcessIdentity(pid: pid))
        #expect(await helper.end())
    }

    @Test func `what a helper prints right after the child's exit is kept`() async throws {
        let outcome = try await runner.run(shell("echo early; (sleep 0.05; echo late) &"))
        #expect(outcome.text.hasPrefix("early\n"))
        // Whether `late` comes within the 250 ms depends on the machine, but nothing else may.
        #expect(["early\n", "early\nlate\n"].contains(outcome.text))
    }

    @Test func `a child that closes its output is waited for all the same`() async throws {
        let outcome = try await runner.run(shell("exec >&- 2>&-; sleep 0.1; exit 4"))
        #expect(outcome.exit == .code(4))
        #expect(outcome.duration >= .milliseconds(100))
    }

    @Test func `checked turns a non-zero exit into an error with its output`() async throws {
        let outcome = try await runner.run(shell("echo no >&2; exit 3"))
        let error = #expect(throws: InvocationError.self) { try outcome.checked() }
        #expect(error?.reason == .failed(.code(3)))
        #expect(error?.tail == "no")
        #expect(try await runner.run(Invocation("true", [])).checked().succeeded)
    }
}
