import Arguments
import Registries
import Vocabulary

/// `devcluster registry preload`.
struct RegistryPreloadCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "preload", summary: "Put images of other registries into registry and nodes",
        discussion: """
            Copies them into the cluster's registry, from the engine's store or their own \
            registry, and into every node under the names that manifests use. Pods then start \
            without a network, even in a new cluster: 'up' does the same with spec.preload.
            """,
        examples: [
            Example("devcluster registry preload", "all of spec.preload"),
            Example("devcluster registry preload docker.io/library/busybox:1.36", "just this one"),
        ])

    @Argument(value: "IMAGE", help: "Images (default: all of spec.preload)")
    var images: [String] = []
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let references = try images.map { try ImageReference($0) }
        let session = try await context.session(for: self)
        return try await Preload(session: session, images: references).run()
    }
}
