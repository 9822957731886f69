import Arguments
import Forwards

/// `devcluster pf stop`.
struct PortForwardStopCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "stop", summary: "Stop forwards of this cluster",
        examples: [
            Example("devcluster pf stop", "all of this cluster"),
            Example("devcluster pf stop gateway", "one of them"),
        ])

    @Argument(value: "NAME", help: "Forwards (default: all)", completion: .live("forwards"))
    var names: [String] = []
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        return ForwardsStopped(ended: try await PortForwards(session: session).stop(names))
    }
}
