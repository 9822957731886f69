import Arguments
import DevCluster

extension ContainerfileLanguage: ArgumentValue {}

/// `devcluster init`.
struct InitCommand: Command {
    static let specification = CommandSpecification(
        name: "init", summary: "Write a devcluster.yaml from what the project holds",
        discussion: """
            Looks for Containerfiles, Kubernetes manifests, kustomizations and Helm charts, and \
            writes a commented devcluster.yaml that names them. No file is ever replaced.

            With --containerfile it also writes a Containerfile whose dependencies are a layer of \
            their own, which survives changes of the sources without cache mounts.
            """,
        examples: [
            Example("devcluster init", "in the project's folder"),
            Example("devcluster init --dry-run", "see what would be written"),
            Example("devcluster init --containerfile go", "with a Containerfile for Go"),
        ])

    @Option(value: "LANGUAGE", help: "Also write a Containerfile for this language")
    var containerfile: ContainerfileLanguage?
    @OptionGroup var dry: DryRunOption
    @OptionGroup var global: GlobalOptions

    var isDryRun: Bool { dry.dryRun }

    func run(_ context: CommandContext) async throws -> any Report {
        let file = global.config ?? "devcluster.yaml"
        return try Initialization(
            file: file.hasPrefix("/") ? file : "\(context.workingDirectory)/\(file)",
            language: containerfile, showingWith: isDryRun ? context.showPlanned : nil
        ).run()
    }
}

extension InitializationReport: Report {
    func text(_ style: TextStyle) -> String {
        let lines =
            written.map { "wrote \($0)" } + [
                "images: " + (images.isEmpty ? "none found" : images.joined(separator: ", ")),
                "manifests: "
                    + (manifests.isEmpty ? "none found" : manifests.joined(separator: ", ")),
                "", "Look through it, then: devcluster up && devcluster deploy",
            ]
        return lines.joined(separator: "\n")
    }
}
