import SystemLibraries
import TestSupport
import Testing

@testable import ChildProcess

/// Children that no signal ends: setuid programs, those that hang in the kernel or are frozen.
@Suite struct UnendingTests {
    /// A runner whose signals do not arrive.
    private var powerless: SystemRunner {
        var runner = SystemRunner(grace: .milliseconds(50))
        runner.patience = .milliseconds(50)
        runner.signalGroup = { _, _ in }
        return runner
    }

    /// Ends for good what a test left running, and waits until it is reaped.
    private func end(_ pids: [Int32]) async {
        for pid in pids {
            kill(pid, SIGKILL)
            #expect(await eventually { ProcessTable.entry(pid) == nil }, "\(pid) was not reaped")
        }
    }

    @Test func `a child that does not end at its deadline is named and left`() async throws {
        let error = await #expect(throws: InvocationError.self) {
            try await powerless.run(Invocation("sleep", ["600"], deadline: .milliseconds(100)))
        }
        let pids = try #require(error?.survivors)
        #expect(error?.reason == .timedOut)
        #expect(pids.count == 1)
        #expect(
            error?.description == "sleep took longer than 0.1 s (deadline), and its process"
                + " \(pids[0]) cannot be ended and was left")
        #expect(ProcessIdentity(pid: pids[0])?.commandLine == ["sleep", "600"])
        await end(pids)
    }

    @Test func `a cancelled run does not wait for a child that does not end`() async throws {
        let run = BackgroundRun(shell("echo $$; exec sleep 600"), on: powerless)
        let child = try await run.firstProcesses(1)[0]
        run.task.cancel()
        let error = await #expect(throws: InvocationError.self) { try await run.task.value }
        #expect(error?.reason == .cancelled)
        #expect(error?.survivors == [child.pid])
        #expect(error?.description.hasPrefix("sh was cancelled, and its process") == true)
        await end([child.pid])
    }

    @Test func `a child that prints without end and does not end is left too`() async throws {
        let error = await #expect(throws: InvocationError.self) {
            try await powerless.run(
                shell("trap '' PIPE; echo 12345; exec sleep 600", outputLimit: 3))
        }
        #expect(error?.reason == .outputLimitExceeded)
        await end(try #require(error?.survivors))
    }

    @Test func `a child that ends late, after its KILL, is not left`() async throws {
        var runner = SystemRunner(grace: .milliseconds(50))
        runner.patience = .seconds(600)
        // A kernel that takes its time.
        runner.signalGroup = { group, signal in
            guard signal == SIGKILL else { return }
            try? startThread {
                usleep(200_000)
                kill(-group, signal)
            }
        }
        let error = await #expect(throws: InvocationError.self) {
            try await runner.run(Invocation("sleep", ["600"], deadline: .milliseconds(50)))
        }
        #expect(error?.survivors == [])
        #expect(error?.description == "sleep was ended after 0.05 s (deadline)")
    }
}
