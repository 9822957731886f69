import Arguments
import Workloads

/// `devcluster locks list`.
struct LocksListCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "list", summary: "List what blocks, or would block, the next rollout",
        discussion: """
            Recognized by the log of a pod that does not start, or by shape: an old and a new pod \
            that can both write to the same claim or hostPath. Exits 2 if something blocks now.
            """,
        examples: [Example("devcluster locks list", "the configured namespace")])

    @OptionGroup var place: NamespaceOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        try await Locks(
            session: try await context.session(for: self, overrides: place.overrides)
        ).list()
    }
}
