import Arguments
import Forwards

/// `devcluster pf logs`.
struct PortForwardLogsCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "logs", summary: "Show what happened to forwards recently",
        discussion: "Prints the newest 50 lines, and names the file with the whole log.",
        examples: [Example("devcluster pf logs gateway", "which pods it led to, and why it waits")])

    @Argument(value: "NAME", help: "Forwards (default: all)", completion: .live("forwards"))
    var names: [String] = []
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        return ForwardLogsReport(logs: try PortForwards(session: session).logs(names))
    }
}
