import Arguments
import Deployment

/// `devcluster deploy`.
struct DeployCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "deploy", summary: "Build, push, apply, wait, and prove what runs",
        discussion: """
            Builds the images, pushes them under one tag, applies the manifests with that tag \
            in place of their own, waits for every rollout, verifies that the pods run what \
            was built, and starts the configured forwards. Exits 0 if that is proven, 1 if a step \
            failed, 2 if something else runs, 3 if it could not be decided.

            An image whose build gives exactly what was pushed before keeps its tag, so that its \
            pods are left alone; with --unique-tag every image gets a tag never used before.
            """,
        examples: [
            Example("devcluster deploy --unique-tag", "everything, under a tag never used before"),
            Example("devcluster deploy web", "one image; the others stay as they are deployed"),
            Example("devcluster deploy --dry-run", "show the commands"),
        ])

    @Argument(value: "IMAGE", help: "Images to build (default: all)", completion: .live("images"))
    var images: [String] = []
    @Flag(help: "Give every image a tag never used before, even if it did not change")
    var uniqueTag: Bool
    @Flag(name: "no-cache", help: "Build every layer again; with podman, with empty cache mounts")
    var ignoresCache: Bool
    @Flag(help: "Make spec.registry.pullSecret from your login at spec.registry.host")
    var createPullSecret: Bool
    @Option(
        value: "N", help: "Restarts after which a crashing container is given up (default: 4)")
    var maxRestarts: Int?
    @OptionGroup var place: NamespaceOption
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func validate() throws(UsageError) {
        guard (maxRestarts ?? 0) >= 0 else {
            throw UsageError("--max-restarts must not be negative")
        }
    }

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self, overrides: place.overrides)
        let deploy = Deploy(
            session: session, usesCache: !ignoresCache, alwaysNewTags: uniqueTag,
            maxRestarts: maxRestarts, createsPullSecret: createPullSecret)
        return try await deploy.run(images)
    }
}
