import ChildProcess

/// Gives every child the same short deadline.
struct DeadlineRunner: Runner {
    let base: any Runner
    let deadline: Duration

    init(_ base: any Runner, _ deadline: Duration) {
        self.base = base
        self.deadline = deadline
    }

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        var short = invocation
        short.deadline = min(invocation.deadline ?? deadline, deadline)
        return try await base.run(short, onOutput: onOutput)
    }
}
