import Synchronization

/// Runs at most so many children at once; the others wait in the order they came.
///
/// The time spent waiting does not count towards a deadline. Copies share their places.
public struct LimitedRunner: Runner {
    private let base: any Runner
    private let places: Places

    /// - Parameter limit: how many may run at once, 1 or more.
    public init(_ base: any Runner, limit: Int) {
        precondition(limit > 0, "at least one must be able to run")
        self.base = base
        self.places = Places(limit)
    }

    /// How many wait for a place.
    var waiting: Int { places.waiting }

    /// Waits for a free place, then runs the invocation.
    ///
    /// - Throws: what the base throws; `.cancelled` also when cancelled while waiting.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard await places.take() else { throw InvocationError(.cancelled, invocation) }
        defer { places.giveBack() }
        return try await base.run(invocation, onOutput: onOutput)
    }
}

/// A counting semaphore that suspends, first come first served.
private final class Places: Sendable {
    private struct State {
        var free: Int
        var tickets = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Cancelled after drawing a ticket and before waiting with it.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    var waiting: Int { state.withLock { $0.waiting.count } }

    init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// Returns true once a place is taken, false if the task is cancelled before.
    func take() async -> Bool {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    func giveBack() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }

    private func cancel(_ ticket: Int) {
        let waiter: CheckedContinuation<Bool, Never>? = state.withLock { state in
            if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) {
                return state.waiting.remove(at: index).continuation
            }
            state.cancelled.insert(ticket)
            return nil
        }
        waiter?.resume(returning: false)
    }
}
