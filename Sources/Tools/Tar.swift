import ChildProcess
import SystemLibraries

/// The `tar` program.
package struct Tar: Sendable {
    let runner: any Runner

    package init(runner: any Runner) {
        self.runner = runner
    }

    /// A gzipped archive of what is in a folder under this name; nil in a dry run.
    ///
    /// - Throws: `InvocationError` when it cannot be made.
    package func archive(_ name: String, in folder: String) async throws -> Data? {
        let outcome = try await runner.run(
            Invocation(
                "tar", ["-czf", "-", "-C", folder, name], deadline: .seconds(60), effect: .changes)
        ).checked()
        return outcome.isSkipped ? nil : outcome.output
    }
}
