public import SystemLibraries

/// A child process that could not be run, or did not end as it had to.
public struct InvocationError: Error, Sendable, Hashable {
    /// What went wrong.
    public enum Reason: Sendable, Hashable {
        /// No executable of that name in `PATH`, or no file at that path.
        case notFound
        /// It could not be started; the value is `errno`.
        case notStarted(Int32)
        /// A directory or file the run needs cannot be used: the working directory, or the
        /// output of `spawnDetached`. The path, and `errno`.
        case unusablePath(String, Int32)
        /// It ended otherwise than with exit code 0.
        case failed(Outcome.Exit)
        /// Its deadline passed and it was ended.
        case timedOut
        /// The task was cancelled and the child was ended.
        case cancelled
        /// It printed more than `Invocation.outputLimit` bytes and was ended.
        case outputLimitExceeded
    }

    /// What went wrong.
    public var reason: Reason
    /// What was run.
    public var invocation: Invocation
    /// What it had written to standard error by then.
    public var errorOutput: Data
    /// Process ids of what could not be ended when the run was cut short, and was left alone:
    /// another user's, or one that hangs in the kernel.
    public var survivors: [Int32]

    /// Standard error as text, without the credentials it repeats.
    public var errorText: String {
        String(decoding: invocation.input.redacting(errorOutput), as: UTF8.self)
    }

    /// The last line of standard error, fit to be shown; nil when there is none.
    public var lastWords: String? { errorText.lastWords }

    /// Whether the program ran and said no, so that its own words explain it.
    public var isFailure: Bool {
        if case .failed = reason { true } else { false }
    }

    /// Describes a failed run.
    public init(
        _ reason: Reason, _ invocation: Invocation, errorOutput: Data = Data(),
        survivors: [Int32] = []
    ) {
        self.reason = reason
        self.invocation = invocation
        self.errorOutput = errorOutput
        self.survivors = survivors
    }
}
