import ChildProcess

/// Gives a deadline to the children that have none of their own: `spec.timeouts.child`.
package struct ChildDeadline: Runner {
    let base: any Runner
    let limit: Duration

    package init(base: any Runner, limit: Duration) {
        self.base = base
        self.limit = limit
    }

    package func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard invocation.deadline == nil else {
            return try await base.run(invocation, onOutput: onOutput)
        }
        var limited = invocation
        // A change that is cut short has to be made again, so impatience is for questions only.
        limited.deadline =
            invocation.effect == .reads ? limit : max(limit, Invocation.defaultDeadline)
        return try await base.run(limited, onOutput: onOutput)
    }
}
