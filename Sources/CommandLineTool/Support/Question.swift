import Synchronization

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
