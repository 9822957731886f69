import Arguments
import Registries

/// `devcluster registry prune`.
struct RegistryPruneCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "prune", summary: "Remove old tags that no cluster uses, and free their space",
        discussion: """
            Keeps, of each repository, the newest spec.retention.tags tags that devcluster made, \
            every tag that it did not make, and everything that a pod, ReplicaSet or other workload \
            of any cluster on this registry names. If a cluster cannot be asked, nothing is removed. \
            The registry does not answer for a moment while its garbage is collected; builds and \
            deploys of devcluster wait for that.
            """,
        examples: [
            Example("devcluster registry prune", "show what would be removed, and ask"),
            Example("devcluster registry prune --dry-run", "show it, with the commands"),
        ])

    @Option(value: "NAME", help: "Do not ask this cluster what it uses")
    var ignoreCluster: [String] = []
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        let prune = RegistryPrune(session: session, ignoring: ignoreCluster)
        return try await prune.run { question in
            if !isDryRun { try context.confirm(question, global) }
        }
    }
}
