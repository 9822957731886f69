import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct NodeTests {
    private let runner = ScriptedRunner()
    private var node: Node { Node(name: "demo-worker", engine: Engine(.podman, runner: runner)) }

    /// The mark that an exec was given.
    private func mark(_ invocation: Invocation) throws -> String {
        let entry = try #require(
            invocation.arguments.first { $0.hasPrefix("DEVCLUSTER_EXEC=") })
        return String(entry.dropFirst("DEVCLUSTER_EXEC=".count))
    }

    @Test func `a program runs in the node under a timeout of its own`() async throws {
        runner.expect("podman", ["exec"], returning: .ok("out"))
        let outcome = try await node.run(
            Invocation("crictl", ["images"], deadline: .seconds(20)))
        #expect(outcome.text == "out")
        let mark = try mark(runner.calls[0])
        #expect(
            runner.commands == [
                "podman exec --env DEVCLUSTER_EXEC=\(mark) demo-worker timeout --kill-after=2 21"
                    + " crictl images"
            ])
        #expect(runner.calls[0].deadline == .seconds(20))
    }

    @Test func `input, environment and folder go inside`() async throws {
        runner.expect("podman", ["exec", "--interactive"])
        _ = try await node.run(
            Invocation(
                "sh", ["-s"], environment: ["A": "1 2"], input: .bytes(Data("echo".utf8)),
                directory: "/tmp", effect: .changes))
        let call = runner.calls[0]
        #expect(call.arguments.contains("A=1 2"))
        #expect(call.shellQuoted.contains("--workdir /tmp demo-worker"))
        #expect(call.environment.isEmpty)
        #expect(call.directory == nil)
        #expect(call.inputText == "echo")
        #expect(call.effect == .changes)
    }

    @Test func `a secret stays out of the arguments`() async throws {
        runner.expect("podman", ["exec", "--interactive"])
        _ = try await node.run(Invocation("sh", ["-s"], input: .secret(Data("hidden".utf8))))
        #expect(!runner.commands[0].contains("hidden"))
    }

    @Test func `a program that fails is an outcome, and nothing is killed`() async throws {
        runner.expect("podman", ["exec"], returning: .failure(1, stderr: "no"))
        let outcome = try await node.run(Invocation("crictl", ["inspecti", "x"]))
        #expect(outcome.exit == .code(1))
        #expect(runner.calls.count == 1)
    }

    @Test(arguments: [InvocationError.Reason.timedOut, .outputLimitExceeded])
    func `a run cut short kills what carries its mark`(reason: InvocationError.Reason) async throws
    {
        runner.expect("podman", ["exec", "--env"], throwing: reason)
        runner.expect("podman", ["exec", "demo-worker", "sh", "-c"])
        let error = await #expect(throws: InvocationError.self) {
            try await node.run(Invocation("crictl", ["pull", "x"]))
        }
        #expect(error?.reason == reason)
        let script = try #require(runner.calls.last?.arguments.last)
        #expect(script.contains("DEVCLUSTER_EXEC=\(try mark(runner.calls[0]))$"))
        #expect(script.contains("kill -9"))
        // In a dry run too: what it ends was really started.
        #expect(runner.calls.last?.effect == .reads)
    }

    @Test func `a cancelled run still kills what it left`() async throws {
        runner.expectHanging("podman", ["exec", "--env"])
        runner.expect("podman", ["exec", "demo-worker", "sh", "-c"])
        let task = Task { [node] in try await node.run(Invocation("crictl", ["pull", "x"])) }
        while runner.calls.isEmpty { await Task.yield() }
        task.cancel()
        let error = await #expect(throws: InvocationError.self) { try await task.value }
        #expect(error?.reason == .cancelled)
        #expect(runner.calls.count == 2)
    }

    @Test func `a failing clean-up does not hide why the run ended`() async throws {
        runner.expect("podman", ["exec", "--env"], throwing: .timedOut)
        runner.expect("podman", ["exec", "demo-worker"], throwing: .notFound)
        let error = await #expect(throws: InvocationError.self) {
            try await node.run(Invocation("crictl", ["pull", "x"]))
        }
        #expect(error?.reason == .timedOut)
    }

    @Test func `two runs have different marks`() async throws {
        runner.expect("podman", ["exec"], times: 2)
        for _ in 0..<2 { _ = try await node.run(Invocation("true", [])) }
        #expect(try mark(runner.calls[0]) != mark(runner.calls[1]))
    }
}
