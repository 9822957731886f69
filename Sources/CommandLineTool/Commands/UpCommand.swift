import Arguments
import Clusters
import Sessions
import Settings

/// `devcluster up`.
struct UpCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "up", summary: "Create cluster and registry, or repair them",
        discussion: """
            Ends with the cluster, a registry on its network, every node configured for the registry, \
            and a pull on every node that proves it. What is already right stays as it is. The \
            registry's images survive every repair. If the cluster was made with other settings than \
            the configuration states, the differences are shown and the exit code is 2; --recreate \
            makes the cluster again with them.

            An existing cluster (spec.cluster.kubeContext) is only looked at: do its API and the \
            registry answer, and can pods pull? Exits 2 if something is not right.
            """,
        examples: [
            Example("devcluster up", "from nothing, or from any other state"),
            Example("devcluster up --no-switch", "leave kubectl's current context as it is"),
            Example("devcluster up --dry-run", "show what would be done"),
        ])

    @Flag(help: "Delete the cluster and create it again; what runs in it is lost") var recreate:
        Bool
    @Flag(help: "Remove somebody else's container that has the registry's name") var replaceForeign:
        Bool
    @Flag(name: "no-switch", help: "Leave kubectl's current context as it is") var staysInContext:
        Bool
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let loaded = try await context.configuration(global)
        let session = try await context.session(for: self, loaded.configuration)
        if session.place.existingContext != nil {
            if recreate { try session.requireOurCluster(for: "devcluster up --recreate") }
            if !session.configuration.registry.mirrors.isEmpty {
                try session.requireOurCluster(for: "spec.registry.mirrors")
            }
            return try await ExistingClusterCheck(session: session).run()
        }
        try session.requireOurRegistry(for: "devcluster up")
        if recreate && !isDryRun { try await confirmLoss(session, context) }
        let permissions = UpPermissions(
            recreates: recreate, replacesForeign: replaceForeign,
            confirm: { try context.confirm($0, global) })
        let up = ClusterUp(
            session: session, permissions: permissions, switchesContext: !staysInContext,
            stated: loaded.view.stated)
        return try await up.run()
    }

    private func confirmLoss(_ session: Session, _ context: CommandContext) async throws {
        guard try await ClusterDown(session: session).exists() else { return }
        let claims = await ClusterDown(session: session).boundClaims()
        try context.confirm(DownCommand.question(session, claims), global)
    }
}
