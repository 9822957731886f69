extension Sequence where Element: Sendable {
    /// What becomes of each element, worked out for all at once; in the order of the elements.
    ///
    /// The only way in which child tasks hand more than one thing to their group: a child that
    /// returns a tuple, or a `Result` of an existential, right behind a `try await` is miscompiled
    /// by Swift 6.3.1 with -O (it crashes, or the result is lost).
    ///
    /// - Parameters:
    ///   - limit: how many are worked on at the same time.
    ///   - work: runs in a child task. The first error ends all others and is thrown.
    package func concurrentMap<Value: Sendable>(
        atMost limit: Int = .max, _ work: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        let elements = Array(self)
        let done = try await withThrowingTaskGroup(of: IndexedValue<Value>.self) { group in
            var done: [IndexedValue<Value>] = []
            for (index, element) in elements.enumerated() {
                if index >= limit, let next = try await group.next() { done.append(next) }
                group.addTask {
                    let value = try await work(element)
                    return IndexedValue(index: index, value: value)
                }
            }
            for try await next in group { done.append(next) }
            return done
        }
        return done.sorted { $0.index < $1.index }.map(\.value)
    }
}

/// A result with the place of the element it belongs to.
private struct IndexedValue<Value: Sendable>: Sendable {
    var index: Int
    var value: Value
}
