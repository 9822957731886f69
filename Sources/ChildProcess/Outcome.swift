public import SystemLibraries

/// How a child process ended and what it printed. A non-zero exit is an outcome, not an error.
public struct Outcome: Sendable, Hashable {
    /// How the process ended.
    public enum Exit: Sendable, Hashable {
        /// It returned this code, 0 to 255.
        case code(Int32)
        /// This signal ended it.
        case signal(Int32)
    }

    /// What was run.
    public var invocation: Invocation
    /// How it ended.
    public var exit: Exit
    /// Everything it wrote to standard output.
    public var output: Data
    /// Everything it wrote to standard error.
    public var errorOutput: Data
    /// Wall-clock time from spawn to reaped.
    public var duration: Duration
    /// True when a dry run printed the invocation instead of running it; `output` is empty then.
    public var isSkipped: Bool

    /// Puts an outcome together; runners do, and tests.
    public init(
        invocation: Invocation, exit: Exit = .code(0), output: Data = Data(),
        errorOutput: Data = Data(), duration: Duration = .zero, isSkipped: Bool = false
    ) {
        self.invocation = invocation
        self.exit = exit
        self.output = output
        self.errorOutput = errorOutput
        self.duration = duration
        self.isSkipped = isSkipped
    }

    /// Whether it exited with code 0.
    public var succeeded: Bool { exit == .code(0) }

    /// Standard output as text; bytes that are not UTF-8 are replaced by U+FFFD.
    public var text: String { String(decoding: output, as: UTF8.self) }

    /// Standard error as text, without the credentials it repeats; bytes that are not UTF-8 are
    /// replaced by U+FFFD.
    public var errorText: String {
        String(decoding: invocation.input.redacting(errorOutput), as: UTF8.self)
    }

    /// The last line of standard error, fit to be shown; nil when there is none.
    public var lastWords: String? { errorText.lastWords }

    /// The outcome itself if it exited with 0.
    ///
    /// - Throws: `InvocationError` with reason `.failed` otherwise.
    @discardableResult
    public func checked() throws(InvocationError) -> Outcome {
        guard succeeded else {
            throw InvocationError(.failed(exit), invocation, errorOutput: errorOutput)
        }
        return self
    }
}
