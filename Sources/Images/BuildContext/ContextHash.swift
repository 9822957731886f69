import StateFiles
import SystemLibraries
import Vocabulary

/// What an image is built from, and a digest of it.
struct ContextHash: Sendable {
    /// Absolute path of the context.
    let context: String
    /// Absolute path of the Containerfile.
    let containerfile: String
    let target: String?
    let arguments: [String: String]
    let engine: EngineName
    var limits = ContextWalk.Limits()

    /// Bytes of a Containerfile that are read.
    private static let longest = 1_000_000

    /// What is known before any file of the context is read.
    struct Plan: Sendable {
        var containerfile: String
        var use: ContextUse
        /// The images that it is built on or copies from.
        var images: Set<ImageMention>
    }

    /// Reads the Containerfile.
    ///
    /// - Throws: `DevClusterError` when it cannot be read.
    func plan() throws(DevClusterError) -> Plan {
        guard let data = try WholeFile.read(containerfile) else {
            throw DevClusterError(.failed, "there is no \(ShownText.line(containerfile))")
        }
        let file = Containerfile(
            String(decoding: data.prefix(ContextHash.longest + 1), as: UTF8.self))
        if let excess = data.count > ContextHash.longest ? "1 MB of text" : file.excess {
            throw DevClusterError(
                .failed, "\(ShownText.line(containerfile)) has more than \(excess)")
        }
        let stages = ContainerfileStages(file, arguments: arguments)
        return Plan(
            containerfile: SHA256.hex(data), use: stages.use(target: target),
            images: stages.images(target: target))
    }

    /// Digest of target and build arguments: what makes two builds of one image comparable.
    var variant: String {
        let parts = [target ?? ""] + arguments.sorted { $0.key < $1.key }.flatMap { [$0, $1] }
        return ContextHash.digest(of: parts)
    }

    /// Digest of everything that the build takes in: the Containerfile's text, target and
    /// arguments, and of each file its path, its permissions, and its content.
    ///
    /// - Throws: `DevClusterError` for what cannot be read or is too much, `CancellationError`.
    func digest(_ plan: Plan, files: FileDigests) async throws -> String {
        let ignored = try IgnoreRules(
            context: context, containerfile: containerfile, engine: engine)
        var walk = try ContextWalk(
            context: context, sources: plan.use.sources, ignored: ignored, limits: limits)
        var parts = [plan.containerfile, variant]
        for (index, entry) in try await walk.run().enumerated() {
            if index % 64 == 0 {
                try Task.checkCancellation()
                await Task.yield()
            }
            switch entry.kind {
            case .file(let permissions, let size):
                let content = try files.digest(of: "\(walk.root)/\(entry.path)", size: size)
                parts += ["file", entry.path, String(permissions, radix: 8), content]
            case .folder(let permissions):
                parts += ["folder", entry.path, String(permissions, radix: 8)]
            case .link(let target): parts += ["link", entry.path, target]
            case .special: parts += ["special", entry.path]
            }
        }
        return ContextHash.digest(of: parts)
    }

    /// Digest of several texts; the length before each keeps them apart.
    static func digest(of parts: [String]) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update("\(part.utf8.count):".utf8)
            hash.update(part.utf8)
        }
        return hash.finish()
    }
}
