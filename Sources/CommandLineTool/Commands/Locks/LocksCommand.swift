import Arguments

/// `devcluster locks`.
struct LocksCommand: ParsableCommand {
    static let specification = CommandSpecification(
        name: "locks", summary: "Databases whose data only one pod may open",
        discussion: """
            A rolling update starts the new pod while the old one still has the data, and the \
            database refuses to start. 'deploy' clears such locks by itself.
            """,
        examples: [
            Example("devcluster locks list", "what blocks, or would block the next rollout"),
            Example("devcluster locks clear", "restart what is blocked now"),
        ],
        subcommands: [LocksListCommand.self, LocksClearCommand.self])

    @OptionGroup var global: GlobalOptions
}
