/// Tells a sink of every run when it is over, for `-v`.
public struct LoggedRunner: Runner {
    /// Gets the outcome or the error, and what was run. May be called by several tasks at once.
    public typealias Sink = @Sendable (Result<Outcome, any Error>, Invocation) -> Void

    private let base: any Runner
    private let sink: Sink

    /// Runs everything on the base.
    public init(_ base: any Runner, sink: @escaping Sink) {
        self.base = base
        self.sink = sink
    }

    /// Runs the invocation, then calls the sink, then returns or throws what the base did.
    ///
    /// - Throws: what the base throws.
    public func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        do {
            let outcome = try await base.run(invocation, onOutput: onOutput)
            sink(.success(outcome), invocation)
            return outcome
        } catch {
            sink(.failure(error), invocation)
            throw error
        }
    }
}
