import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Builds images in parallel and pushes each as soon as it is built.
public struct ImageBuilder: Sendable {
    let session: Session
    /// Whether layers of earlier builds may be used.
    let usesCache: Bool
    /// Whether an image that did not change keeps the tag under which it was pushed before.
    let keepsTags: Bool

    /// Builds for this session.
    public init(session: Session, usesCache: Bool = true, keepsTags: Bool = false) {
        self.session = session
        self.usesCache = usesCache
        self.keepsTags = keepsTags
    }

    /// The configured images of these names; all of them for an empty list.
    ///
    /// - Throws: `DevClusterError` naming an image that is not configured.
    public func select(_ names: [String]) throws -> [Configuration.Image] {
        let all = session.configuration.images
        for name in names where !all.contains(where: { $0.name.description == name }) {
            throw DevClusterError(
                .usage, "there is no image '\(ShownText.line(name))' in spec.images",
                hint: all.isEmpty
                    ? "describe your images in spec.images of devcluster.yaml"
                    : "it has: " + all.map(\.name.description).joined(separator: ", "))
        }
        return names.isEmpty ? all : all.filter { names.contains($0.name.description) }
    }

    /// A tag that none of the images has in the registry, and what it was made from.
    public func newVersion(of images: [Configuration.Image], now: Date = Date()) async throws
        -> NewVersion
    {
        let git = try await session.git.state(of: session.configuration.folder)
        let tag = try await UniqueTag.unused(
            in: images.map(\.name.description), git: git, now: now, registry: session.registry)
        return NewVersion(tag: tag, git: git)
    }

    /// Builds and pushes the images under one tag; the first failure ends the others.
    ///
    /// - Returns: in the order of `images`.
    /// - Throws: `DevClusterError` naming the image, with the tool's last lines as its cause.
    public func run(_ images: [Configuration.Image], as version: NewVersion) async throws
        -> [BuiltImage]
    {
        let pushes = try await session.sharePushes()
        defer { withExtendedLifetime(pushes) {} }
        let start = Date()
        do {
            let built = try await makeAll(images, tag: version.tag)
            try await remember(built, version)
            return built
        } catch {
            await BuildLeftovers(engine: session.engine).remove(since: start)
            throw error
        }
    }

    private func remember(_ built: [BuiltImage], _ version: NewVersion) async throws {
        guard !session.isDryRun else { return }
        try await session.records.append(
            built.filter { !$0.isUnchanged }.map {
                BuildRecord(
                    time: Date(), image: $0, commit: version.git?.commit,
                    isDirty: version.git?.isDirty ?? false, inputs: nil)
            })
    }

