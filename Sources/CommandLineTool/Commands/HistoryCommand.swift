import Arguments
import Sessions

/// `devcluster history`.
struct HistoryCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "history", summary: "List the recorded deploys of the namespace",
        discussion: """
            Newest first, with the number that 'rollback' takes. With a number, shows that deploy in \
            full: digests, verdicts, and how long each step took.
            """,
        examples: [
            Example("devcluster history --limit 5", "the last five"),
            Example("devcluster history 2", "the one before the last"),
        ])

    @Argument(value: "N", help: "Show this deploy in full; 1 is the newest")
    var number: Int?
    @Option(value: "COUNT", help: "How many to show") var limit: Int = 20
    @OptionGroup var place: NamespaceOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        if limit < 1 { throw UsageError("'--limit' must be at least 1") }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let history = DeployHistory(
            session: try await context.session(for: self, overrides: place.overrides))
        if let number { return try history.deploy(number) }
        return try history.list(limit: limit)
    }
}
