/// Looks again and again until the condition holds.
///
/// The limit is no expectation: it only ends a test that would never end.
/// - Returns: whether it held.
public func eventually(
    within limit: Duration = .seconds(600), every pause: Duration = .milliseconds(10),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: pause)
    }
    return try await condition()
}
