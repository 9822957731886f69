import Arguments
import Images
import Vocabulary

/// `devcluster build`.
struct BuildCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "build", summary: "Build and push images under one unique tag",
        examples: [
            Example("devcluster build", "every image of the configuration"),
            Example("devcluster build web --no-cache", "one image, without cached layers"),
        ])

    @Argument(value: "IMAGE", help: "Images to build (default: all)", completion: .live("images"))
    var images: [String] = []
    @Flag(name: "no-cache", help: "Build every layer again; with podman, with empty cache mounts")
    var ignoresCache: Bool
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let session = try await context.session(for: self)
        let builder = ImageBuilder(session: session, usesCache: !ignoresCache)
        let selected = try builder.select(images)
        guard !selected.isEmpty else {
            throw DevClusterError(
                .usage, "there are no images to build",
                hint: "describe them in spec.images of devcluster.yaml")
        }
        let version = try await builder.newVersion(of: selected)
        return BuildReport(images: try await builder.run(selected, as: version))
    }
}
