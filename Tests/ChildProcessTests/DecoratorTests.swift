import ChildProcess
import Synchronization
import SystemLibraries
import TestSupport
import Testing

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
}

/// Lines that several tasks may add to.
final class Log: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock(\.self) }

    func add(_ line: String) {
        state.withLock { $0.append(line) }
    }
}
