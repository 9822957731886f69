import Arguments
import Deployment

/// `devcluster rollback`.
struct RollbackCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "rollback", summary: "Deploy again what an earlier deploy ran, and prove it",
        discussion: """
            Deploys the images of a recorded deploy by their tags, if the registry still serves \
            under them what was recorded, and verifies what runs. Only images are rolled back: the \
            manifests are applied as they are now. Without N, takes the newest deploy that was \
            proven and ran something else than the last one.
            """,
        examples: [
            Example("devcluster rollback", "back to what ran before"),
            Example("devcluster rollback 3", "the third of 'devcluster history'"),
        ])

    @Argument(value: "N", help: "Number in 'devcluster history'; 1 is the newest")
    var number: Int?
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self, overrides: place.overrides)
        return try await Rollback(session: session).run(number)
    }
}
