import ChildProcess

/// Gives every child what is left of the time for all looks, and tells of those that take long.
struct LookRunner: Runner {
    let base: any Runner
    let looks: LookTimes

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        var limited = invocation
        let left = max(.seconds(1), looks.end - .now)
        limited.deadline = min(invocation.deadline ?? left, left)
        let notice = Task {
            try await Task.sleep(for: LookTimes.slow)
            looks.tell(invocation)
        }
        defer { notice.cancel() }
        let outcome = try await base.run(limited, onOutput: onOutput)
        looks.note(outcome)
        return outcome
    }
}
