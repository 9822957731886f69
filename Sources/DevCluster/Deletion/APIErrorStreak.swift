import ChildProcess

/// Reads that got no answer in a row: each is told, and many that span long end the wait.
///
/// An error is no information: it never means that something is gone.
struct APIErrorStreak {
    /// What is read, for the messages: `namespace shop`.
    let subject: String
    let activity: any Activity
    /// How many in a row end the wait, if they also span `span`.
    var limit = 5
    var span: Duration = .seconds(30)

    private var count = 0
    private var first: ContinuousClock.Instant?

    init(_ subject: String, _ activity: any Activity) {
        self.subject = subject
        self.activity = activity
    }

    /// Reads; nil when there was no answer.
    ///
    /// - Throws: `DevClusterError` when that happened too often; whatever else `read` throws.
    mutating func attempt<Value>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            let value = try await read()
            (count, first) = (0, nil)
            return value
        } catch {
            try Task.checkCancellation()
            guard let silence = APIErrorStreak.silence(error) else { throw error }
            let start = first ?? .now
            (count, first) = (count + 1, start)
            let reason = APIErrorStreak.words(of: silence)
            activity.report(
                .warning("reading \(subject) failed (\(count) in a row): \(reason)"))
            guard count < limit || ContinuousClock.now - start < span else {
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
        let lines = String(decoding: error.errorOutput, as: UTF8.self)
            .split(whereSeparator: \.isNewline)
        return ShownText.line(lines.last.map(String.init) ?? "\(error)")
    }
}
