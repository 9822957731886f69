import ChildProcess
import SystemLibraries
import Testing

@testable import CommandLineTool

/// Ctrl-C, in a process of its own (an exit test).
@Suite struct InterruptionTests {
    /// Keeps every thread of Swift's pool busy, so that no task gets on.
    private static func occupyPool() {
        for _ in 0..<64 {
            Task.detached(priority: .high) { while true { usleep(1000) } }
        }
    }

    /// Interrupts this process again and again.
    private static func interrupt(_ signal: Int32, untilTrue isOver: @escaping @Sendable () -> Bool)
        throws
    {
        try startThread {
            kill(getpid(), signal)
            while !isOver() { usleep(1000) }
            kill(getpid(), signal)
        }
    }

    @Test func `the first is heard and the second ends at once, however busy the pool is`() async {
        await #expect(processExitsWith: .exitCode(130)) {
            let interruption = Interruption.listening()
            InterruptionTests.occupyPool()
            try InterruptionTests.interrupt(SIGINT) { interruption.signal == SIGINT }
            while true { usleep(100_000) }
        }
    }

    @Test func `one that comes before there is work cancels it when there is`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let interruption = Interruption.listening()
            kill(getpid(), SIGTERM)
            while interruption.signal == nil { usleep(1000) }
            let work = Task<Int, any Error> {
                try await Task.sleep(for: .seconds(600))
                return 0
            }
            interruption.cancels(work)
            await #expect(throws: CancellationError.self) { try await work.value }
            exit(7)
        }
    }

    @Test func `a terminal that goes is no matter under nohup`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGHUP, SIG_IGN)
            let interruption = Interruption.listening()
            kill(getpid(), SIGHUP)
            kill(getpid(), SIGTERM)
            while interruption.signal == nil { usleep(1000) }
            exit(interruption.signal == SIGTERM ? 7 : 8)
        }
    }
}
