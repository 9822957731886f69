import Arguments
import Registries

/// `devcluster cache list`.
struct CacheListCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "list", summary: "List the images in the nodes, and what uses them",
        discussion: """
            REGISTRY says whether a tag of our registry is what the registry serves now: \
            current, stale, missing, or unknown if the registry did not answer. Exits 3 if a \
            node could not be read.
            """,
        examples: [
            Example("devcluster cache list", "all nodes"),
            Example("devcluster cache list --json", "for a script: with digests, node by node"),
        ])

    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        try await CacheList(session: try await context.session(for: self)).run()
    }
}
