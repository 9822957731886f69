import ChildProcess
import Sessions
import Vocabulary

/// Reads of the API that got no answer in a row: one is no information, and five that span 30 s end
/// the wait.
///
/// An error never means that something is gone.
package struct APISilence {
    /// A read that hangs is no answer either; the next one may get through.
    static let readDeadline = Duration.seconds(10)

    /// How many in a row end the wait, if they also span `span`.
    private static let limit = 5
    private static let span = Duration.seconds(30)

    /// What is read, for the messages: `namespace shop`; nil where the caller says it.
    private let subject: String?
    /// Where each read without an answer is reported.
    private let activity: (any Activity)?
    private let clock: WaitClock
    private var count = 0
    private var first: ContinuousClock.Instant?

    /// Reports nothing until the wait ends.
    package init(clock: WaitClock = .continuous) {
        self.subject = nil
        self.activity = nil
        self.clock = clock
    }

    /// Reports each read of `subject` that got no answer.
    package init(
        reading subject: String, _ activity: any Activity, clock: WaitClock = .continuous
    ) {
        self.subject = subject
        self.activity = activity
        self.clock = clock
    }

    /// Whether the last read got no answer.
    var isSilent: Bool { count > 0 }

    /// Reads; nil when there was no answer.
    ///
    /// - Throws: `DevClusterError` when that happened too often; whatever else `read` throws.
    package mutating func attempt<Value>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            let value = try await read()
            (count, first) = (0, nil)
            return value
        } catch {
            try Task.checkCancellation()
            guard let silence = APISilence.silence(error) else { throw error }
            let start = first ?? clock.now()
            (count, first) = (count + 1, start)
            report(silence)
            guard count < APISilence.limit || clock.now() - start < APISilence.span else {
                throw DevClusterError(
                    .failed,
                    "the API did not answer \(count) times in a row"
                        + (subject.map { ", so nobody knows what became of \($0)" } ?? ""),
                    hint: "devcluster up", cause: error)
            }
            return nil
        }
    }

    private func report(_ silence: InvocationError) {
        guard let subject else { return }
        // The tool's last line says most; without one, what became of the child.
        let reason = silence.lastWords ?? ShownText.line("\(silence)")
        activity?.report(.warning("reading \(subject) failed (\(count) in a row): \(reason)"))
    }

    /// The error of a read that got no answer; nil for one that says something.
    private static func silence(_ error: any Error) -> InvocationError? {
        let cause =
            error as? InvocationError ?? (error as? DevClusterError)?.cause as? InvocationError
        return cause?.reason == .cancelled ? nil : cause
    }
}
