import SystemLibraries
import TestSupport
import Testing

@testable import ChildProcess

/// How a run is cut short.
@Suite struct EndingTests {
    /// Prints its own id and that of a child which called `setsid`, and waits for it.
    static let withOwnSession = """
        setsid sh -c 'echo $$; exec sleep 600' & sleep 0.01; echo $$; wait
        """

    @Test func `a child that ignores TERM is killed after the grace period`() async throws {
        let run = BackgroundRun(
            shell("trap '' TERM; echo $$; \(staysBusy)"),
            on: SystemRunner(grace: .milliseconds(300)))
        let child = try await run.firstProcesses(1)[0]
        let start = ContinuousClock.now
        run.task.cancel()
        #expect(await reason { _ = try await run.task.value } == .cancelled)
        #expect(ContinuousClock.now - start >= .milliseconds(300))
        #expect(!child.isAlive)
    }

    @Test func `a child may clean up on TERM`() async throws {
        let folder = try TemporaryFolder()
        let run = BackgroundRun(
            shell(
                """
                trap 'echo bye >&2; echo done > "$1"; exit 3' TERM; echo $$
                \(staysBusy)
                """,
                folder.file("mark")),
            on: SystemRunner(grace: .seconds(600)))
        let child = try await run.firstProcesses(1)[0]
        run.task.cancel()
        let error = await #expect(throws: InvocationError.self) { try await run.task.value }
        #expect(error?.reason == .cancelled)
        #expect(error?.tail.hasSuffix("bye") == true)
        #expect(try folder.text("mark") == "done\n")
        #expect(!child.isAlive)
    }

    @Test func `a member of the group that outlives the child is killed too`() async throws {
        let run = BackgroundRun(
            shell("sh -c 'trap \"\" TERM; echo $$; \(staysBusy)' & wait"),
            on: SystemRunner(grace: .milliseconds(200)))
        let member = try await run.firstProcesses(1)[0]
        run.task.cancel()
        #expect(await reason { _ = try await run.task.value } == .cancelled)
        #expect(!member.isAlive)
    }

    @Test func `TERM reaches the whole group`() async throws {
        let folder = try TemporaryFolder()
        let run = BackgroundRun(
            shell(
                """
                sh -c 'trap "echo done > \\"$1\\"; exit" TERM; echo $$; \(staysBusy)' sh "$1" & wait
                """, folder.file("mark")),
            on: SystemRunner(grace: .seconds(600)))
        let member = try await run.firstProcesses(1)[0]
        run.task.cancel()
        #expect(await reason { _ = try await run.task.value } == .cancelled)
        #expect(try folder.text("mark") == "done\n")
        #expect(!member.isAlive)
    }

    @Test func `a member of the group whose own parent has ended is killed too`() async throws {
        let run = BackgroundRun(
            shell("(sh -c 'trap \"\" TERM; echo $$; \(staysBusy)' &); sleep 600"),
            on: SystemRunner(grace: .milliseconds(200)))
        let member = try await run.firstProcesses(1)[0]
        // The subshell that started it has ended, so it descends from the child no more.
        #expect(await eventually { member.parent?.parent != .current })
        run.task.cancel()
        #expect(await reason { _ = try await run.task.value } == .cancelled)
        #expect(!member.isAlive)
    }

    @Test func `a tree that keeps forking into new sessions leaves nothing behind`() async throws {
        let script = "echo $$; for i in $(seq 300); do setsid sleep 600.$1 & done; sleep 600"
        // Tells these from the sleeps of other tests.
        let mark = "\(UInt64.random(in: 1...999_999_999))"
        let run = BackgroundRun(shell(script, mark))
        _ = try await run.firstProcesses(1)
        let running = { ProcessTable.read().entries.filter { isSleep($0.pid, mark) }.count }
        #expect(await eventually { running() > 20 })
        run.task.cancel()
        #expect(await reason { _ = try await run.task.value } == .cancelled)
        #expect(running() == 0)
    }

    private func isSleep(_ pid: Int32, _ mark: String) -> Bool {
        ProcessIdentity.commandLine(of: pid) == ["sleep", "600.\(mark)"]
    }

    @Test func `a stopped child is ended without waiting for the grace period`() async throws {
        let run = BackgroundRun(
            shell("echo $$; kill -STOP $$; sleep 600"), on: SystemRunner(grace: .seconds(600)))
        let child = try await run.firstProcesses(1)[0]
        let start = ContinuousClock.now
        run.task.cancel()
        #expect(await reason { _ = try await run.task.value } == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(300))
        #expect(!child.isAlive)
    }

