import ChildProcess
import SystemLibraries
import TestSupport
import Testing

@Suite struct ScriptedRunnerTests {
    @Test func `calls are answered by tool and first arguments, and recorded`() async throws {
        let runner = ScriptedRunner()
        runner.expect("podman", ["image"], returning: .failure(125, stderr: "no such image"))
        runner.expect("podman", ["ps"], returning: .ok("one"))
        runner.expect("podman", ["ps"], returning: .ok("two"))
        runner.expect(where: { $0.effect == .changes }) { .ok("changed \($0.tool)") }
        runner.expect("gone", throwing: .notFound)

        #expect(try await runner.run(Invocation("podman", ["ps", "-a"])).text == "one")
        let failed = try await runner.run(Invocation("podman", ["image", "rm", "x y"]))
        #expect(failed.exit == .code(125))
        #expect(failed.errorText == "no such image")
        #expect(failed.invocation.arguments == ["image", "rm", "x y"])
        #expect(try await runner.run(Invocation("podman", ["ps"])).text == "two")
        let changed = try await runner.run(Invocation("rm", [], effect: .changes))
        #expect(changed.text == "changed rm")
        #expect(await reason { _ = try await runner.run(Invocation("gone", [])) } == .notFound)
        #expect(
            runner.commands == ["podman ps -a", "podman image rm 'x y'", "podman ps", "rm", "gone"])
    }

    @Test func `an unexpected call fails the test and throws`() async throws {
        let runner = ScriptedRunner()
        try await withKnownIssue {
            _ = try await runner.run(Invocation("podman", ["ps"]))
        } matching: { issue in
            issue.error is UnexpectedInvocation
                || issue.comments.contains { "\($0)".contains("unexpected command: podman ps") }
        }
        #expect(runner.calls.count == 1)
    }

    @Test func `a stub never used fails the test`() {
        withKnownIssue {
            let runner = ScriptedRunner()
            runner.expect("podman", ["ps"])
            runner.expect("podman", ["pull"], times: nil)
            #expect(runner.unused == ["podman ps …"])
        } matching: { issue in
            issue.comments.contains { "\($0)".contains("never run (1 more): podman ps") }
        }
    }

    @Test func `stubs may be used several times, or any number`() async throws {
        let runner = ScriptedRunner()
        runner.expect("a", times: 2)
        runner.expect("b", times: nil)
        for tool in ["a", "b", "a", "b", "b"] {
            #expect(try await runner.run(Invocation(tool, [])).succeeded)
        }
        #expect(runner.unused.isEmpty)
    }

    @Test func `an ordered script accepts only its next call`() async throws {
        let runner = ScriptedRunner(order: .scripted)
        runner.expect("first")
        runner.expect("second")
        await withKnownIssue { _ = try await runner.run(Invocation("second", [])) }
        _ = try await runner.run(Invocation("first", []))
        _ = try await runner.run(Invocation("second", []))
    }

    @Test func `a run that hangs or takes long ends when cancelled`() async throws {
        let runner = ScriptedRunner()
        runner.expectHanging("hangs")
        runner.expect("slow", after: .seconds(3600))
        for tool in ["hangs", "slow"] {
            let task = Task { try await runner.run(Invocation(tool, [])) }
            #expect(await eventually { runner.calls.last?.tool == tool })
            task.cancel()
            #expect(await reason { _ = try await task.value } == .cancelled)
        }
    }

    @Test func `scripted output is also streamed`() async throws {
        let runner = ScriptedRunner()
        runner.expect("a", returning: .ok("out", stderr: "err"))
        let log = Log()
        _ = try await runner.run(Invocation("a", [])) { chunk in
            log.add("\(chunk.stream): \(String(decoding: chunk.bytes, as: UTF8.self))")
        }
        #expect(log.lines == ["output: out", "error: err"])
    }
}

@Suite struct TemporaryFolderTests {
    @Test func `it is removed with all it holds`() throws {
        var path = ""
        do {
            let folder = try TemporaryFolder()
            path = folder.path
            try folder.write("text", to: "a/b/c", mode: 0o400)
            #expect(try folder.names() == ["a"])
            #expect(try folder.text("a/b/c") == "text")
        }
        #expect(!path.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `two are apart`() throws {
        #expect(try TemporaryFolder().path != TemporaryFolder().path)
    }
}

@Suite struct ReplacingTests {
    @Test func `what a replacement puts in is not replaced again`() {
        let port = "25068"
        #expect("5051 5068 5069".replacing(["5051": port, "5068": port]) == "25068 25068 5069")
    }

    @Test func `the longest of those that begin at one place counts`() {
        #expect("abcab".replacing(["ab": "1", "abc": "2"]) == "21")
        #expect("abc".replacing([:]) == "abc")
    }
}
