/// Gives every child the same short deadline.
public struct DeadlineRunner: Runner {
    private let base: any Runner
    private let deadline: Duration

    /// Runs everything on the base.
    public init(_ base: any Runner, _ deadline: Duration) {
        self.base = base
        self.deadline = deadline
    }

    /// Runs what ends in time anyway, or is ended.
    ///
    /// - Throws: what the base throws.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        var short = invocation
        short.deadline = min(invocation.deadline ?? deadline, deadline)
        return try await base.run(short, onOutput: onOutput)
    }
}
