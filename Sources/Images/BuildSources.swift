import Settings
import StateFiles
import SystemLibraries
import Vocabulary

/// Where the files stand that an image is built from.
struct BuildSources: Sendable {
    /// Absolute path of the context folder.
    let context: String
    /// Absolute path of the Containerfile.
    let containerfile: String
    private let hash: ContextHash

    /// What they hold at one moment.
    struct State: Sendable {
        /// Digest of everything that the build takes in; nil when it cannot be told.
        var hash: String?
        /// Why not.
        var problem: String?
        /// Whether commands run with files mounted that the layer cache knows nothing of.
        var hasMounts: Bool
        /// Digest of target and build arguments.
        var variant: String

        /// The state of an image that is built on others of ours, whose sources count as its own.
        ///
        /// - Parameter bases: their digests by their names.
        func built(on bases: [String: String?]) -> State {
            guard let hash, !bases.isEmpty else { return self }
            var state = self
            var parts = [hash]
            for (name, base) in bases.sorted(by: { $0.key < $1.key }) {
                guard let base else {
                    state.hash = nil
                    state.problem = "those of '\(name)', which it is built on, cannot be told"
                    return state
                }
                parts += [name, base]
            }
            state.hash = ContextHash.digest(of: parts)
            return state
        }
    }

    /// Looks the files up.
    ///
    /// - Throws: `DevClusterError` when the context or the Containerfile is not there.
    init(_ image: Configuration.Image, of configuration: Configuration, engine: EngineName) throws {
        let context = configuration.absolutePath(image.context)
        guard try WholeFile.exists(context), BuildSources.isFolder(context) else {
            throw DevClusterError(
                .usage, "the context of image '\(image.name)' is no folder: \(context)",
                hint: "set spec.images[].context in \(configuration.file ?? "devcluster.yaml")")
        }
        let candidates =
            image.containerfile.map { [configuration.absolutePath($0), "\(context)/\($0)"] }
            ?? ["\(context)/Containerfile", "\(context)/Dockerfile"]
        guard let found = try WholeFile.first(candidates) else {
            throw DevClusterError(
                .usage,
                "image '\(image.name)' has no \(candidates.joined(separator: " and no "))",
                hint: "set spec.images[].containerfile")
        }
        guard BuildSources.isFile(found) else {
            throw DevClusterError(
                .usage, "the Containerfile of image '\(image.name)' is no file: \(found)",
                hint: "set spec.images[].containerfile")
        }
        let rules = IgnoreRules.files(context: context, containerfile: found, engine: engine)
        if let special = rules.first(where: { BuildSources.isSpecial($0) }) {
            throw DevClusterError(
                .usage, "the ignore file of image '\(image.name)' is no regular file: \(special)",
                hint: "make it a file, or remove it")
        }
        self.context = context
        containerfile = found
        hash = ContextHash(
            context: context, containerfile: found, target: image.target,
            arguments: image.buildArgs, engine: engine)
    }

    /// Reads them; what cannot be read is no error here, since a build may do without.
    ///
    /// - Throws: `CancellationError`.
    func state(_ files: FileDigests) async throws -> State {
        var state = State(hasMounts: false, variant: hash.variant)
        do {
            let plan = try hash.plan()
            state.hasMounts = plan.use.hasMounts
            state.hash = try await hash.digest(plan, files: files)
        } catch let error as DevClusterError {
            state.problem = error.message
        }
        return state
    }

    /// Adds the links that lead out of the context to an error; what cannot be read has none.
    func addLinksOut(
        of image: Configuration.Image, base: String, to error: inout ContextLinksError
    ) {
        guard let root = ContextWalk.real(context), let plan = try? hash.plan(),
            let ignored = try? IgnoreRules(
                context: context, containerfile: containerfile, engine: hash.engine)
        else { return }
        var links = ContextLinks(root: root, sources: plan.use.copied, ignored: ignored)
        error.add(
            links.find(), of: image.name.description, context: root,
            containerfile: ContextWalk.real(containerfile) ?? containerfile,
            base: ContextWalk.real(base) ?? base)
    }

    /// The images that it is built on or copies from; none that cannot be told.
    var images: Set<ImageMention> { (try? hash.plan().images) ?? [] }

    /// Whether a build can read it: it would wait for a pipe's writer.
    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether something is there that no build can read.
    private static func isSpecial(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
            && !WholeFile.isNull(path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }
}
