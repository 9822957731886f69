import Arguments
import Sessions
import Settings
import Verification
import Vocabulary

/// `devcluster verify-image`.
struct VerifyImageCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "verify-image", summary: "Compare what runs with what the registry serves",
        discussion: """
            Judges every container whose image is one of spec.images or from the registry: does \
            it run what the registry serves for the tag in its spec? Images of other registries \
            are listed as 'not ours' and do not count. Exits 0 if all match, 2 if something is \
            stale, 3 if something could not be decided or there was nothing to judge.

            --fix removes the wrong image from just the nodes that hold it, removes pinned digests \
            from workloads, replaces the pods in their workload's own way, and verifies again.
            """,
        examples: [
            Example(
                "devcluster verify-image", "every namespace that deploys of this project touched"),
            Example("devcluster verify-image -n shop", "one namespace"),
            Example("devcluster verify-image deployment/web", "one workload"),
            Example("devcluster verify-image --fix", "fix only what is stale, and verify again"),
            Example("devcluster verify-image --all-namespaces --json", "everything, for a script"),
        ])

    @Argument(
        value: "WORKLOAD", help: "Workloads, such as deployment/web (default: every pod)",
        completion: .live("workloads"))
    var workloads: [String] = []
    @Flag(short: "A", help: "All namespaces") var allNamespaces: Bool
    @Flag(help: "Fix what is stale: images on nodes, pinned digests, pods") var fix: Bool
    @Flag(help: "Verify again until everything matches, at most for spec.timeouts.rollout")
    var watch: Bool
    @Flag(help: "Ask the registries of other images too, with the engine's credentials")
    var remote: Bool
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        if allNamespaces && (place.namespace != nil || !workloads.isEmpty) {
            throw UsageError("'--all-namespaces' excludes '--namespace' and workloads")
        }
        if fix && watch { throw UsageError("'--fix' waits by itself: leave out '--watch'") }
        if dry.dryRun && !fix { throw UsageError("only '--fix' changes anything to show") }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let references = try workloads.map { try WorkloadReference($0) }
        let session = try await context.session(for: self, overrides: place.overrides)
        let namespace = session.configuration.namespace.description
        let scope: VerificationScope =
            if allNamespaces {
                .allNamespaces
            } else if references.isEmpty {
                place.namespace == nil ? .project : .namespace(namespace)
            } else {
                .workloads(references, namespace: namespace)
            }
        let verification = ImageVerification(session: session, asksOthers: remote)
        if fix {
            return try await ImageFix(session: session, verification: verification).run(scope)
        }
        if watch {
            return try await VerificationWatch(session: session, verification: verification)
                .run(scope)
        }
        return try await context.activity.look("verify what runs") {
            try await verification.run(scope)
        }
    }
}
