import Arguments
import Forwards

/// `devcluster pf cleanup`.
struct PortForwardCleanupCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "cleanup", summary: "End all of devcluster's forwards, in every cluster",
        discussion: """
            Includes those whose entry was lost. Other 'kubectl port-forward' processes are listed, \
            and ended only with --foreign.
            """,
        examples: [
            Example("devcluster pf cleanup", "end ours, list the others"),
            Example("devcluster pf cleanup --foreign", "end the others too"),
        ])

    @Flag(help: "End other 'kubectl port-forward' processes too") var foreign: Bool
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        if foreign && !isDryRun {
            try context.confirm("end the port-forwards that others started?", global)
        }
        return try await ForwardCleanup.run(
            try context.state(), foreign: foreign, dryRun: isDryRun)
    }
}
