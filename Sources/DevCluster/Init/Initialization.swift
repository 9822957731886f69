import ChildProcess
import Templates

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `init` wrote, or would write.
public struct InitializationReport: Codable, Sendable, Equatable {
    /// Absolute paths of the files.
    public var written: [String]
    /// Names of the images that were found.
    public var images: [String]
    /// Where manifests were found.
    public var manifests: [String]
}

/// Writes a first configuration for a project, and a Containerfile if one is asked for. Never
/// replaces a file.
public struct Initialization: Sendable {
    /// Absolute path of the configuration file.
    let file: String
    let language: ContainerfileLanguage?
    /// Shows a file instead of writing it; nil writes.
    let show: (@Sendable (Invocation) -> Void)?

    private var folder: String { ConfigurationPath.parent(of: file) }

    /// Describes the work; nothing is read yet.
    public init(
        file: String, language: ContainerfileLanguage? = nil,
        showingWith show: (@Sendable (Invocation) -> Void)? = nil
    ) {
        self.file = file
        self.language = language
        self.show = show
    }

    /// Looks through the project and writes the files.
    ///
    /// - Throws: `DevClusterError` when a file is there already, before anything is written.
    public func run() throws -> InitializationReport {
        var files: [(path: String, text: String)] = []
        var scan = ProjectScan(folder: folder)
        if let language {
            files += try containerfile(language)
            if !scan.containerfiles.contains("Containerfile") {
                scan.containerfiles.insert("Containerfile", at: 0)
            }
        }
        let draft = ConfigurationDraft(scan, folder: folder)
        if let there = existingConfiguration {
            guard language != nil else {
                throw DevClusterError(
                    .failed, "there is a configuration already: \(there)",
                    hint: "'devcluster config view' shows what it means; to start over, move it"
                        + " away first")
            }
        } else {
            files.append((file, draft.text))
        }
        for (path, text) in files { try write(text, to: path) }
        return InitializationReport(
            written: files.map(\.path), images: draft.images.map(\.name),
            manifests: draft.manifests + draft.charts)
    }

    private var existingConfiguration: String? {
        let names = ConfigurationFinder.names.map { "\(folder)/\($0)" }
        return ([file] + names).first(where: FileManager.default.fileExists)
    }

    private func containerfile(_ language: ContainerfileLanguage) throws
        -> [(path: String, text: String)]
    {
        let names = ["Containerfile", "Dockerfile"].map { "\(folder)/\($0)" }
        if let there = names.first(where: FileManager.default.fileExists) {
            throw DevClusterError(
                .failed, "there is a Containerfile already: \(there)",
                hint: "move it away first, or see what would be written with --dry-run elsewhere")
        }
        var files = [(names[0], language.containerfile(folder: folder))]
        let ignores = [".dockerignore", ".containerignore"].map { "\(folder)/\($0)" }
        if !ignores.contains(where: FileManager.default.fileExists) {
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
