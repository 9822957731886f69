import ChildProcess
import Vocabulary

/// Reads that failed in a row: one is no information, five that span 30 s end the wait.
package struct ReadFailures {
    private var count = 0
    private var first: ContinuousClock.Instant?
    private let clock: WaitClock

    package init(clock: WaitClock = .continuous) { self.clock = clock }

    /// Whether the last read got no answer.
    var isSilent: Bool { count > 0 }

    package mutating func attempt<Value>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            let value = try await read()
            (count, first) = (0, nil)
            return value
        } catch  where ReadFailures.isSilence(error) {
            let start = first ?? clock.now()
            (count, first) = (count + 1, start)
            guard count < 5 || clock.now() - start < .seconds(30) else {
                throw DevClusterError(
                    .failed, "the API did not answer \(count) times in a row",
                    hint: "devcluster up", cause: error)
            }
            return nil
        }
    }

    /// Whether a read got no answer, as opposed to one that says something.
    private static func isSilence(_ error: any Error) -> Bool {
        let silence =
            error as? InvocationError ?? (error as? DevClusterError)?.cause as? InvocationError
        return silence.map { $0.reason != .cancelled } ?? false
    }
}
