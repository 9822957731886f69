import Arguments
import DevCluster

/// `devcluster verify-image`.
struct VerifyImage: Command {
    static let specification = CommandSpecification(
        name: "verify-image", summary: "Compare what runs with what the registry serves",
        discussion: """
            Judges every container whose image is one of spec.images or from the registry: does \
            it run what the registry serves for the tag in its spec? Images of other registries \
            are listed as 'not ours' and do not count. Exits 0 when all match, 2 when something \
            is stale, 3 when something could not be decided or there was nothing to judge.
            """,
        examples: [
            Example("devcluster verify-image", "the configured namespace"),
            Example("devcluster verify-image deployment/web", "one workload"),
            Example("devcluster verify-image --all-namespaces --json", "everything, for a script"),
        ])

    @Argument(
        value: "WORKLOAD", help: "Workloads, as deployment/web (default: every pod)",
        completion: .live("workloads"))
    var workloads: [String] = []
    @Flag(short: "A", help: "All namespaces") var allNamespaces: Bool
    @OptionGroup var place: NamespaceOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        if allNamespaces && (place.namespace != nil || !workloads.isEmpty) {
            throw UsageError("'--all-namespaces' excludes '--namespace' and workloads")
        }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let references = try workloads.map { try WorkloadReference($0) }
        let session = try await context.session(global, overrides: place.overrides)
        let namespace = session.configuration.namespace.description
        let scope: VerificationScope =
            if allNamespaces {
                .allNamespaces
            } else if references.isEmpty {
                .namespace(namespace)
            } else {
                .workloads(references, namespace: namespace)
            }
        return try await ImageVerification(session: session).run(scope)
    }
}
