import Arguments
import Registries

/// `devcluster registry list`.
struct RegistryListCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "list", summary: "Repositories and tags with digest, size and age",
        discussion: """
            A tag's size is that of its configuration and layers, compressed. What several tags share \
            is stored once, and counted once in the sums. Below them are the sums for the same images \
            in the engine on this host and in the cluster's nodes.
            """,
        examples: [
            Example("devcluster registry list", "everything"),
            Example("devcluster registry list web", "one repository"),
        ])

    @Argument(
        value: "REPOSITORY", help: "Repositories to list (default: all)",
        completion: .live("images"))
    var repositories: [String] = []
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        return try await RegistryList(session: session).run(repositories)
    }
}
