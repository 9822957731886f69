import Arguments

/// `devcluster completion`.
struct CompletionCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "completion", summary: "Print the completion script of a shell",
        examples: [
            Example(
                "devcluster completion bash > ~/.local/share/bash-completion/completions/devcluster",
                "once, where bash-completion is installed"),
            Example("devcluster completion zsh > ~/.zfunc/_devcluster", "a folder of fpath"),
            Example(
                "devcluster completion fish > ~/.config/fish/completions/devcluster.fish", "once"),
        ])

    @Argument(value: "SHELL", help: "The shell") var shell: Shell
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let script = CommandParser(root: Root.self, version: version).completionScript(for: shell)
        return TextReport(content: script)
    }
}
