import Synchronization

/// A question to the user, at the terminal.
enum Question {
    /// Whether an answer is being waited for.
    static let isOpen = Mutex(false)

    /// The question as it is written: what it is about may have been named by others.
    static func shown(_ question: String) -> String { terminalText(shownText(question)) }

    /// The answer to a question; nil without a terminal.
    static func ask(_ question: String) -> String? {
        guard Terminal.isTerminal(0), Terminal.isTerminal(2) else { return nil }
        write(2, shown(question))
        isOpen.withLock { $0 = true }
        defer { isOpen.withLock { $0 = false } }
        return readLine() ?? ""
    }
}
