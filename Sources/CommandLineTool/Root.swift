import Arguments

/// The version of this build.
let version = "0.1.0"

/// The list of commands; a new one is a file in `Commands/` and its name here.
struct Root: ParsableCommand {
    static let specification = CommandSpecification(
        name: "devcluster",
        summary: "A local Kubernetes cluster that provably runs what you just built",
        discussion: """
            Creates a kind cluster with its own image registry, builds and deploys under tags \
            never used before, and proves that what runs is what was built. If it is not, it \
            says which step broke.
            """,
        examples: [
            Example("devcluster demo", "see the whole thing on a sample application"),
            Example("devcluster up", "create the cluster and its registry, or repair them"),
            Example("devcluster deploy --unique-tag", "build, push, deploy and prove"),
            Example("devcluster verify-image", "is what runs what the registry serves?"),
        ],
        groups: [
            CommandGroup(
                "CLUSTER",
                [
                    UpCommand.self, StatusCommand.self, StopCommand.self, DownCommand.self,
                    DoctorCommand.self,
                ]),
            CommandGroup(
                "IMAGES AND DEPLOYS",
                [
                    BuildCommand.self, DeployCommand.self, VerifyImageCommand.self,
                    HistoryCommand.self,
                    RollbackCommand.self, CacheCommand.self,
                ]),
            CommandGroup(
                "WORKLOADS", [RestartCommand.self, LocksCommand.self, DeleteCommand.self]),
            CommandGroup("REGISTRY", [RegistryCommand.self]),
            CommandGroup("PORT-FORWARDS", [PortForwardCommand.self]),
            CommandGroup("GETTING STARTED", [InitCommand.self, DemoCommand.self]),
            CommandGroup("OTHER", [ConfigCommand.self, CompletionCommand.self]),
        ])

    @OptionGroup var global: GlobalOptions
}
