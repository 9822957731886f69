import Arguments
import GettingStarted

extension ContainerfileLanguage: ArgumentValue {}

/// `devcluster init`.
struct InitCommand: ChangingCommand {
    static let specification = CommandSpecification(
        name: "init", summary: "Write a devcluster.yaml from what the project contains",
        discussion: """
            Reads docker-compose.yml, skaffold.yaml, the literals of a Tiltfile, Containerfiles, \
            kustomizations, plain manifests and Helm charts. Writes a commented devcluster.yaml with \
            the images (context, Containerfile, stage, arguments, and what manifests call them), one \
            source of manifests, and forwards for the ports that these files open. What it leaves out \
            becomes a comment with the reason. No file is ever replaced.

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

    func run(_ context: CommandContext) async throws -> any Report {
        let file = global.config ?? "devcluster.yaml"
        return try await Initialization(
            file: file.hasPrefix("/") ? file : "\(context.workingDirectory)/\(file)",
            language: containerfile, runner: context.runner,
            showingWith: isDryRun ? context.showPlanned : nil
        ).run()
    }
}

extension InitializationReport: Report {
    func text(_ style: TextStyle) -> String {
        var lines = written.map { "wrote \($0)" }
        lines.append("images: " + (images.isEmpty ? "none found" : images.joined(separator: ", ")))
        let sources = manifests.isEmpty ? "none found" : manifests.joined(separator: ", ")
        lines.append("manifests: \(sources)")
        if !leftOut.isEmpty {
            lines.append("left out:")
            lines += leftOut.map { "  \($0)" }
        }
        lines += [
            "",
            images.isEmpty && manifests.isEmpty
                ? "There is nothing to deploy yet: 'devcluster init --containerfile LANGUAGE' writes a"
                    + " Containerfile; describe images and manifests in the file"
                : "Look through it, then: devcluster up && devcluster deploy",
        ]
        return lines.joined(separator: "\n")
    }
}
