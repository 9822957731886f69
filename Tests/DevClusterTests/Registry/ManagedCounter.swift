import Synchronization

/// Counts the calls of a closure that is `Sendable`.
final class ManagedCounter: Sendable {
    private let count = Atomic<Int>(0)

    /// 0, 1, 2, …
    func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}
