import Synchronization

/// What happens while a command works, for whoever shows it.
public enum ActivityEvent: Sendable {
    /// A step began.
    case started(step: Int, name: String)
    /// A running step says how far it is, in a few words.
    case progressed(step: Int, detail: String)
    /// A workload that a running step waits for came further, or got into trouble.
    case rollout(step: Int, RolloutProgress)
    /// A step ended well; `detail` is what it found or did, in a few words.
    case finished(step: Int, name: String, detail: String?, duration: Duration)
    /// A step ended whose result, or error, is all that is shown of it.
    case looked(step: Int, name: String, duration: Duration)
    /// A step ended with an error, which is reported by whoever catches it.
    case failed(step: Int, name: String, duration: Duration)
    /// A step was cut short: by the user, or by the failure of another beside it.
    case cancelled(step: Int, name: String, duration: Duration)
    /// Something the user should know that is no error.
    case warning(String)
    /// A line of plain information.
    case note(String)
}

/// Receives what happens while a command works.
public protocol Activity: Sendable {
    /// Shows or stores the event; called from any task, returns at once.
    func report(_ event: ActivityEvent)
}

/// A step that is under way.
public struct ActivityStep: Sendable {
    let id: Int
    let activity: any Activity

    /// Says how far the step is, in a few words.
    public func progress(_ detail: String) {
        activity.report(.progressed(step: id, detail: detail))
    }

    /// Says how far one of several rollouts is.
    package func report(_ progress: RolloutProgress) {
        activity.report(.rollout(step: id, progress))
    }
}

/// Numbers steps, so that several can be under way at once.
private let stepCounter = Atomic<Int>(0)

extension Activity {
    /// Runs `body` as a step that leaves no line: its result is what is shown.
    public func look<Value: Sendable>(
        _ name: String, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let id = stepCounter.add(1, ordering: .relaxed).newValue
        let start = ContinuousClock.now
        report(.started(step: id, name: name))
        defer { report(.looked(step: id, name: name, duration: ContinuousClock.now - start)) }
        return try await body()
    }

    /// Runs `body` as a step: reports its start, its end and how long it took.
    ///
    /// - Parameter detail: what to say about the result; nil says nothing.
    public func step<Value: Sendable>(
        _ name: String, detail: @Sendable (Value) -> String? = { _ in nil },
        _ body: @Sendable (ActivityStep) async throws -> Value
    ) async throws -> Value {
        let id = stepCounter.add(1, ordering: .relaxed).newValue
        let start = ContinuousClock.now
        report(.started(step: id, name: name))
        do {
            let value = try await body(ActivityStep(id: id, activity: self))
            report(
                .finished(
                    step: id, name: name, detail: detail(value),
                    duration: ContinuousClock.now - start))
            return value
        } catch {
            let duration = ContinuousClock.now - start
            report(
                Task.isCancelled
                    ? .cancelled(step: id, name: name, duration: duration)
                    : .failed(step: id, name: name, duration: duration))
            throw error
        }
    }
}
