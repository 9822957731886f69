import Arguments
import Forwards
import Sessions

/// `devcluster pf restart`.
struct PortForwardRestartCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "restart", summary: "End the connections of forwards, and start again",
        discussion: "Brings back forwards whose supervisor was killed, too.",
        examples: [
            Example("devcluster pf restart", "all of this cluster"),
            Example("devcluster pf restart gateway", "one of them"),
        ])

    @Argument(value: "NAME", help: "Forwards (default: all)", completion: .live("forwards"))
    var names: [String] = []
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        let statuses = try await PortForwards(session: session).restart(names)
        return ForwardsReport(cluster: session.place.cluster, statuses: statuses)
    }
}
