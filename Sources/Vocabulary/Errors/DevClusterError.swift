import ChildProcess

/// What went wrong, in words for the user: the only error of the domain.
///
/// The message is lower case, has no full stop and names the object; the hint is a command to
/// type, or says what to do. Thrown upward and printed once, in Main.
public struct DevClusterError: Error, Sendable {
    /// The class of an error, which decides the exit code.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// Name in `--json` output: `failed`, `usage`, `unavailable`, …
        public let name: String
        /// What the process exits with.
        public let exitCode: Int32

        /// What was asked for did not work.
        public static let failed = Code(name: "failed", exitCode: 1)
        /// A check found something: a stale image, a lint finding, a probe that contradicts.
        package static let found = Code(name: "found", exitCode: 2)
        /// A check could not decide, or had nothing to judge.
        package static let undecided = Code(name: "undecided", exitCode: 3)
        /// Wrong usage, or a wrong configuration.
        public static let usage = Code(name: "usage", exitCode: 64)
        /// A tool or the engine is missing or does not answer.
        package static let unavailable = Code(name: "unavailable", exitCode: 69)
        /// A deadline passed.
        package static let deadline = Code(name: "deadline", exitCode: 75)
        /// The user interrupted it.
        public static let interrupted = Code(name: "interrupted", exitCode: 130)

        /// The name.
        public var description: String { name }

        /// The class of an error of any type.
        public init(of error: any Error) {
            switch error {
            case let error as DevClusterError: self = error.code
            case let error as InvocationError:
                switch error.reason {
                case .notFound, .notStarted: self = .unavailable
                case .timedOut: self = .deadline
                case .cancelled: self = .interrupted
                default: self = .failed
                }
            case is CancellationError: self = .interrupted
            default: self = .failed
            }
        }

        private init(name: String, exitCode: Int32) {
            self.name = name
            self.exitCode = exitCode
        }
    }

    /// The class of the error, which decides the exit code.
    public var code: Code
    /// What went wrong; several lines when several things did.
    public var message: String
    /// A command to type, or what to do about it.
    public var hint: String?
    /// The error this one explains.
    public var cause: (any Error)?

    /// Describes what went wrong.
    public init(
        _ code: Code, _ message: String, hint: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
    }
}

extension DevClusterError: CustomStringConvertible {
    /// The message, and the hint in brackets; for logs and tests.
    public var description: String {
        hint.map { "\(message) (\($0))" } ?? message
    }
}
