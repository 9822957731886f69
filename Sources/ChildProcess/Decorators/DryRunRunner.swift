/// Prints what would change the system instead of running it.
public struct DryRunRunner: Runner {
    private let base: any Runner
    private let print: @Sendable (Invocation) -> Void

    /// Runs what only reads on the base, and hands everything else to `print`.
    public init(_ base: any Runner, print: @escaping @Sendable (Invocation) -> Void) {
        self.base = base
        self.print = print
    }

    /// Runs a reading invocation; a changing one is answered with success, no output and
    /// `isSkipped`.
    ///
    /// - Throws: what the base throws; `.cancelled` also for what would only be printed.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        if invocation.effect == .reads {
            return try await base.run(invocation, onOutput: onOutput)
        }
        guard !Task.isCancelled else { throw InvocationError(.cancelled, invocation) }
        print(invocation)
        return Outcome(invocation: invocation, isSkipped: true)
    }
}
