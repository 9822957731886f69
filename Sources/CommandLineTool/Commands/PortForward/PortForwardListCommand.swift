import Arguments
import Forwards
import StateFiles

/// `devcluster pf list`.
struct PortForwardListCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "list", summary: "List the forwards of all clusters",
        examples: [Example("devcluster pf list --json", "for a script")])

    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let places = try context.state().allPlaces()
        return ForwardsReport(
            forwards: try places.flatMap { folder in
                let cluster = StateFolder.clusterName(ofPlace: folder)
                return try ForwardLedger(folder: folder).statuses().map {
                    ForwardsReport.Row(cluster: cluster, status: $0)
                }
            })
    }
}
