import Arguments

/// `devcluster pf`.
struct PortForwardCommand: ParsableCommand {
    static let specification = CommandSpecification(
        name: "pf", summary: "Port-forwards that outlive the terminal",
        discussion: """
            A forward runs until it is stopped. It follows its target from pod to pod, and its \
            clients wait while no pod is ready. Only devcluster's own processes are ever \
            ended.
            """,
        examples: [
            Example("devcluster pf start", "every forward of the configuration"),
            Example("devcluster pf cleanup", "end all of devcluster's, in every cluster"),
        ],
        subcommands: [
            PortForwardStartCommand.self, PortForwardListCommand.self, PortForwardLogsCommand.self,
            PortForwardRestartCommand.self, PortForwardStopCommand.self,
            PortForwardSyncCommand.self,
            PortForwardCleanupCommand.self,
        ])

    @OptionGroup var global: GlobalOptions
}
