import ChildProcess
import Synchronization
import SystemLibraries
import TestSupport
import Testing

/// A shell script; `$1` and so on are the arguments.
func shell(
    _ script: String, _ arguments: String..., environment: [String: String] = [:],
    input: Invocation.Input = .none, directory: String? = nil,
    deadline: Duration = .seconds(600), outputLimit: Int = Invocation.defaultOutputLimit
) -> Invocation {
    Invocation(
        "sh", ["-c", script, "sh"] + arguments, environment: environment, input: input,
        directory: directory, deadline: deadline, outputLimit: outputLimit)
}

/// A line of script that lasts, though not for ever should a test fail to end it, and lets the
/// shell act on signals.
let staysBusy = "for i in $(seq 12000); do sleep 0.05; done"

/// The reason of the `InvocationError` the body throws; nil, and a failed test, if it does not.
func reason(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> InvocationError.Reason? {
    await #expect(throws: InvocationError.self, sourceLocation: sourceLocation) {
        try await body()
    }?.reason
}

/// A run in a task of its own, whose output can be waited for while it goes on.
final class BackgroundRun: Sendable {
    let task: Task<Outcome, any Error>
    private let received: Lines

    init(_ invocation: Invocation, on runner: any Runner = SystemRunner()) {
        let lines = Lines()
        received = lines
        task = Task {
            try await runner.run(invocation) { chunk in
                if chunk.stream == .output { lines.append(chunk.bytes) }
            }
        }
    }

    /// The complete lines of standard output so far.
    var lines: [String] { received.complete }

    /// Waits for that many complete lines of standard output.
    func firstLines(_ count: Int) async throws -> [String] {
        let isThere = await eventually { lines.count >= count }
        try #require(isThere, "the child printed \(lines)")
        return Array(lines.prefix(count))
    }

    /// The processes whose ids the child prints first, all of them running.
    func firstProcesses(_ count: Int) async throws -> [ProcessIdentity] {
        try await firstLines(count).map { line in
            let pid = try #require(Int32(line))
            return try #require(ProcessIdentity(pid: pid))
        }
    }

    private final class Lines: Sendable {
        private let bytes = Mutex(Data())

        func append(_ new: Data) {
            bytes.withLock { $0.append(new) }
        }

        var complete: [String] {
            let text = bytes.withLock { String(decoding: $0, as: UTF8.self) }
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .map(String.init)
        }
    }
}
