public import ChildProcess
import Synchronization
import SystemLibraries
public import Testing

/// Answers invocations as a test scripted them, and starts nothing.
///
/// A call that no stub answers fails the test and throws; a stub never used fails the test when
/// the runner goes away, or at `verify()`.
///
///     let runner = ScriptedRunner()
///     runner.expect("podman", ["image", "inspect"], returning: .ok(json))
///     runner.expect("podman", ["push"], throwing: .timedOut)
///     try await publish(using: runner)
///     #expect(runner.calls.map(\.tool) == ["podman", "podman"])
public final class ScriptedRunner: Runner {
    /// Which of the stubs may answer a call.
    public enum Order: Sendable {
        /// The first one left that matches.
        case any
        /// Only the first one left; calls come in the order of the script.
        case scripted
    }

    /// Works out what a stubbed run ends with.
    public typealias Answer = @Sendable (Invocation) async throws -> Outcome
    /// Decides whether a stub answers an invocation.
    public typealias Predicate = @Sendable (Invocation) -> Bool

    private struct Stub {
        var name: String
        var matches: Predicate
        /// What it prints before it answers.
        var first: Data
        var answer: Answer
        /// How often it may still answer; nil is any number of times, also never.
        var uses: Int?
        var location: SourceLocation
    }

    private struct State {
        var stubs: [Stub] = []
        var calls: [Invocation] = []
        var unexpected: [Invocation] = []
    }

    private let order: Order
    private let state = Mutex(State())

    /// Makes a runner that expects nothing yet.
    public init(order: Order = .any) {
        self.order = order
    }

    deinit {
        verify()
    }

    /// Every invocation so far, also those that no stub answered.
    public var calls: [Invocation] {
        state.withLock { $0.calls }
    }

    /// Every invocation so far as a line of shell, for assertions that are easy to read.
    public var commands: [String] {
        calls.map(\.shellQuoted)
    }

    /// Expects runs of the tool whose arguments begin with these.
    ///
    /// - Parameters:
    ///   - delay: how long each takes; cancelling ends it early with `.cancelled`.
    ///   - times: how often it will be run; nil is any number of times, also never.
    public func expect(
        _ tool: String, _ prefix: [String] = [], returning outcome: Outcome = .ok(),
        after delay: Duration = .zero, times: Int? = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(tool, prefix, times: times, sourceLocation: sourceLocation) { invocation in
            try await ScriptedRunner.pause(delay, invocation)
            return outcome
        }
    }

    /// Expects runs of the tool whose arguments begin with these, and lets them fail so.
    public func expect(
        _ tool: String, _ prefix: [String] = [], throwing reason: InvocationError.Reason,
        after delay: Duration = .zero, times: Int? = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(tool, prefix, times: times, sourceLocation: sourceLocation) { invocation in
            try await ScriptedRunner.pause(delay, invocation)
            throw InvocationError(reason, invocation)
        }
    }

    /// Expects runs of the tool that last until the task is cancelled.
    public func expectHanging(
        _ tool: String, _ prefix: [String] = [], times: Int? = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(tool, prefix, times: times, sourceLocation: sourceLocation) { invocation in
            while true { try await ScriptedRunner.pause(.seconds(3600), invocation) }
        }
    }

    /// Expects runs of the tool whose arguments begin with these, answered by a closure.
    public func expect(
        _ tool: String, _ prefix: [String] = [], times: Int? = 1,
        sourceLocation: SourceLocation = #_sourceLocation, answering answer: @escaping Answer
    ) {
        expect(
            where: { $0.tool == tool && $0.arguments.starts(with: prefix) },
            named: Invocation(tool, prefix).shellQuoted + " …", times: times,
            sourceLocation: sourceLocation, answering: answer)
    }

    /// Expects runs that the predicate accepts, answered by a closure.
    ///
    /// - Parameters:
    ///   - name: names the stub in a report that it was never used.
    ///   - first: what the run prints before it is answered, for those that last.
    public func expect(
        where predicate: @escaping Predicate, named name: String = "a predicate",
        times: Int? = 1, printing first: Data = Data(),
        sourceLocation: SourceLocation = #_sourceLocation, answering answer: @escaping Answer
    ) {
        let stub = Stub(
            name: name, matches: predicate, first: first, answer: answer, uses: times,
            location: sourceLocation)
        state.withLock { $0.stubs.append(stub) }
    }

    /// Stubs not used as often as they had to be, by name.
    public var unused: [String] {
        state.withLock { state in
            state.stubs.filter { $0.uses != nil }.map(\.name)
        }
    }

    /// Fails the test for every stub not used, and forgets the stubs.
    public func verify() {
        let stubs = state.withLock { state in
            defer { state.stubs = [] }
            return state.stubs.filter { $0.uses != nil }
        }
        for stub in stubs {
            let times = stub.uses ?? 0
            Issue.record(
                "expected but never run (\(times) more): \(stub.name)",
                sourceLocation: stub.location)
        }
    }

    /// Answers from the script; scripted output is also handed to `onOutput`.
    ///
    /// - Throws: `UnexpectedInvocation`, what the stub throws, `.cancelled`.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard !Task.isCancelled else { throw InvocationError(.cancelled, invocation) }
        guard let stub = take(invocation) else {
            let error = UnexpectedInvocation(invocation: invocation, stubs: unused)
            Issue.record("\(error)")
            throw error
        }
        if !stub.first.isEmpty { onOutput?(OutputChunk(stream: .output, bytes: stub.first)) }
        var outcome = try await stub.answer(invocation)
        outcome.invocation = invocation
        for (stream, bytes) in [
            (OutputChunk.Stream.output, outcome.output), (.error, outcome.errorOutput),
        ] where !bytes.isEmpty {
            onOutput?(OutputChunk(stream: stream, bytes: bytes))
        }
        return outcome
    }

    private func take(_ invocation: Invocation) -> Stub? {
        state.withLock { state in
            state.calls.append(invocation)
            let candidates = order == .any ? state.stubs.indices : state.stubs.indices.prefix(1)
            guard let index = candidates.first(where: { state.stubs[$0].matches(invocation) })
            else { return nil }
            let stub = state.stubs[index]
            if let uses = stub.uses {
                state.stubs[index].uses = uses - 1
                if uses <= 1 { state.stubs.remove(at: index) }
            }
            return stub
        }
    }

    private static func pause(_ delay: Duration, _ invocation: Invocation) async throws {
        do {
            try await Task.sleep(for: delay)
        } catch {
            throw InvocationError(.cancelled, invocation)
        }
    }
}

/// A call that a `ScriptedRunner` has no stub for.
public struct UnexpectedInvocation: Error, CustomStringConvertible {
    /// What was run.
    public var invocation: Invocation
    /// The stubs left at that time, by name.
    public var stubs: [String]

    /// The command, and what would have been answered.
    public var description: String {
        let expected = stubs.isEmpty ? "nothing more" : stubs.joined(separator: "; ")
        return "unexpected command: \(invocation.shellQuoted)\nexpected: \(expected)"
    }
}
