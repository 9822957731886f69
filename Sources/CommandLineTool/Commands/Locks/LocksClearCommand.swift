import Arguments
import Vocabulary
import Workloads

/// `devcluster locks clear`.
struct LocksClearCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "clear", summary: "Stop workloads until their pods are gone, and start them again",
        discussion: """
            Without names, clears what blocks now and restores what an interrupted run left without \
            pods. It touches no claim and no lock file. Data in an emptyDir is lost with its pod, so \
            such a workload has to be named in spec.locks.
            """,
        examples: [
            Example("devcluster locks clear", "what blocks now"),
            Example("devcluster locks clear deployment/mongodb", "this one"),
        ])

    @Argument(
        value: "WORKLOAD", help: "Workloads, such as deployment/mongodb (default: what blocks now)",
        completion: .live("workloads"))
    var workloads: [String] = []
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let references = try workloads.map { try WorkloadReference($0) }
        let session = try await context.session(for: self, overrides: place.overrides)
        return try await Locks(session: session).clear(references)
    }
}
