import Arguments
import Registries

/// `devcluster cache clear`.
struct CacheClearCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "clear", summary: "Remove images from the nodes",
        discussion: """
            A reference is removed from the nodes that hold it; other names of the same image stay. \
            An ID, --unused and --all mean whole images, with all their names. Running containers \
            keep running; their next start pulls the image again.

            Kept is what a container uses, and what no registry confirms that a node could pull again \
            (such as the control plane's images, and what was loaded); --in-use and \
            --include-unpullable remove these too. A full reference, and --stale, include what is in \
            use. Whatever is risky needs a confirmation.
            """,
        examples: [
            Example("devcluster cache clear web:latest", "one tag of our registry"),
            Example("devcluster cache clear 'localhost:5001/*'", "all that no container uses"),
            Example("devcluster cache clear --stale", "tags that were pushed again"),
            Example("devcluster cache clear --all --dry-run", "show what would run"),
        ])

    @Argument(value: "REFERENCE", help: "References, IDs, or patterns with '*'")
    var names: [String] = []
    @Flag(help: "Tags of our registry for which it serves something else now") var stale: Bool
    @Flag(help: "Images that no container uses") var unused: Bool
    @Flag(help: "All images") var all: Bool
    @Flag(name: "in-use", help: "Include what containers use") var includesUsed: Bool
    @Flag(name: "include-unpullable", help: "Include what no registry is known to serve")
    var includesUnpullable: Bool
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        let count = [!names.isEmpty, stale, unused, all].count { $0 }
        guard count == 1 else {
            throw UsageError(
                count == 0
                    ? "say what to remove: REFERENCE, --stale, --unused or --all"
                    : "REFERENCE, '--stale', '--unused' and '--all' exclude each other")
        }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let selection: CacheSelection =
            if stale {
                .stale
            } else if unused {
                .unused
            } else if all {
                .all
            } else {
                .named(try names.map { try CacheName($0) })
            }
        let session = try await context.session(for: self)
        let clear = CacheClear(
            session: session, selection: selection, includesUnpullable: includesUnpullable,
            includesUsed: includesUsed)
        let plan = try await clear.plan()
        if !isDryRun, let question = plan.question { try context.confirm(question, global) }
        return try await clear.run(plan)
    }
}
