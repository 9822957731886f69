/// Runs the body to its end although the current task is, or gets, cancelled.
///
/// For clean-up that itself runs children: in a cancelled task each would be refused. This looks
/// unstructured but is not, because the new task is awaited.
/// - Throws: what the body throws.
public func withUncancelled<T: Sendable>(
    _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await Task { try await body() }.value
}
