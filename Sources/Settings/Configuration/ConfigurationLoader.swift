import ChildProcess
import Vocabulary

/// Finds the configuration, reads it and fills it in from environment, flags and defaults.
public struct ConfigurationLoader: Sendable {
    private let runner: any Runner
    private let environment: [String: String]
    private let cacheFolder: String?

    /// A loader for this environment.
    ///
    /// - Parameter cacheFolder: absolute path of `cache/configuration` in the state folder, which
    ///   need not exist; nil reads the file anew each time.
    public init(runner: any Runner, environment: [String: String], cacheFolder: String?) {
        self.runner = runner
        self.environment = environment
        self.cacheFolder = cacheFolder
    }

    /// Reads the configuration: flag before `DEVCLUSTER_*` variable before file before default.
    ///
    /// Without a file everything has its default, so that every command works.
    /// - Parameter explicitPath: what `--config` names; nil searches upwards.
    /// - Parameter workingDirectory: absolute path.
    /// - Parameter overrides: values of flags, by the field they set.
    /// - Throws: `DevClusterError`: `usage` listing everything that is wrong with the
    ///   configuration, `unavailable` when kubectl is needed and missing.
    public func load(
        explicitPath: String? = nil, workingDirectory: String,
        overrides: [FieldPath: String] = [:]
    ) async throws -> LoadedConfiguration {
        let overrides = ConfigurationOverrides(environment: environment, flags: overrides)
        guard let path = try path(explicitPath, workingDirectory) else {
            return try LoadedConfiguration(
                document: nil, file: nil, folder: workingDirectory,
                workingDirectory: workingDirectory, overrides: overrides)
        }
        let document = try await document(of: ConfigurationFile(path: path))
        var loaded = try LoadedConfiguration(
            document: document, file: path, folder: ConfigurationPath.parent(of: path),
            workingDirectory: workingDirectory, overrides: overrides)
        if document == nil {
            loaded.warnings.append(
                "\(ShownText.line(path)) is empty, so every field has its default")
        }
        return loaded
    }

    private func path(
        _ explicitPath: String?, _ workingDirectory: String
    ) throws(DevClusterError) -> String? {
        guard let explicitPath else {
            return try ConfigurationFinder(environment: environment).find(from: workingDirectory)
        }
        guard !explicitPath.isEmpty else {
            throw DevClusterError(.usage, "the path after --config is empty")
        }
        return ConfigurationPath.joined(workingDirectory, explicitPath)
    }

    private func document(of file: ConfigurationFile) async throws -> JSONValue? {
        if file.path.hasSuffix(".json") {
            let text = file.text.hasPrefix("\u{FEFF}") ? file.text.dropFirst() : file.text[...]
            guard text.contains(where: { !$0.isWhitespace }) else { return nil }
            do throws(DevClusterError) {
                return try JSONValue(parsing: String(text))
            } catch {
                throw DevClusterError(
                    .usage, "configuration \(ShownText.line(file.path)): \(error.message)")
            }
        }
        let cache = cacheFolder.map(ConfigurationCache.init(folder:))
        if let known = cache?.document(of: file) { return known }
        let document = try await ConfigurationYAML(runner: runner).read(file)
        if let document { cache?.store(document, of: file) }
        return document
    }
}
