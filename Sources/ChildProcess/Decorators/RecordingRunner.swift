#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Appends every run to a file that `ReplayingRunner` answers from; makes test fixtures.
///
/// One JSON object a line. Secret input is left out, and blanked out where a tool repeats it.
/// What throws (not found, deadline …) and what a dry run skipped is not recorded.
public struct RecordingRunner: Runner {
    private let base: any Runner
    private let path: String
    private let rewrite: @Sendable (Invocation) -> Invocation

    /// - Parameters:
    ///   - path: the file; made with mode 0600 if missing, appended to otherwise.
    ///   - rewrite: changes what is recorded, not what is run; takes temporary paths and other
    ///     accidents of one machine out.
    public init(
        _ base: any Runner, path: String,
        rewrite: @escaping @Sendable (Invocation) -> Invocation = { $0 }
    ) {
        self.base = base
        self.path = path
        self.rewrite = rewrite
    }

    /// Runs the invocation and records it.
    ///
    /// - Throws: what the base throws; `.unusablePath` if the file cannot be written.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        let outcome = try await base.run(invocation, onOutput: onOutput)
        if outcome.isSkipped { return outcome }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Secrets are taken out with the input that was run, before `rewrite` may replace it.
        var recording = Recording(outcome, of: invocation)
        recording.invocation = rewrite(invocation).redacted
        try append(try encoder.encode(recording) + [UInt8(ascii: "\n")], invocation)
        return outcome
    }

    private func append(_ line: Data, _ invocation: Invocation) throws(InvocationError) {
        let file = Descriptor(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600))
        // One write, so that lines of parallel runs do not mix.
        let count =
            !file.isOpen
            ? -1
            : line.withUnsafeBytes { bytes in
                retrying { write(file.number, bytes.baseAddress, bytes.count) }
            }
        guard count == line.count else {
            throw InvocationError(.unusablePath(path, count < 0 ? errno : ENOSPC), invocation)
        }
    }
}
