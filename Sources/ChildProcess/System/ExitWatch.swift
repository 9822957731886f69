import SystemLibraries

/// Tells `poll` that a child has exited, without reaping it.
///
/// End of file on its output does not: helpers may hold it open, and a child may close it early.
/// Linux has a descriptor for that, `pidfd_open`, macOS a kqueue. Where neither can be had (Linux
/// before 5.3), the child is asked for in short intervals.
final class ExitWatch {
    private let pid: pid_t
    private let watch: Descriptor

    init(_ pid: pid_t) {
        self.pid = pid
        #if canImport(Darwin)
            watch = Descriptor(kqueue())
            var event = kevent()
            event.ident = UInt(pid)
            event.filter = Int16(EVFILT_PROC)
            event.flags = UInt16(EV_ADD)
            event.fflags = UInt32(NOTE_EXIT)
            // It fails with ESRCH if the child has exited already.
            if kevent(watch.number, &event, 1, nil, 0, nil) != 0 { watch.close() }
        #else
            watch = Descriptor(openProcess(pid))
        #endif
    }

    var descriptor: Int32 { watch.number }

    /// Milliseconds after which `isExit` is to be asked even without an event.
    var longestWait: Int32 { watch.isOpen ? .max : 10 }

    /// Whether the child has exited.
    var hasExited: Bool { isExit(Int16(POLLIN)) }

    /// Whether the child has exited, given what `poll` reported for the descriptor.
    func isExit(_ events: Int16) -> Bool {
        if watch.isOpen, events == 0 { return false }
        var information = siginfo_t()
        guard waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else {
            // Something else in this process has waited for it: it is gone in any case.
            return errno == ECHILD
        }
        // Without a result it leaves the structure zeroed.
        return information.si_signo != 0
    }
}
