import ChildProcess
import Synchronization
import TestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct DecoratorTests {
    @Test func `a log gets every outcome and every error`() async throws {
        let base = ScriptedRunner()
        base.expect("good", returning: .failure(3))
        base.expect("bad", throwing: .timedOut)
        let log = Log()
        let runner = LoggedRunner(base) { result, invocation in
            switch result {
            case .success(let outcome): log.add("\(invocation) \(outcome.exit)")
            case .failure(let error): log.add("\(invocation) \(error)")
            }
        }
        #expect(try await runner.run(Invocation("good", [])).exit == .code(3))
        let error = await reason { _ = try await runner.run(Invocation("bad", [])) }
        #expect(error == .timedOut)
        #expect(log.lines == ["good code(3)", "bad bad was ended after 30 s (deadline)"])
    }

    @Test func `a dry run reads but does not change`() async throws {
        let base = ScriptedRunner()
        base.expect("ls", returning: .ok("files"))
        let log = Log()
        let runner = DryRunRunner(base) { log.add($0.shellQuoted) }
        #expect(try await runner.run(Invocation("ls", [])).text == "files")
        let skipped = try await runner.run(Invocation("rm", ["-r", "a b"], effect: .changes))
        #expect(skipped.isSkipped)
        #expect(skipped.succeeded)
        #expect(log.lines == ["rm -r 'a b'"])
        #expect(base.commands == ["ls"])
    }

    @Test func `recorded runs are replayed`() async throws {
        let folder = try TemporaryFolder()
        let recorder = RecordingRunner(SystemRunner(), path: folder.file("runs"))
        let runs = [
            shell(
                "echo \"$A\"; cat; pwd; echo e >&2; exit 3", environment: ["A": "1"],
                input: .bytes(Data("in".utf8)), directory: "/"),
            shell("printf '\\377\\000'; kill -9 $$"),
            Invocation("echo", ["same"]),
        ]
        var outcomes: [Outcome] = []
        for run in runs { outcomes.append(try await recorder.run(run)) }
        #expect(try folder.text("runs").split(separator: "\n").count == 3)

        let replay = try ReplayingRunner(path: folder.file("runs"))
        #expect(replay.unused.count == 3)
        // In another order, and with another deadline.
        for (var run, outcome) in zip(runs, outcomes).reversed() {
            run.deadline = .seconds(1)
            let replayed = try await replay.run(run)
            #expect(replayed.exit == outcome.exit)
            #expect(replayed.output == outcome.output)
            #expect(replayed.errorOutput == outcome.errorOutput)
            #expect(replayed.invocation == run)
        }
        #expect(throws: Never.self) { try replay.verify() }
    }

    @Test func `text is recorded as text, with mode 0600`() async throws {
        let folder = try TemporaryFolder()
        let recorder = RecordingRunner(SystemRunner(), path: folder.file("runs"))
        _ = try await recorder.run(Invocation("echo", ["/a/b"]))
        #expect(try folder.text("runs").contains(#""output":"/a/b\n""#))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("runs"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `parallel runs are recorded on a line each`() async throws {
        let folder = try TemporaryFolder()
        let recorder = RecordingRunner(SystemRunner(), path: folder.file("runs"))
        let text = String(repeating: "x", count: 20_000)
        try await withThrowingTaskGroup { group in
            for number in 0..<10 {
                group.addTask { try await recorder.run(Invocation("echo", ["\(number)", text])) }
            }
            try await group.waitForAll()
        }
        #expect(try ReplayingRunner(path: folder.file("runs")).unused.count == 10)
    }

    @Test func `a replay refuses what was not recorded and names the closest`() async throws {
        let folder = try TemporaryFolder()
        let recorder = RecordingRunner(SystemRunner(), path: folder.file("runs"))
        for words in [["get", "pods", "-A"], ["get", "nodes"], ["version"]] {
            _ = try await recorder.run(Invocation("echo", words))
        }
        let replay = try ReplayingRunner(path: folder.file("runs"))
        let wanted = Invocation("echo", ["get", "pods"])
        let error = await #expect(throws: ReplayError.self) { try await replay.run(wanted) }
        let closest = Invocation("echo", ["get", "pods", "-A"])
        #expect(error?.description.contains(closest.shellQuoted) == true)
        #expect(error?.description.contains("not recorded: echo get pods\n") == true)
        _ = try await replay.run(closest)
        // Each recording answers once.
        await #expect(throws: ReplayError.self) { try await replay.run(closest) }
        let unused = #expect(throws: ReplayError.self) { try replay.verify() }
        #expect(unused?.description == "recorded but never run:\necho get nodes\necho version")
    }

    @Test func `what differs from machine to machine can be rewritten`() async throws {
        let folder = try TemporaryFolder()
        let rewrite = { @Sendable (invocation: Invocation) in
            var copy = invocation
            copy.arguments = copy.arguments.map { $0.replacing(folder.path, with: "/TMP") }
            return copy
        }
        let recorder = RecordingRunner(SystemRunner(), path: folder.file("runs"), rewrite: rewrite)
        let listing = try await recorder.run(Invocation("ls", [folder.path]))
        let replay = try ReplayingRunner(path: folder.file("runs"), rewrite: rewrite)
        #expect(replay.unused.map(\.shellQuoted) == ["ls /TMP"])
        #expect(try await replay.run(Invocation("ls", [folder.path])).text == listing.text)
    }

    @Test func `a file that cannot be recorded to or replayed from is named`() async throws {
        let recorder = RecordingRunner(SystemRunner(), path: "/no/such/file")
        let error = await reason { _ = try await recorder.run(Invocation("true", [])) }
        #expect(error == .unusablePath("/no/such/file", 2))
        #expect(throws: ReplayError.self) { try ReplayingRunner(path: "/no/such/file") }
        let folder = try TemporaryFolder()
        let path = try folder.write("{\"tool\": 1}\n", to: "runs")
        let broken = #expect(throws: ReplayError.self) { try ReplayingRunner(path: path) }
        #expect(broken?.description.hasPrefix("\(path):1: ") == true)
    }
}

/// Lines that several tasks may add to.
final class Log: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock(\.self) }

    func add(_ line: String) {
        state.withLock { $0.append(line) }
    }
}
