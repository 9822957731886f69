import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A question to the user, at the terminal.
enum Question {
    /// Whether an answer is being waited for.
    static let isOpen = Mutex(false)

    /// The answer to a question; nil without a terminal.
    static func ask(_ question: String) -> String? {
        guard Terminal.isTerminal(0), Terminal.isTerminal(2) else { return nil }
        write(2, question)
        isOpen.withLock { $0 = true }
        defer { isOpen.withLock { $0 = false } }
        return readLine() ?? ""
    }
}

/// SIGINT and SIGTERM: the first cancels the work, which ends its children in order; the second
/// ends the process at once.
struct Interruption {
    private final class Received: Sendable {
        let signal = Mutex<Int32?>(nil)
    }

    private let received = Received()
    private let sources: [any DispatchSourceSignal]

    /// The signal that came, if any.
    var signal: Int32? { received.signal.withLock { $0 } }

    init(of work: Task<any Report, any Error>) {
        sources = Interruption.signals.map { [received] number in
            #if canImport(Darwin)
                Darwin.signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // Without @Sendable the closure would inherit an actor and crash on this queue.
            source.setEventHandler { @Sendable in
                let isSecond = received.signal.withLock { known in
                    defer { known = known ?? number }
                    return known != nil
                }
                // Nothing is under way while a question is open, and reading cannot be cancelled.
                if isSecond || Question.isOpen.withLock({ $0 }) { _exit(128 + number) }
                work.cancel()
            }
            source.resume()
            return source
        }
    }

    private static let signals = [SIGINT, SIGTERM]

    /// Keeps the signals pending until the sources read them; called before any other thread runs.
    ///
    /// Dispatch registers a source on a thread of its own, a little later. A signal that came
    /// before would end us with children running, or be lost if it were ignored meanwhile.
    static func holdSignals() {
        var held = sigset_t()
        sigemptyset(&held)
        for number in signals { sigaddset(&held, number) }
        pthread_sigmask(SIG_BLOCK, &held, nil)
    }
}