    /// Runs the script into its deadline and returns what it printed by then.
    ///
    /// The first deadline is long enough for all but a machine that stands still; then it is
    /// tried again with a longer one, so that the test never depends on the machine.
    private func runIntoDeadline(_ script: String, lines: Int) async throws -> [String] {
        var printed: [String] = []
        var tail: String?
        for deadline in [Duration.milliseconds(600), .seconds(3), .seconds(20), .seconds(300)] {
            let run = BackgroundRun(shell(script, deadline: deadline))
            let error = await #expect(throws: InvocationError.self) { try await run.task.value }
            #expect(error?.reason == .timedOut)
            (printed, tail) = (run.lines, error?.tail)
            if printed.count == lines && tail == "slow" { break }
        }
        #expect(tail == "slow")
        try #require(printed.count == lines)
        return printed
    }

    @Test func `a deadline ends the child`() async throws {
        let printed = try await runIntoDeadline("echo slow >&2; echo $$; exec sleep 600", lines: 1)
        #expect(ProcessIdentity(pid: try #require(Int32(printed[0]))) == nil)
    }

    @Test func `a deadline of zero and one of centuries are both possible`() async throws {
        let now = await reason {
            _ = try await SystemRunner().run(Invocation("sleep", ["600"], deadline: .zero))
        }
        #expect(now == .timedOut)
        let never = Invocation("true", [], deadline: .seconds(Int64.max))
        #expect(try await SystemRunner().run(never).succeeded)
    }

    #if os(Linux)
        @Test func `a grandchild in its own session is ended on cancellation`() async throws {
            let run = BackgroundRun(shell(EndingTests.withOwnSession))
            let both = try await run.firstProcesses(2)
            let groups = Set(both.compactMap { $0.entry?.group })
            #expect(groups.count == 2, "the grandchild has to be out of the group's reach")
            run.task.cancel()
            #expect(await reason { _ = try await run.task.value } == .cancelled)
            #expect(both.allSatisfy { !$0.isAlive })
        }

        @Test func `a grandchild in its own session is ended at the deadline`() async throws {
            let script = """
                echo slow >&2; cut -d' ' -f1,5 /proc/$$/stat
                setsid sh -c 'cut -d" " -f1,5 /proc/$$/stat; exec sleep 600' & wait
                """
            let printed = try await runIntoDeadline(script, lines: 2)
                .map { $0.split(separator: " ") }
            #expect(Set(printed.map(\.[1])).count == 2, "it has to be out of the group's reach")
            for ids in printed {
                let pid = try #require(Int32(ids[0]))
                #expect(ProcessIdentity(pid: pid) == nil)
            }
        }

        @Test func `one in its own session that ignores TERM is killed`() async throws {
            let run = BackgroundRun(
                shell(
                    "setsid sh -c 'trap \"\" TERM; echo $$; \(staysBusy)' & wait"),
                on: SystemRunner(grace: .milliseconds(200)))
            let survivor = try await run.firstProcesses(1)[0]
            run.task.cancel()
            #expect(await reason { _ = try await run.task.value } == .cancelled)
            #expect(!survivor.isAlive)
        }

        @Test func `one in its own session gets TERM and may clean up`() async throws {
            let folder = try TemporaryFolder()
            let script = """
                setsid sh -c 'trap "echo note >&2; echo done > \\"$1\\"; exit" TERM; echo $$
                \(staysBusy)' sh "$1" & wait
                """
            let run = BackgroundRun(
                shell(script, folder.file("mark")), on: SystemRunner(grace: .seconds(600)))
            let process = try await run.firstProcesses(1)[0]
            run.task.cancel()
            #expect(await reason { _ = try await run.task.value } == .cancelled)
            #expect(try folder.text("mark") == "done\n")
            #expect(!process.isAlive)
        }
    #endif

    @Test func `a task cancelled before starts nothing`() async throws {
        let folder = try TemporaryFolder()
        let run = Task {
            // Cancelled while it is not yet running anything.
            try? await Task.sleep(for: .seconds(300))
            return try await SystemRunner().run(Invocation("touch", [folder.file("mark")]))
        }
        run.cancel()
        #expect(await reason { _ = try await run.value } == .cancelled)
        #expect(try folder.names().isEmpty)
    }

    @Test func `twenty runs cancelled at once all end`() async throws {
        let runs = (0..<20).map { _ in BackgroundRun(shell("echo $$; sleep 600 & wait")) }
        var children: [ProcessIdentity] = []
        for run in runs { children += try await run.firstProcesses(1) }
        #expect(Set(children).count == 20)
        for run in runs { run.task.cancel() }
        for run in runs {
            #expect(await reason { _ = try await run.task.value } == .cancelled)
        }
        #expect(children.allSatisfy { !$0.isAlive })
    }

    @Test func `cleaning up works in a cancelled task`() async throws {
        let folder = try TemporaryFolder()
        let task = Task {
            try? await Task.sleep(for: .seconds(300))
            #expect(Task.isCancelled)
            return try await withUncancelled {
                try await SystemRunner().run(Invocation("touch", [folder.file("mark")]))
            }
        }
        task.cancel()
        #expect(try await task.value.succeeded)
        #expect(try folder.names() == ["mark"])
    }
}
