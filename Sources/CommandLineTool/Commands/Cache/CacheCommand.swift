import Arguments

/// `devcluster cache`.
struct CacheCommand: ParsableCommand {
    static let specification = CommandSpecification(
        name: "cache", summary: "The images that the nodes hold",
        discussion: """
            A node keeps every image that it pulled, and uses it for a tag even if the tag \
            was pushed again.
            """,
        examples: [
            Example("devcluster cache list", "what the nodes hold, and what uses it"),
            Example("devcluster cache clear --stale", "tags that were pushed again"),
        ],
        subcommands: [CacheListCommand.self, CacheClearCommand.self])

    @OptionGroup var global: GlobalOptions
}
