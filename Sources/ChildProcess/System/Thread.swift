import SystemLibraries

/// Runs the body on a new thread of its own, which may block.
///
/// Neither Dispatch's queues nor Swift's pool may: 50 children waited for on
/// `DispatchQueue.global()` took 3026 ms, on a thread each 226 ms. All signals that can be sent from
/// outside are blocked in it, so that they reach the threads that handle them; this also keeps
/// the SIGPIPE of a child that does not read its input from ending us.
/// - Throws: `SystemError` when the system gives no thread.
public func startThread(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(&thread, nil, { runThread($0) }, box.toOpaque())
    #else
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, { runThread($0) }, box.toOpaque())
    #endif
    guard code == 0 else {
        box.release()
        throw SystemError(code: code)
    }
    #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
    #else
        pthread_detach(thread)
    #endif
}

private final class ThreadBody {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    var blocked = sigset_t()
    sigfillset(&blocked)
    // A fault of our own must still end us with its own signal.
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] {
        sigdelset(&blocked, fault)
    }
    pthread_sigmask(SIG_SETMASK, &blocked, nil)
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
