import Arguments
import Clusters
import Sessions

/// `devcluster stop`.
struct StopCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "stop", summary: "Stop the cluster and keep everything",
        discussion: """
            Nodes, registry and port-forwards end and free their memory; containers, images and \
            volumes stay. 'up' resumes all of them. A registry that another running cluster uses \
            keeps running.
            """,
        examples: [
            Example("devcluster stop", "at the end of the day; 'devcluster up' the next morning")
        ])

    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        try session.requireOurCluster(for: "devcluster stop")
        return try await ClusterStop(session: session).run()
    }
}
