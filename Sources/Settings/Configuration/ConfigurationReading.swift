import Vocabulary

extension Configuration {
    /// Everything at its default, for a folder without a file.
    package static func defaults(folder: String) -> Configuration {
        do {
            return try Configuration(document: nil, folder: folder)
        } catch {
            preconditionFailure("the schema's defaults do not make a configuration: \(error)")
        }
    }

    /// Reads a document that is already parsed, without environment and flags.
    ///
    /// - Throws: `DevClusterError` with code `usage` that lists everything that is wrong.
    init(document: JSONValue?, folder: String) throws(DevClusterError) {
        self = try LoadedConfiguration(
            document: document, file: nil, folder: folder, workingDirectory: folder,
            overrides: ConfigurationOverrides()
        ).configuration
    }
}

/// A configuration, where its values come from, and what the user should be told.
public struct LoadedConfiguration: Sendable {
    /// The configuration.
    public var configuration: Configuration
    /// Each value and where it comes from.
    public var view: ConfigurationView
    /// What is no error but probably a mistake: unknown variables, an empty file.
    public var warnings: [String]

    /// Checks a parsed document together with the values from outside it.
    init(
        document: JSONValue?, file: String?, folder: String, workingDirectory: String,
        overrides: ConfigurationOverrides
    ) throws(DevClusterError) {
        var errors = overrides.errors
        if let document { errors += try ConfigurationHeader.check(document, file: file) }
        var rules = ConfigurationRules(document: document, overrides: overrides)
        var reader = ConfigurationReader(
            overrides: overrides, ignored: rules.ignored, file: file,
            workingDirectory: workingDirectory)
        let tree = reader.read(document)
        rules.check(tree)
        errors += reader.errors + rules.errors
        guard errors.isEmpty else { throw Self.failure(errors, file) }
        configuration = try Self.decode(tree, file: file, folder: folder)
        view = ConfigurationView(entries: reader.entries)
        warnings = overrides.warnings
    }

    /// `Configuration` has the members of `spec`, and the name.
    private static func decode(
        _ tree: JSONValue, file: String?, folder: String
    ) throws(DevClusterError) -> Configuration {
        var flat = tree["spec"] ?? [:]
        flat["name"] = tree["metadata"]?["name"]
        flat["folder"] = .string(folder)
        flat["file"] = file.map { .string($0) }
        do {
            return try flat.decoded()
        } catch {
            throw DevClusterError(
                .failed, "the configuration was accepted but cannot be used: \(error)",
                hint: "this is a mistake in devcluster; please report it", cause: error)
        }
    }

    /// A file of another kind under our header may be wrong in thousands of places.
    static let shownErrors = 40

    private static func failure(_ errors: [String], _ file: String?) -> DevClusterError {
        let place = file.map { " \(ShownText.line($0))" } ?? ""
        guard errors.count > 1 else {
            return DevClusterError(.usage, "configuration\(place): \(errors.joined())")
        }
        let shown = shownErrors
        let more = errors.count > shown ? ["and \(errors.count - shown) more"] : []
        let lines = (errors.prefix(shown) + more).map { "\n  \($0)" }.joined()
        return DevClusterError(.usage, "configuration\(place): \(errors.count) errors\(lines)")
    }
}