    private func makeAll(_ images: [Configuration.Image], tag: TagName) async throws
        -> [BuiltImage]
    {
        let context = try images.map { try inputs($0) }
        let built = try await withThrowingTaskGroup(of: (Int, BuiltImage).self) { group in
            var built: [(Int, BuiltImage)] = []
            for (index, image) in images.enumerated() {
                if index >= ImageBuilder.parallelBuilds, let one = try await group.next() {
                    built.append(one)
                }
                let inputs = context[index]
                group.addTask { (index, try await make(image, inputs, tag: tag)) }
            }
            for try await one in group { built.append(one) }
            return built
        }
        return built.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Builds share the machine with the cluster they are for.
    private static let parallelBuilds = 4

    private struct Inputs {
        var context: String
        var containerfile: String
    }

    /// The image's files, looked up before anything starts.
    private func inputs(_ image: Configuration.Image) throws -> Inputs {
        let configuration = session.configuration
        let context = configuration.absolutePath(image.context)
        guard isFolder(context) else {
            throw DevClusterError(
                .usage, "the context of image '\(image.name)' is no folder: \(context)",
                hint: "set spec.images[].context in \(configuration.file ?? "devcluster.yaml")")
        }
        let candidates =
            image.containerfile.map { [configuration.absolutePath($0), "\(context)/\($0)"] }
            ?? ["\(context)/Containerfile", "\(context)/Dockerfile"]
        guard let found = candidates.first(where: FileManager.default.fileExists) else {
            throw DevClusterError(
                .usage,
                "image '\(image.name)' has no \(candidates.joined(separator: " and no "))",
                hint: "set spec.images[].containerfile")
        }
        return Inputs(context: context, containerfile: found)
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    private func make(_ image: Configuration.Image, _ inputs: Inputs, tag: TagName) async throws
        -> BuiltImage
    {
        let reference = "\(session.place.registryHost)/\(image.name):\(tag)"
        let start = ContinuousClock.now
        let imageID = try await build(image, inputs, reference: reference)
        let built = ContinuousClock.now
        if keepsTags, let known = try await unchanged(image, imageID: imageID) {
            try await session.engine.remove(image: reference)
            return BuiltImage(
                name: known.name, reference: known.reference, tag: known.tag, imageID: imageID,
                digest: known.digest, buildSeconds: (built - start).inSeconds, pushSeconds: 0,
                isUnchanged: true)
        }
        let digest = try await push(image, reference: reference, tag: tag)
        return BuiltImage(
            name: image.name.description, reference: reference, tag: tag.description,
            imageID: imageID, digest: digest, buildSeconds: (built - start).inSeconds,
            pushSeconds: (ContinuousClock.now - built).inSeconds, isUnchanged: false)
    }

    /// The last build of the image, if it gave the same and the registry still serves it.
    private func unchanged(_ image: Configuration.Image, imageID: String) async throws
        -> BuiltImage?
    {
        let name = image.name.description
        guard !imageID.isEmpty,
            let last = session.records.newest(where: { (record: BuildRecord) in
                record.image.name == name
            })?.image,
            last.imageID == imageID, let digest = last.digest
        else { return nil }
        let manifest = ManifestName(repository: name, reference: last.tag)
        let served = try await session.registry.digests(of: [manifest])[manifest]
        return served == .found(digest) ? last : nil
    }

    private func build(_ image: Configuration.Image, _ inputs: Inputs, reference: String)
        async throws -> String
    {
        let file = temporaryFile("image-id")
        defer { try? FileManager.default.removeItem(atPath: file) }
        let request = ImageBuildRequest(
            reference: reference, context: inputs.context, containerfile: inputs.containerfile,
            target: image.target, buildArguments: image.buildArgs, usesCache: usesCache,
            imageIDFile: file)
        let invocation = session.engine.build(
            request, deadline: session.configuration.timeouts.build.duration)
        let tail = OutputTail()
        return try await session.activity.step("build \(image.name)") { step in
            do {
                let outcome = try await session.runner.run(invocation) { chunk in
                    tail.add(chunk.bytes)
                    if let line = tail.lastLine { step.progress(ShownText.line(line)) }
                }.checked()
                return outcome.isSkipped ? "" : try imageID(in: file, of: image)
            } catch let error as InvocationError where error.isFailure {
                throw DevClusterError(
                    .failed, "the build of image '\(image.name)' failed",
                    hint: "correct \(inputs.containerfile) or its sources; nothing was deployed",
                    cause: InvocationError(error.reason, invocation, errorOutput: tail.bytes))
            } catch let error as InvocationError where error.reason == .timedOut {
                throw DevClusterError(
                    .deadline,
                    "the build of image '\(image.name)' took longer than"
                        + " \(session.configuration.timeouts.build)",
                    hint: "spec.timeouts.build allows more time",
                    cause: InvocationError(.timedOut, invocation, errorOutput: tail.bytes))
            }
        }
    }

    /// The digest of the image's configuration, which the engine wrote into the file.
    private func imageID(in file: String, of image: Configuration.Image) throws -> String {
        let text =
            FileManager.default.contents(atPath: file)
            .map { String(decoding: $0, as: UTF8.self).trimmingSpace } ?? ""
        guard let digest = try? Digest(text.hasPrefix("sha256:") ? text : "sha256:" + text) else {
            throw DevClusterError(
                .failed,
                "\(session.engine.name.rawValue) did not say what it built for image"
                    + " '\(image.name)'")
        }
        return digest.description
    }

    private func temporaryFile(_ purpose: String) -> String {
        FileManager.default.temporaryDirectory.path
            + "/devcluster-\(purpose)-\(UInt64.random(in: 0...UInt64.max))"
    }

    private func push(_ image: Configuration.Image, reference: String, tag: TagName)
        async throws -> Digest?
    {
        let file = temporaryFile("digest")
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try await session.activity.step(
            "push \(image.name)", detail: { "\($0?.short ?? "")" }
        ) {
            _ in
            let said: String?
            do {
                said = try await session.engine.push(
                    reference, digestFile: file,
                    deadline: session.configuration.timeouts.push.duration)
            } catch let error as InvocationError where error.isFailure {
                throw DevClusterError(
                    .failed, "the push of \(reference) failed",
                    hint: "see whether the registry is right with 'devcluster up'; nothing was"
                        + " deployed", cause: error)
            }
            if session.isDryRun { return nil }
            if let said, let digest = try? Digest(said) { return digest }
            return try await served(image, tag: tag)
        }
    }

    /// The digest that the registry serves, where the engine does not say what it pushed.
    private func served(_ image: Configuration.Image, tag: TagName) async throws -> Digest {
        let name = ManifestName(
            repository: image.name.description, reference: tag.description)
        let answer = try await session.registry.digests(of: [name])[name]
        guard let digest = answer?.value else {
            throw DevClusterError(
                .failed, "the registry does not serve \(image.name):\(tag), which was just pushed")
        }
        return digest
    }
}

extension InvocationError {
    /// Whether the program ran and said no, so that its own words explain it.
    var isFailure: Bool {
        if case .failed = reason { true } else { false }
    }
}

extension Duration {
    /// The duration in seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
