public import SystemLibraries

/// A piece of what a child printed, as it arrives.
public struct OutputChunk: Sendable {
    /// Which stream it came from.
    public enum Stream: Sendable {
        /// Standard output.
        case output
        /// Standard error.
        case error
    }

    /// Which stream it came from.
    public var stream: Stream
    /// The bytes; a line may be split over chunks.
    public var bytes: Data

    /// Wraps bytes read from a stream.
    public init(stream: Stream, bytes: Data) {
        self.stream = stream
        self.bytes = bytes
    }
}

/// Called with output as it arrives, on the thread that reads it; must not block.
public typealias OutputHandler = @Sendable (OutputChunk) -> Void

/// Runs child processes. Everything the tool does to the outside world goes through one.
public protocol Runner: Sendable {
    /// Runs the invocation to its end.
    ///
    /// A non-zero exit code is a normal result. All output is collected in the outcome, also
    /// when `onOutput` sees it as it arrives. Cancelling the task ends the child (TERM to its
    /// group, a grace period, KILL) and returns only after it was reaped.
    /// - Throws: `InvocationError`: not found, not started, timed out, cancelled, too much output.
    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome
}

extension Runner {
    /// Runs the invocation to its end and returns what it printed.
    ///
    /// - Throws: `InvocationError`: not found, not started, timed out, cancelled, too much output.
    public func run(_ invocation: Invocation) async throws -> Outcome {
        try await run(invocation, onOutput: nil)
    }
}
