import SystemLibraries
import TestSupport
import Testing

@testable import ChildProcess

@Suite struct ProcessIdentityTests {
    @Test func `this process is alive and knows its command line and parent`() throws {
        let me = ProcessIdentity.current
        #expect(me.pid == getpid())
        #expect(me.isAlive)
        #expect(me == ProcessIdentity(pid: getpid()))
        #expect(me.parent?.pid == getppid())
        #expect(me.commandLine == CommandLine.arguments)
    }

    @Test func `it survives being written to a file`() throws {
        let json = try JSONEncoder().encode(ProcessIdentity.current)
        #expect(try JSONDecoder().decode(ProcessIdentity.self, from: json) == .current)
    }

    @Test func `ids that no process can have name none`() {
        for pid: Int32 in [0, -1, .max, .min] {
            #expect(ProcessIdentity(pid: pid) == nil)
            var identity = ProcessIdentity.current
            identity.pid = pid
            #expect(!identity.isAlive)
            #expect(!identity.send(0))
        }
    }

    @Test func `a process that got the id of another is not signalled`() async throws {
        let run = BackgroundRun(shell("echo $$; exec sleep 600"))
        let child = try await run.firstProcesses(1)[0]
        var earlier = child
        earlier.startTicks -= 1
        var otherBoot = child
        otherBoot.bootID = "another"
        for stranger in [earlier, otherBoot] {
            #expect(!stranger.isAlive)
            #expect(!stranger.send(SIGKILL))
            #expect(await stranger.end())
            #expect(stranger.commandLine == nil)
            #expect(stranger.descendants().isEmpty)
        }
        #expect(child.isAlive)
        #expect(child.send(SIGKILL))
        #expect(try await run.task.value.exit == .signal(SIGKILL))
        #expect(!child.isAlive)
        #expect(!child.send(0))
    }

    @Test func `a zombie counts as gone`() async throws {
        let spawn = Spawn(path: "/bin/sh", arguments: ["sh", "-c", "exit 5"], environment: [:])
        let pid = try spawn.start()
        let identity = ProcessIdentity(entryOf: pid)
        #expect(await eventually { ProcessTable.entry(pid)?.isZombie == true })
        #expect(!identity.isAlive)
        #expect(!identity.send(0))
        #expect(ProcessIdentity(pid: pid) == nil)
        #expect(reap(pid) == .code(5))
        #expect(ProcessTable.entry(pid) == nil)
    }

    @Test func `descendants come with parents before their children`() async throws {
        let run = BackgroundRun(
            shell("echo $$; sh -c 'echo $$; sh -c \"echo \\$\\$; sleep 600 & wait\" & wait' & wait")
        )
        let chain = try await run.firstProcesses(3)
        #expect(await eventually { chain[0].descendants().count == 3 })
        let family = chain[0].descendants()
        #expect(Array(family.prefix(2)) == Array(chain.dropFirst()))
        #expect(family.last?.commandLine == ["sleep", "600"])
        #expect(family.last?.parent == chain[2])
        #expect(chain[0].parent == .current)
        #expect(ProcessIdentity.current.descendants().contains(chain[2]))
        run.task.cancel()
        _ = await run.task.result
        #expect(family.allSatisfy { !$0.isAlive })
    }

    @Test func `ending asks with TERM first and kills what ignores it`() async throws {
        let folder = try TemporaryFolder()
        for (trap, grace) in [("exit 3", Duration.seconds(600)), ("", .milliseconds(100))] {
            let run = BackgroundRun(
                shell("trap '\(trap)' TERM; echo $$; \(staysBusy)"))
            let child = try await run.firstProcesses(1)[0]
            #expect(await child.end(grace: grace))
            let exit = try await run.task.value.exit
            #expect(exit == (trap.isEmpty ? .signal(SIGKILL) : .code(3)))
        }
        #expect(try folder.names().isEmpty)
    }

    @Test func `ending goes on in a cancelled task`() async throws {
        let run = BackgroundRun(shell("trap '' TERM; echo $$; \(staysBusy)"))
        let child = try await run.firstProcesses(1)[0]
        let task = Task {
            try? await Task.sleep(for: .seconds(300))
            return await child.end(grace: .milliseconds(50))
        }
        task.cancel()
        #expect(await task.value)
        #expect(!child.isAlive)
        #expect(try await run.task.value.exit == .signal(SIGKILL))
    }

    #if os(Linux)
        @Test func `a program's name may hold brackets and spaces`() throws {
            let fields = "S 7 8 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0"
            let entry = try #require(ProcessTable.parse(Array("42 (a) b) Z (c) \(fields)".utf8)))
            #expect(
                entry
                    == ProcessEntry(
                        pid: 42, parent: 7, group: 8, startTicks: 12345, isZombie: false))
            let zombie = "42 (x) Z\(fields.dropFirst())"
            #expect(ProcessTable.parse(Array(zombie.utf8))?.isZombie == true)
            for broken in ["", "42", "42 (x", "42 (x) S 1", "x (y) \(fields)"] {
                #expect(ProcessTable.parse(Array(broken.utf8)) == nil)
            }
        }
    #endif
}
