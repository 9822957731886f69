import Arguments
import Settings

/// `devcluster config`.
struct ConfigCommand: ParsableCommand {
    static let specification = CommandSpecification(
        name: "config", summary: "Show the configuration in force",
        subcommands: [ConfigViewCommand.self])

    @OptionGroup var global: GlobalOptions
}

/// `devcluster config view`.
struct ConfigViewCommand: ReadingCommand {
    static let specification = CommandSpecification(
        name: "view", summary: "Print each value and where it comes from",
        examples: [
            Example("devcluster config view", "every field with its origin"),
            Example(
                "DEVCLUSTER_NAMESPACE=test devcluster config view",
                "a variable overrides the file"),
        ])

    @OptionGroup var place: NamespaceOption
    @OptionGroup var global: GlobalOptions

    func run(_ context: CommandContext) async throws -> any Report {
        let loaded = try await context.configuration(global, overrides: place.overrides)
        return ConfigurationReport(file: loaded.configuration.file, values: loaded.view.entries)
    }
}

/// Each value with its origin.
struct ConfigurationReport: Report {
    var file: String?
    var values: [ConfigurationView.Entry]

    func text(_ style: TextStyle) -> String {
        let rows = values.map { entry in
            [
                entry.path, entry.value ?? entry.absent.map { "(\($0))" } ?? "",
                entry.source ?? entry.origin.rawValue,
            ]
        }
        return (file.map { "# \($0)\n" } ?? "# no configuration file: all defaults\n")
            + TextTable(["FIELD", "VALUE", "ORIGIN"], rows).text
    }
}
