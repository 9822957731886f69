import ChildProcess
import Synchronization
import SystemLibraries

/// SIGINT, SIGTERM and SIGHUP: the first cancels the work, which ends its children in order; the
/// second ends the process at once.
///
/// A thread of its own acts on them, since Swift's pool may have no thread left for it, busy
/// with the very work that is to be cancelled.
final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    private init() {}

    /// The signal that came, if any.
    var signal: Int32? { state.withLock { $0.signal } }

    /// Begins to listen; called before there is any work, so that no signal is too early.
    ///
    /// A SIGHUP that is ignored stays so, for `nohup`; a script's `&` ignores SIGINT without
    /// meaning it. Where there is no thread to be had, signals do what they do by themselves.
    static func listening() -> Interruption {
        let interruption = Interruption()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return interruption }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reader = ends[0]
        do throws(SystemError) {
            try startThread { interruption.act(on: reader) }
        } catch {
            return interruption
        }
        signalPipe.store(ends[1], ordering: .releasing)
        for number in [SIGINT, SIGTERM] { handle(number) }
        if !isIgnored(SIGHUP) { handle(SIGHUP) }
        return interruption
    }

    /// Lets the first signal cancel the work, also one that came already.
    func cancels(_ work: Task<some Sendable, any Error>) {
        let hasCome = state.withLock { state in
            state.cancel = { work.cancel() }
            return state.signal != nil
        }
        if hasCome { work.cancel() }
    }

    /// Waits for signals for ever.
    private func act(on reader: Int32) {
        var number: UInt8 = 0
        while true {
            let count = read(reader, &number, 1)
            guard count == 1 || count < 0 && errno == EINTR else { return }
            if count == 1 { obey(Int32(number)) }
        }
    }

    private func obey(_ number: Int32) {
        let (isSecond, cancel) = state.withLock { state in
            defer { state.signal = state.signal ?? number }
            return (state.signal != nil, state.cancel)
        }
        // Nothing is under way while a question is open, and reading cannot be cancelled.
        if isSecond || Question.isOpen.withLock({ $0 }) { _exit(128 + number) }
        cancel?()
    }

    private static let signalPipe = Atomic<Int32>(-1)

    /// Lets the signal be written to the pipe, whichever thread gets it.
    private static func handle(_ number: Int32) {
        var action = sigaction()
        let handler: @convention(c) (Int32) -> Void = { number in
            let code = errno
            var byte = UInt8(truncatingIfNeeded: number)
            let pipe = Interruption.signalPipe.load(ordering: .acquiring)
            #if canImport(Darwin)
                _ = Darwin.write(pipe, &byte, 1)
            #else
                _ = Glibc.write(pipe, &byte, 1)
            #endif
            errno = code
        }
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = handler
        #else
            action.__sigaction_handler.sa_handler = handler
        #endif
        // What it interrupts goes on.
        action.sa_flags = Int32(SA_RESTART)
        sigaction(number, &action, nil)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if canImport(Darwin)
            let handler = unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        #else
            let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        #endif
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
