import Arguments

/// `devcluster registry`.
struct RegistryCommand: ParsableCommand {
    static let specification = CommandSpecification(
        name: "registry", summary: "What the registry holds, and what can come and go",
        discussion: "The registry is the one of the configuration; several clusters may share it.",
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
