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
    /// The images of ours that it is built on, and their names.
    var bases: [NamedContext] = []
    var baseNames: [String] = []
    /// Whether layers of earlier builds may be used.
    let usesCache: Bool

    /// - Returns: the image's ID; empty in a dry run.
    /// - Throws: `DevClusterError` naming the image, with the tool's last lines as its cause.
    func run(reference: String) async throws -> String {
        let file = temporaryFile("image-id")
        defer { try? FileManager.default.removeItem(atPath: file) }
        var request = ImageBuildRequest(
            reference: reference, context: sources.context, containerfile: sources.containerfile,
            target: image.target, buildArguments: image.buildArgs, bases: bases,
            usesCache: usesCache, imageIDFile: file)
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

    /// What to do about a base that looks like an image of the configuration and does not mean it,
    /// or an engine that cannot give it; nil for none.
    private func baseRemedy(_ error: InvocationError) -> String? {
        if let base = bases.first, EngineText.noBuildContexts.isIn(error.errorText) {
            return "it is built on '\(base.reference)', an image of spec.images, and docker can do"
                + " that with buildx only: install docker-buildx"
        }
        if EngineText.noStage.isIn(error.errorText) {
            return "if it is a folder, as in the additional_contexts of a compose file: a build has"
                + " one context here; set context: to a folder above both, and copy from below it"
        }
        let rewriter = session.imageRewriter
        let taken = Set(bases.map(\.reference))
        let similar = sources.images.map(\.reference).sorted().filter { !taken.contains($0) }
            .compactMap { text in rewriter.image(meantBy: text).map { (text, $0) } }
        guard let (text, name) = similar.first(where: { $1 != image.name.description }) else {
            return nil
        }
        guard (try? ImageReference(text))?.tag != nil else {
            return "it names \(ShownText.quoted(text)), which is the image of others, since"
                + " '\(name)' of spec.images is itself built on one of that name; for that one"
                + " write '\(session.place.registryHost)/\(name)'"
        }
        return "it names \(ShownText.quoted(text)); if the image '\(name)' of spec.images is meant,"
            + " write '\(name)' without a tag"
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
        let detail = baseNames.isEmpty ? nil : "on \(baseNames.joined(separator: ", "))"
        return try await session.activity.step("build \(image.name)", detail: { _ in detail }) {
            step in
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
                    hint: baseRemedy(error)
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
