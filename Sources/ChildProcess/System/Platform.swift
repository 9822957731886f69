import SystemLibraries

/// A system call that failed, by its `errno`.
public struct SystemError: Error, Hashable {
    /// The `errno`.
    public var code: Int32

    static var current: SystemError { SystemError(code: errno) }
}

/// The system's own words for an `errno`, lower case and without a full stop.
func describe(errno code: Int32) -> String {
    // The text of every known code is a constant in both C libraries, so threads do not collide.
    guard let text = strerror(code) else { return "error \(code)" }
    let message = String(cString: text)
    return message.prefix(1).lowercased() + message.dropFirst()
}

/// Repeats a system call that a signal interrupted.
func retrying(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result == -1, errno == EINTR { continue }
        return result
    }
}

#if !canImport(Darwin)
    /// glibc 2.29; the Glibc module hides it behind a feature macro.
    @_silgen_name("posix_spawn_file_actions_addchdir_np")
    func posix_spawn_file_actions_addchdir_np(
        _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ path: UnsafePointer<CChar>
    ) -> Int32

    /// glibc 2.34; closes every descriptor from the given one on, so that none goes through.
    @_silgen_name("posix_spawn_file_actions_addclosefrom_np")
    func posix_spawn_file_actions_addclosefrom_np(
        _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32
    ) -> Int32

    @_silgen_name("pipe2")
    private func pipe2(_ descriptors: UnsafeMutablePointer<Int32>, _ flags: Int32) -> Int32

    /// `syscall(2)`: variadic in C and hence not imported, but all its arguments are words, which
    /// are passed alike with and without the ellipsis on x86-64 and on 64-bit ARM Linux.
    @_silgen_name("syscall")
    private func systemCall(_ number: Int, _ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Int

    /// A descriptor of the process that becomes readable when it exits, or -1 with `errno` set
    /// (`ENOSYS` before Linux 5.3).
    ///
    /// 434 and 424 are the same on every architecture (asm-generic/unistd.h). It comes with
    /// FD_CLOEXEC set.
    func openProcess(_ pid: Int32) -> Int32 {
        Int32(truncatingIfNeeded: systemCall(434, Int(pid), 0, 0, 0))
    }

    /// Sends the signal to the very process the descriptor was opened for.
    func signalProcess(_ descriptor: Int32, _ signal: Int32) -> Bool {
        systemCall(424, Int(descriptor), Int(signal), 0, 0) == 0
    }
#endif

/// An open file descriptor, closed when it is no longer used. Confined to one thread at a time.
final class Descriptor {
    /// -1 once closed, which `poll` skips.
    private(set) var number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    var isOpen: Bool { number >= 0 }

    func close() {
        guard isOpen else { return }
        closeDescriptor(number)
        number = -1
    }

    /// Gives up ownership: the caller closes it.
    func release() -> Int32 {
        defer { number = -1 }
        return number
    }

    /// Makes reads and writes return at once.
    ///
    /// This is a property of the open file, not of the descriptor: only for our end of a pipe.
    func makeNonBlocking() {
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        close()
    }
}

/// Inside a type with a method `close`, the C function of that name cannot be called.
func closeDescriptor(_ number: Int32) {
    _ = close(number)
}

/// A pipe that no child inherits by accident.
///
/// Both numbers are 3 or more: were one of them 0, 1 or 2 (because we were started without
/// it), setting up the child's standard streams would overwrite it.
func makePipe() throws(SystemError) -> (reader: Descriptor, writer: Descriptor) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Darwin)
        guard pipe(&ends) == 0 else { throw .current }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    #else
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .current }
    #endif
    let (reader, writer) = (Descriptor(ends[0]), Descriptor(ends[1]))
    return (try raised(reader), try raised(writer))
}

/// The same open file under a number of 3 or more.
func raised(_ descriptor: Descriptor) throws(SystemError) -> Descriptor {
    guard descriptor.number < 3 else { return descriptor }
    let copy = fcntl(descriptor.number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .current }
    return Descriptor(copy)
}

/// Milliseconds for `poll`, rounded up so that a wait never ends just before its time.
func pollTimeout(until instant: ContinuousClock.Instant) -> Int32 {
    let (seconds, attoseconds) = ContinuousClock.now.duration(to: instant).components
    if seconds < 0 || attoseconds < 0 { return 0 }
    if seconds > 3600 { return 3_600_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}

/// That long from now; a century at most, because adding `Duration`s traps on overflow.
func instant(after duration: Duration) -> ContinuousClock.Instant {
    ContinuousClock.now + min(max(duration, .zero), .seconds(100 * 365 * 86400))
}
