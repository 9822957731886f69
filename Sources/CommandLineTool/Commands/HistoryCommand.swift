import Arguments
import DevCluster

/// `devcluster history`.
struct HistoryCommand: Command {
    static let specification = CommandSpecification(
        name: "history", summary: "List the recorded deploys of the namespace",
        discussion: """
            Newest first, with the number that 'rollback' takes. With --json also every digest, \
            verdict and step.
            """,
        examples: [Example("devcluster history --limit 5", "the last five")])

    @Option(value: "COUNT", help: "How many to show") var limit: Int = 20
    @OptionGroup var place: NamespaceOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        if limit < 1 { throw UsageError("'--limit' must be at least 1") }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        DeployHistory(session: try await context.session(global, overrides: place.overrides))
            .list(limit: limit)
    }
}
