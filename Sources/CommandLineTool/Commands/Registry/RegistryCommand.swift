import Arguments

/// `devcluster registry`.
struct RegistryCommand: ParsableCommand {
    static let specification = CommandSpecification(
        name: "registry", summary: "List, add and remove what the registry holds",
        discussion: "This is the registry of the configuration; several clusters may share it.",
        examples: [
            Example("devcluster registry list", "repositories, tags, sizes, ages"),
            Example("devcluster registry preload", "make the cluster work offline"),
            Example("devcluster registry prune", "remove old tags that nothing uses"),
        ],
        subcommands: [
            RegistryListCommand.self, RegistryPreloadCommand.self, RegistryPruneCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}
