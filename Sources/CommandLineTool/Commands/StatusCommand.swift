import Arguments
import Diagnosis
import Sessions

/// `devcluster status`.
struct StatusCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "status", summary: "Show nodes, workloads, images, forwards and disk at a glance",
        discussion: """
            Looks at everything at once and changes nothing. A component is a workload, or all \
            pods with the same value of spec.componentAnnotation. It is counted over old and new \
            pods, so that none vanishes during a rolling update. Exits 2 if something is wrong.
            """,
        examples: [
            Example("devcluster status", "the configured namespace"),
            Example("devcluster status --watch", "again every two seconds, until Ctrl-C"),
        ])

    @Flag(help: "Look again every two seconds, until Ctrl-C") var watch: Bool
    @OptionGroup var place: NamespaceOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self, overrides: place.overrides)
        let status = ClusterStatus(session: session)
        guard watch else {
            return try await context.activity.look("look at everything") { try await status.run() }
        }
        while true {
            context.redraw(try await status.run())
            try await Task.sleep(for: .seconds(2))
        }
    }
}
