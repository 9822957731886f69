import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Builds one image with the engine.
struct ImageBuild: Sendable {
    let session: Session
    let image: Configuration.Image
    let sources: BuildSources
    /// Whether layers of earlier builds may be used.
    let usesCache: Bool

    /// - Returns: the image's ID; empty in a dry run.
    /// - Throws: `DevClusterError` naming the image, with the tool's last lines as its cause.
    func run(reference: String) async throws -> String {
        let file = temporaryFile("image-id")
        defer { try? FileManager.default.removeItem(atPath: file) }
        var request = ImageBuildRequest(
            reference: reference, context: sources.context, containerfile: sources.containerfile,
            target: image.target, buildArguments: image.buildArgs, usesCache: usesCache,
            imageIDFile: file)
        guard !usesCache, session.engine.dialect.cacheMountFolder != nil else {
            return try await build(request)
        }
        let folder = try emptyFolder()
        request.cacheMounts = folder
        do {
            let imageID = try await build(request)
            await session.engine.remove(cacheMounts: folder)
            return imageID
        } catch {
            await session.engine.remove(cacheMounts: folder)
            throw error
        }
    }

    /// What to do about an image that is built on another one of the configuration, which a registry
    /// of that name does not have; nil for none.
    private var ownBase: String? {
        let rewriter = session.imageRewriter
        let names = Set(session.configuration.images.map(\.name.description))
        let bases = sources.images.compactMap { reference -> String? in
            let name =
                (try? ImageReference(reference)).flatMap { session.place.repository(of: $0) }
                ?? rewriter.image(meantBy: reference)
            return name.flatMap { names.contains($0) && $0 != image.name.description ? $0 : nil }
        }
        guard let base = bases.min() else { return nil }
        return "it is built on '\(base)', another image of spec.images, and each is built by"
            + " itself: make '\(base)' a stage of \(sources.containerfile), which 'target' can"
            + " select, or push it once under a name of its own"
    }

    /// A folder for cache mounts, which `--no-cache` alone would leave as they are.
    private func emptyFolder() throws -> String {
        guard !session.isDryRun else { return "<an empty folder>" }
        let base = session.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder =
            (base ?? "/var/tmp") + "/devcluster-build-\(UInt64.random(in: 0...UInt64.max))"
        try AtomicFile.makeFolder(folder)
        return folder
    }

    private func build(_ request: ImageBuildRequest) async throws -> String {
        let tail = OutputTail()
        return try await session.activity.step("build \(image.name)") { step in
            do {
                let outcome = try await session.engine.run(
                    build: request, deadline: session.configuration.timeouts.build.duration
                ) { chunk in
                    tail.add(chunk.bytes)
                    if let line = tail.lastLine { step.progress(ShownText.line(line)) }
                }
                return outcome.isSkipped ? "" : try imageID(in: request.imageIDFile)
            } catch let error as InvocationError where error.isFailure {
                throw DevClusterError(
                    .failed, "the build of image '\(image.name)' failed",
                    hint: ownBase
                        ?? "correct \(sources.containerfile) or its sources; nothing was deployed",
                    cause: InvocationError(error.reason, error.invocation, errorOutput: tail.bytes))
            } catch let error as InvocationError where error.reason == .timedOut {
                throw DevClusterError(
                    .deadline,
                    "the build of image '\(image.name)' took longer than"
                        + " \(session.configuration.timeouts.build)",
                    hint: "spec.timeouts.build allows more time",
                    cause: InvocationError(.timedOut, error.invocation, errorOutput: tail.bytes))
            }
        }
    }

    /// The digest of the image's configuration, which the engine wrote into the file.
    private func imageID(in file: String?) throws -> String {
        let text =
            try file.flatMap { try WholeFile.read($0) }
            .map { String(decoding: $0, as: UTF8.self).trimmingSpace } ?? ""
        guard let digest = try? Digest(text.hasPrefix("sha256:") ? text : "sha256:" + text) else {
            throw DevClusterError(
                .failed,
                "\(session.engine.name.rawValue) did not say what it built for image"
                    + " '\(image.name)'")
        }
        return digest.description
    }
}
