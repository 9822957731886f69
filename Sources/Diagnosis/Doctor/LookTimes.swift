import ChildProcess
import Synchronization
import Vocabulary

/// How long the looks of one `doctor` may take, and which of them were slow.
final class LookTimes: Sendable {
    /// From then on a program is slow: it answers in milliseconds on a machine that has time.
    static let slow = Duration.seconds(3)

    /// When all of them have to be done.
    let end: ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var slow: [String: Duration] = [:]
        var onWait: @Sendable (String) -> Void = { _ in }
    }

    init(end: ContinuousClock.Instant) { self.end = end }

    /// Sets who is told what is waited for.
    func onWait(_ report: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.onWait = report }
    }

    /// Tells what is waited for.
    func tell(_ invocation: Invocation) {
        let report = state.withLock { $0.onWait }
        report(Self.name(invocation))
    }

    /// Notes how long a program took that answered.
    func note(_ outcome: Outcome) {
        guard outcome.duration >= Self.slow else { return }
        let name = Self.name(outcome.invocation)
        state.withLock { $0.slow[name] = max($0.slow[name] ?? .zero, outcome.duration) }
    }

    /// The finding about programs that answered, and took long; nil where none did.
    var finding: Finding? {
        let slow = state.withLock { $0.slow }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard let first = slow.first else { return nil }
        let others = slow.count > 1 ? ", \(counted(slow.count - 1, "other")) over 3 s too" : ""
        return Finding(
            "machine", .warning,
            "it is slow: '\(first.key)' took \(HumanDuration(first.value))\(others)",
            remedy: "see what else runs: top -o %CPU; then 'devcluster doctor' again")
    }

    private static func name(_ invocation: Invocation) -> String {
        let words = invocation.arguments.filter { !$0.hasPrefix("-") }
        // The verb comes behind options with values: '--context C get'.
        let verb = words.first { ["exec", "get", "config", "version", "info", "ps"].contains($0) }
        return ([invocation.tool] + [verb ?? words.first].compactMap(\.self))
            .map { ShownText.line($0) }.joined(separator: " ")
    }
}
