import ChildProcess
import Sessions
import Vocabulary

/// Reads that got no answer in a row: each is told, and many that span long end the wait.
///
/// An error is no information: it never means that something is gone.
package struct APIErrorStreak {
    /// What is read, for the messages: `namespace shop`.
    let subject: String
    let activity: any Activity
    /// A read that hangs is no answer either; the next one may get through.
    static let readDeadline = Duration.seconds(10)

    /// How many in a row end the wait, if they also span `span`.
    private let limit = 5
    private let span = Duration.seconds(30)

    private let clock: WaitClock
    private var count = 0
    private var first: ContinuousClock.Instant?

    package init(_ subject: String, _ activity: any Activity, clock: WaitClock = .continuous) {
        self.subject = subject
        self.activity = activity
        self.clock = clock
    }

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
            guard let silence = APIErrorStreak.silence(error) else { throw error }
            let start = first ?? clock.now()
            (count, first) = (count + 1, start)
            let reason = APIErrorStreak.words(of: silence)
            activity.report(
                .warning("reading \(subject) failed (\(count) in a row): \(reason)"))
            guard count < limit || clock.now() - start < span else {
                throw DevClusterError(
                    .failed,
                    "the API did not answer \(count) times in a row, so nobody knows whether"
                        + " \(subject) is gone", hint: "devcluster up", cause: error)
            }
            return nil
        }
    }

    /// The error of a read that got no answer; nil for one that says something.
    private static func silence(_ error: any Error) -> InvocationError? {
        let cause =
            error as? InvocationError ?? (error as? DevClusterError)?.cause as? InvocationError
        return cause?.reason == .cancelled ? nil : cause
    }

    /// The tool's last line, which says most, or what became of the child.
    private static func words(of error: InvocationError) -> String {
        error.lastWords ?? ShownText.line("\(error)")
    }
}
