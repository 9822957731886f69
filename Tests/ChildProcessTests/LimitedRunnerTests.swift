import Synchronization
import TestSupport
import Testing

@testable import ChildProcess

@Suite struct LimitedRunnerTests {
    /// Lasts until told to go on, and counts how many do at a time.
    final class Gate: Runner {
        private struct State {
            var started: [String] = []
            var open: Set<String> = []
            var running = 0
            var most = 0
        }

        private let state = Mutex(State())

        var started: [String] { state.withLock(\.started) }
        var most: Int { state.withLock(\.most) }

        func open(_ tool: String) {
            state.withLock { _ = $0.open.insert(tool) }
        }

        func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
            state.withLock { state in
                state.started.append(invocation.tool)
                state.running += 1
                state.most = max(state.most, state.running)
            }
            defer { state.withLock { $0.running -= 1 } }
            while !state.withLock({ $0.open.contains(invocation.tool) }) {
                try await Task.sleep(for: .milliseconds(2))
            }
            return Outcome(invocation: invocation)
        }
    }

    let gate = Gate()

    /// Starts the runs one after the other, each once the one before is at its place.
    private func start(_ tools: [String], on runner: LimitedRunner) async throws
        -> [Task<Outcome, any Error>]
    {
        var tasks: [Task<Outcome, any Error>] = []
        for tool in tools {
            tasks.append(Task { try await runner.run(Invocation(tool, [])) })
            let isThere = await eventually { gate.started.count + runner.waiting == tasks.count }
            try #require(isThere)
        }
        return tasks
    }

    @Test func `no more than the limit run at once, and all do`() async throws {
        let counter = Counter(SystemRunner())
        let runner = LimitedRunner(counter, limit: 3)
        let outcomes = try await withThrowingTaskGroup { group in
            for number in 0..<12 {
                group.addTask { try await runner.run(shell("sleep 0.1; echo $1", "\(number)")) }
            }
            return try await group.reduce(into: []) { $0.append($1.text) }
        }
        #expect(Set(outcomes) == Set((0..<12).map { "\($0)\n" }))
        #expect(counter.most == 3)
    }

    @Test func `those that wait start in the order they came`() async throws {
        let runner = LimitedRunner(gate, limit: 1)
        let tasks = try await start(["a", "b", "c", "d"], on: runner)
        for tool in ["a", "b", "c", "d"] {
            #expect(await eventually { gate.started.last == tool })
            gate.open(tool)
        }
        for task in tasks { _ = try await task.value }
        #expect(gate.started == ["a", "b", "c", "d"])
        #expect(gate.most == 1)
    }

    @Test func `one cancelled while it waits throws and gives its turn to the next`() async throws {
        let runner = LimitedRunner(gate, limit: 1)
        let tasks = try await start(["a", "b", "c"], on: runner)
        tasks[1].cancel()
        #expect(await reason { _ = try await tasks[1].value } == .cancelled)
        gate.open("a")
        gate.open("c")
        _ = try await tasks[0].value
        _ = try await tasks[2].value
        #expect(gate.started == ["a", "c"])
    }

    @Test func `one that fails frees its place`() async throws {
        let base = ScriptedRunner()
        base.expect("fails", throwing: .timedOut)
        base.expect("works")
        let runner = LimitedRunner(base, limit: 1)
        #expect(await reason { _ = try await runner.run(Invocation("fails", [])) } == .timedOut)
        #expect(try await runner.run(Invocation("works", [])).succeeded)
    }

    @Test func `cancelling all of many loses no place`() async throws {
        let runner = LimitedRunner(gate, limit: 2)
        for _ in 0..<20 {
            let tasks = (0..<10).map { _ in
                Task { try await runner.run(Invocation("never", [])) }
            }
            await Task.yield()
            for task in tasks { task.cancel() }
            for task in tasks { _ = await task.result }
        }
        gate.open("a")
        gate.open("b")
        let last = ["a", "b"].map { tool in Task { try await runner.run(Invocation(tool, [])) } }
        for task in last { #expect(try await task.value.succeeded) }
        #expect(gate.most <= 2)
    }
}

/// Counts how many runs there are at a time.
private final class Counter: Runner {
    private let base: any Runner
    private let state = Mutex((now: 0, most: 0))

    init(_ base: any Runner) {
        self.base = base
    }

    var most: Int { state.withLock { $0.most } }

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
        defer { state.withLock { $0.now -= 1 } }
        return try await base.run(invocation, onOutput: onOutput)
    }
}
