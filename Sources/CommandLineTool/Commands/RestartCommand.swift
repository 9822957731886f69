import Arguments
import Deployment
import Vocabulary

/// `devcluster restart`.
struct RestartCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "restart", summary: "Replace the pods of workloads, and prove what runs then",
        discussion: """
            A workload whose strategy replaces pods does it itself. If it keeps them (OnDelete, a \
            partition), they are evicted one at a time, each when the one before has a ready \
            successor and PodDisruptionBudgets allow it. A database that only one pod may open is \
            stopped first. Exits 0 if every pod is new and ready and none is stale.
            """,
        examples: [
            Example("devcluster restart deployment/web", "one workload"),
            Example("devcluster restart sts/db ds/agent", "several at once"),
        ])

    @Argument(
        value: "WORKLOAD", help: "Workloads, such as deployment/web", completion: .live("workloads")
    )
    var workloads: [String] = []
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        if workloads.isEmpty { throw UsageError("say what to restart, as deployment/web") }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let references = try workloads.map { try WorkloadReference($0) }
        let session = try await context.session(for: self, overrides: place.overrides)
        return try await WorkloadRestart(session: session).run(references)
    }
}
