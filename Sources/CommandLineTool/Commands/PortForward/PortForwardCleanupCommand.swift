import Arguments
import Forwards

/// `devcluster pf cleanup`.
struct PortForwardCleanupCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "cleanup", summary: "End all forwards of ours, in every cluster",
        discussion: """
            Also ends those whose entry was lost. 'kubectl port-forward's that others started \
            are listed, and ended only with --foreign.
            """,
        examples: [
            Example("devcluster pf cleanup", "end ours, list the others"),
            Example("devcluster pf cleanup --foreign", "end the others too"),
        ])

    @Flag(help: "End 'kubectl port-forward's that others started too") var foreign: Bool
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
