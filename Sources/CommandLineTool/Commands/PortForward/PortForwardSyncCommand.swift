import Arguments
import Forwards

/// `devcluster pf sync`.
struct PortForwardSyncCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "sync", summary: "Make what runs equal to what is wanted",
        discussion: """
            Wanted is what spec.forwards lists, and what Services ask for with the annotation \
            devcluster.dev/forward: "LOCAL:REMOTE[,…]". What is no longer wanted is ended; \
            forwards that were started by hand stay. If the cluster cannot be read, nothing is \
            ended, and a Service must be missing in three readings before its forwards are ended.
            """,
        examples: [
            Example("devcluster pf sync", "after a change of the configuration or of Services")
        ])

    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        return try await ForwardSync(session: session).run()
    }
}
