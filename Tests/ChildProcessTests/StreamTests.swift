import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@Suite struct StreamTests {
    let runner = SystemRunner()
    /// Many times what a pipe holds, and not a multiple of it.
    static let large: Data = {
        var data = Data((0..<1021).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        while data.count < 8 << 20 { data += data }
        return data + [1, 2, 3]
    }()

    @Test func `a hundred megabytes of output below the limit are collected`() async throws {
        let size = 100_000_000
        let run = Invocation(
            "head", ["-c", "\(size)", "/dev/zero"], deadline: .seconds(600), outputLimit: size)
        #expect(try await runner.run(run).output.count == size)
    }

    @Test func `one byte above the limit is an error`() async {
        let exact = Invocation("printf", ["12345"], outputLimit: 5)
        let over = Invocation("printf", ["12345"], outputLimit: 4)
        await #expect(throws: Never.self) { try await runner.run(exact) }
        let reason = await reason { _ = try await runner.run(over) }
        #expect(reason == .outputLimitExceeded)
    }

    @Test func `the limit holds for error output too`() async throws {
        let error = await #expect(throws: InvocationError.self) {
            try await runner.run(shell("echo a; yes >&2", outputLimit: 1000))
        }
        #expect(error?.reason == .outputLimitExceeded)
        #expect(error?.errorOutput.count == 1000)
    }

    @Test func `a child that never stops printing is ended at the limit`() async throws {
        let run = BackgroundRun(shell("echo $$; exec yes", outputLimit: 1 << 20))
        let reason = await reason { _ = try await run.task.value }
        #expect(reason == .outputLimitExceeded)
        let pid = try #require(Int32(try await run.firstLines(1)[0]))
        #expect(ProcessIdentity(pid: pid) == nil)
    }

    @Test func `large input goes through a child that echoes it`() async throws {
        for input in [Invocation.Input.bytes(StreamTests.large), .secret(StreamTests.large)] {
            let outcome = try await runner.run(Invocation("cat", [], input: input))
            #expect(outcome.output == StreamTests.large)
        }
    }

    @Test func `large input to a child that never reads it does not hang`() async throws {
        let outcome = try await runner.run(
            shell("sleep 0.05; echo done", input: .bytes(StreamTests.large)))
        #expect(outcome.text == "done\n")
    }

    @Test func `a child may close its input early`() async throws {
        let outcome = try await runner.run(
            shell(
                "head -c 3; exec <&-; sleep 0.05; echo done; exit 2",
                input: .bytes(StreamTests.large)))
        #expect(outcome.output == StreamTests.large.prefix(3) + Data("done\n".utf8))
        #expect(outcome.exit == .code(2))
    }

    @Test func `no input and empty input are an end of file`() async throws {
        for input in [Invocation.Input.none, .bytes(Data())] {
            #expect(try await runner.run(Invocation("cat", [], input: input)).output.isEmpty)
        }
    }

    @Test func `bytes that are not text come through`() async throws {
        let bytes = Data((0...255).map(UInt8.init))
        let outcome = try await runner.run(Invocation("cat", [], input: .bytes(bytes)))
        #expect(outcome.output == bytes)
        #expect(outcome.text.contains("\u{FFFD}"))
    }
}
