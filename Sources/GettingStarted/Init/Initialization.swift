import ChildProcess
import Settings
import StateFiles
import SystemLibraries
import Templates
import Tools
import Vocabulary

/// What `init` wrote, or would write.
public struct InitializationReport: Codable, Sendable, Equatable {
    /// Absolute paths of the files.
    public var written: [String]
    /// Names of the images that were found.
    public var images: [String]
    /// Where the manifests are that are applied.
    public var manifests: [String]
    /// What was found and is not in the configuration, each with the reason.
    public var leftOut: [String] = []
}

/// Writes a first configuration for a project, and a Containerfile if one is asked for. Never
/// replaces a file.
public struct Initialization: Sendable {
    /// Absolute path of the configuration file.
    let file: String
    let language: ContainerfileLanguage?
    /// Reads YAML through kubectl.
    let runner: any Runner
    /// Whether a port of this machine can be opened.
    let isFree: @Sendable (Int) -> Bool
    /// Shows a file instead of writing it; nil writes.
    let show: (@Sendable (Invocation) -> Void)?

    private var folder: String { ConfigurationPath.parent(of: file) }

    /// Describes the work; nothing is read yet.
    public init(
        file: String, language: ContainerfileLanguage? = nil, runner: any Runner,
        isFree: @escaping @Sendable (Int) -> Bool = { PortHolder.isFree($0) },
        showingWith show: (@Sendable (Invocation) -> Void)? = nil
    ) {
        self.file = file
        self.language = language
        self.runner = runner
        self.isFree = isFree
        self.show = show
    }

    /// Looks through the project and writes the files.
    ///
    /// - Throws: `DevClusterError` when a file is there already, before anything is written, or
    ///   without a kubectl to read the project's YAML with.
    public func run() async throws -> InitializationReport {
        var files: [(path: String, text: String)] = []
        if let language { files += try containerfile(language) }
        let project = ProjectFiles(folder: folder, with: language == nil ? [] : ["Containerfile"])
        let there = try existingConfiguration()
        if let there, language == nil {
            throw DevClusterError(
                .failed, "there is a configuration already: \(there)",
                hint: "'devcluster config view' shows what it means; to start over, move it"
                    + " away first")
        }
        let survey = try await ProjectSurvey(
            files: project,
            project: ConfigurationDraft.clusterName(ConfigurationPath.name(of: folder)),
            runner: runner)
        let draft = ConfigurationDraft(survey, isFree: isFree)
        if there == nil { files.append((file, draft.text)) }
        for (path, text) in files { try write(text, to: path) }
        return InitializationReport(
            written: files.map(\.path),
            images: draft.images.filter { $0.problem == nil }.map(\.name),
            manifests: draft.manifestPaths, leftOut: draft.leftOut)
    }

    private func existingConfiguration() throws -> String? {
        let names = ConfigurationFinder.names.map { "\(folder)/\($0)" }
        return try WholeFile.first([file] + names)
    }

    private func containerfile(_ language: ContainerfileLanguage) throws
        -> [(path: String, text: String)]
    {
        let names = ["Containerfile", "Dockerfile"].map { "\(folder)/\($0)" }
        if let there = try WholeFile.first(names) {
            throw DevClusterError(
                .failed, "there is a Containerfile already: \(there)",
                hint: "move it away first, or see what would be written with --dry-run elsewhere")
        }
        var files = [(names[0], language.containerfile(folder: folder))]
        let ignores = [".dockerignore", ".containerignore"].map { "\(folder)/\($0)" }
        if try WholeFile.first(ignores) == nil {
            files.append((ignores[0], Template.ignoredFiles.text))
        }
        return files
    }

    private func write(_ text: String, to path: String) throws {
        let data = Data(text.utf8)
        if let show {
            show(Invocation("tee", [path], input: .bytes(data), effect: .changes))
        } else {
            try AtomicFile.write(data, to: path, mode: 0o644)
        }
    }
}
