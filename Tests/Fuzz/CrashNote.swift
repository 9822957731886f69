import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Says on standard error which iteration was running when a signal ends the process.
///
/// What a signal handler may call is little: it only writes bytes that are prepared before.
enum CrashNote {
    private nonisolated(unsafe) static let line = UnsafeMutablePointer<UInt8>.allocate(
        capacity: 256)
    private nonisolated(unsafe) static let length = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    /// An iteration takes microseconds.
    private static let patience: UInt32 = 60

    /// Listens to every signal that a fault of the program raises, on a stack of its own, since
    /// the usual one may be what is used up.
    static func install() {
        length.pointee = 0
        let size = 64 << 10
        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        stack.ss_size = size
        sigaltstack(&stack, nil)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM] {
            var action = sigaction()
            #if canImport(Darwin)
                action.__sigaction_u.__sa_handler = { CrashNote.end($0) }
            #else
                action.__sigaction_handler.sa_handler = { CrashNote.end($0) }
            #endif
            action.sa_flags = Int32(truncatingIfNeeded: SA_ONSTACK)
            sigaction(number, &action, nil)
        }
    }

    /// Remembers what runs now.
    static func begin(_ target: String, seed: UInt64, iteration: UInt64) {
        let text = "\n\(target): seed \(seed), iteration \(iteration): ended by signal "
        let bytes = text.utf8.prefix(200)
        length.pointee = 0
        for (index, byte) in bytes.enumerated() { line[index] = byte }
        length.pointee = bytes.count
        // What never ends is ended by a signal too.
        alarm(patience)
    }

    private static func end(_ number: Int32) {
        let count = length.pointee
        line[count] = UInt8(48 + number / 10)
        line[count + 1] = UInt8(48 + number % 10)
        line[count + 2] = 10
        _ = write(2, line, count + 3)
        signal(number, SIG_DFL)
        raise(number)
    }
}
