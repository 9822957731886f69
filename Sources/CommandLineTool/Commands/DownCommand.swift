import Arguments
import Clusters
import Sessions
import Workloads

/// `devcluster down`.
struct DownCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "down", summary: "Delete the cluster; the registry's images stay",
        discussion: """
            Only a cluster that devcluster made is deleted. The registry and its images stay, \
            unless --registry or --data say otherwise.
            """,
        examples: [
            Example("devcluster down", "delete the cluster, keep the registry"),
            Example("devcluster down --data --yes", "delete everything, without asking"),
        ])

    @Flag(help: "Remove the registry's container too") var registry: Bool
    @Flag(help: "Remove the registry and all its images") var data: Bool
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        try session.requireOurCluster(for: "devcluster down")
        if registry || data {
            try session.requireOurRegistry(for: "devcluster down \(data ? "--data" : "--registry")")
        }
        let down = ClusterDown(session: session, removesRegistry: registry, removesData: data)
        if !isDryRun, try await down.exists() {
            try context.confirm(DownCommand.question(session, await down.boundClaims()), global)
        }
        return try await down.run()
    }

    /// What is lost with a cluster, as a question.
    static func question(_ session: Session, _ claims: [BoundClaim]?) -> String {
        let cluster = session.place.cluster
        guard let claims else {
            return "delete the cluster '\(cluster)', which does not say what volumes it has?"
        }
        if claims.isEmpty { return "delete the cluster '\(cluster)'?" }
        let names = claims.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
        return "delete the cluster '\(cluster)' with the data of \(names)?"
    }
}
