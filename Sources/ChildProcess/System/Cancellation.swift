import Synchronization
import SystemLibraries

/// Carries a task's cancellation to the thread that polls: a pipe whose writing end is closed.
final class Cancellation: Sendable {
    /// Hangs up, which `poll` reports, when cancelled.
    let descriptor: Int32
    private let state: Mutex<State>

    private enum State {
        case waiting(writer: Int32)
        case cancelled
        case over
    }

    init() throws(SystemError) {
        let (reader, writer) = try makePipe()
        descriptor = reader.release()
        state = Mutex(.waiting(writer: writer.release()))
    }

    var isCancelled: Bool {
        state.withLock { state in
            if case .cancelled = state { true } else { false }
        }
    }

    func cancel() {
        state.withLock { state in
            guard case .waiting(let writer) = state else { return }
            closeDescriptor(writer)
            state = .cancelled
        }
    }

    /// Closes both ends; nobody may poll any more.
    func finish() {
        state.withLock { state in
            if case .over = state { return }
            if case .waiting(let writer) = state { closeDescriptor(writer) }
            closeDescriptor(descriptor)
            state = .over
        }
    }

    deinit {
        finish()
    }
}
