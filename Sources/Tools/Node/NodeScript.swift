import ChildProcess
import SystemLibraries

extension Node {
    /// Runs a script by the node's shell, which reads it from its input.
    ///
    /// - Parameter stopsAtErrors: whether it ends with the first command that fails, and at a
    ///   variable that is not set.
    /// - Throws: `InvocationError` when it cannot run; any exit code is a normal result.
    package func run(
        script: String, stopsAtErrors: Bool = false, deadline: Duration? = nil,
        effect: Invocation.Effect = .reads
    ) async throws -> Outcome {
        try await run(
            Invocation(
                "sh", (stopsAtErrors ? ["-eu"] : []) + ["-s"], input: .bytes(Data(script.utf8)),
                deadline: deadline, effect: effect))
    }
}
