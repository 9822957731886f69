import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Builds images in parallel and pushes each as soon as it is built.
public struct ImageBuilder: Sendable {
    let session: Session
    /// Whether layers of earlier builds may be used.
    let usesCache: Bool
    /// Whether an image that did not change keeps the tag under which it was pushed before.
    let keepsTags: Bool
    private let policy: Configuration.TagPolicy
    private let files = FileDigests()
    private let bases: ImageBases

    /// Builds for this session.
    ///
    /// - Parameter alwaysNewTags: gives every image a tag never used before, whatever
    ///   `spec.tagPolicy` says.
    public init(
        session: Session, usesCache: Bool = true, keepsTags: Bool = false,
        alwaysNewTags: Bool = false
    ) {
        self.session = session
        self.usesCache = usesCache
        bases = ImageBases(session)
        policy = alwaysNewTags ? .unique : session.configuration.tagPolicy
        // A tag that means a commit or inputs is not given twice for the same image.
        self.keepsTags = !alwaysNewTags && (keepsTags || policy != .unique)
    }

    /// The configured images of these names, and those of them that they are built on; all for an
    /// empty list.
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
        return names.isEmpty
            ? all : bases.completed(all.filter { names.contains($0.name.description) })
    }

    /// What the images are built as: tags that none of them has in the registry, or what is
    /// served already and need not be built.
    ///
    /// - Throws: `DevClusterError` when a context cannot be built from, before anything is asked.
    public func newVersion(of images: [Configuration.Image], now: Date = Date()) async throws
        -> NewVersion
    {
        try requireContexts(of: images)
        return try await TagChoice(
            session: session, images: try bases.waves(of: images).flatMap(\.self), bases: bases,
            usesCache: usesCache, files: files, now: now
        ).version(policy)
    }

    private func requireContexts(of images: [Configuration.Image]) throws {
        var found = ContextLinksError()
        for image in images {
            try BuildSources(image, of: session.configuration, engine: session.engine.name)
                .addLinksOut(of: image, base: session.configuration.folder, to: &found)
        }
        if let error = found.error { throw error }
    }

    /// Builds and pushes the images; the first failure ends the others.
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
            let made = try await makeAll(images, version)
            try await remember(made, version)
            return made.map(\.image)
        } catch {
            await session.engine.removeBuildRemains(since: start)
            throw error
        }
    }

    /// An image with what is known of its sources; nil for one that was not built.
    private struct Made: Sendable {
        var image: BuiltImage
        var inputs: BuildInputs?
    }

    private func remember(_ made: [Made], _ version: NewVersion) async throws {
        guard !session.isDryRun else { return }
        try await session.records.append(
            made.filter { $0.inputs != nil }.map {
                BuildRecord(
                    time: Date(), image: $0.image, commit: version.git?.commit,
                    isDirty: version.git?.isDirty ?? false, inputs: $0.inputs)
            })
    }

    private func makeAll(_ images: [Configuration.Image], _ version: NewVersion) async throws
        -> [Made]
    {
        // Looked up before anything starts.
        let waves = try bases.waves(of: images).map { try $0.map(input) }
        var made: [String: Made] = [:]
        for wave in waves {
            let done = try await wave.concurrentMap(atMost: ImageBuilder.parallelBuilds) {
                [made] in try await make($0, on: made, version)
            }
            for one in done { made[one.image.name] = one }
        }
        return images.compactMap { made[$0.name.description] }
    }

    private func input(_ image: Configuration.Image) throws -> BuildInput {
        BuildInput(
            image: image,
            sources: try BuildSources(
                image, of: session.configuration, engine: session.engine.name),
            bases: bases.bases(of: image))
    }

    private struct BuildInput: Sendable {
        var image: Configuration.Image
        var sources: BuildSources
        var bases: Set<ImageBases.Base>
    }

    /// Builds share the machine with the cluster they are for.
    private static let parallelBuilds = 4

    private func make(
        _ input: BuildInput, on made: [String: Made], _ version: NewVersion
    ) async throws -> Made {
        let (image, sources) = (input.image, input.sources)
        if let kept = version.kept[image.name.description] {
            session.activity.report(
                .note("image \(kept.name): unchanged inputs: kept as \(kept.tag)"))
            return Made(image: kept, inputs: nil)
        }
        let bases = try await ResolvedBases(input.bases, session: session) { name in
            made[name].map { ($0.image, $0.inputs.map(\.contextHash) ?? version.promised[name]) }
        }
        let seesOthers = !bases.mounted.isEmpty
        if seesOthers,
            let same = try await sameMounts(
                image, bases, sources.state(files), version)
        {
            return same
        }
        let cached = usesCache && !seesOthers
        var tag = version.tag(of: image)
        var reference = "\(session.place.registryHost)/\(image.name):\(tag)"
        let start = ContinuousClock.now
        async let before = sources.state(files)
        let imageID = try await ImageBuild(
            session: session, image: image, sources: sources, bases: bases.images,
            baseNames: Set(input.bases.map(\.name)).sorted(), usesCache: cached
        ).run(reference: reference)
        let built = ContinuousClock.now
        var inputs = try await inputs(
            image, imageID, before: before.built(on: bases.hashes),
            after: sources.state(files).built(on: bases.hashes), usedCache: cached)
        inputs.mounted = bases.mounted.isEmpty ? nil : bases.mounted
        if keepsTags, let known = try await unchanged(image, imageID: imageID, version) {
            try await session.engine.remove(image: reference)
            let seconds = (built - start).inSeconds
            return Made(
                image: known.kept(in: session.place.registryHost, buildSeconds: seconds),
                inputs: inputs)
        }
        if let other = try await otherTag(image, inputs, version, reference: reference) {
            (tag, reference) = other
        }
        let digest = try await ImagePush(session: session, image: image).run(
            reference: reference, tag: tag)
        return Made(
            image: BuiltImage(
                name: image.name.description, reference: reference, tag: tag.description,
                imageID: imageID, digest: digest, buildSeconds: (built - start).inSeconds,
                pushSeconds: (ContinuousClock.now - built).inSeconds, isUnchanged: false),
            inputs: inputs)
    }

    /// The last build of an image that sees the files of others, if these and its sources are the same
    /// and the registry still serves it.
    ///
    /// It cannot be built again to find that out: podman does not run a command again because an image
    /// that is mounted into it is another one, and takes the layer of any (seen with 4.3.1).
    private func sameMounts(
        _ image: Configuration.Image, _ bases: ResolvedBases, _ state: BuildSources.State,
        _ version: NewVersion
    ) async throws -> Made? {
        let name = image.name.description
        let last: BuildRecord? = try session.records.newest { $0.image.name == name }
        guard keepsTags, usesCache, !session.isDryRun, let last, let inputs = last.inputs,
            inputs.mounted == bases.mounted, let hash = state.built(on: bases.hashes).hash,
            inputs.contextHash == hash, !lacksCommit(last, version),
            try await isServed(last.image)
        else { return nil }
        session.activity.report(
            .note("image \(name): unchanged inputs: kept as \(last.image.tag)"))
        return Made(image: last.image.kept(in: session.place.registryHost), inputs: inputs)
    }

    /// Whether the registry serves what was pushed under the tag of a build.
    private func isServed(_ image: BuiltImage) async throws -> Bool {
        guard let digest = image.digest else { return false }
        let manifest = ManifestName(repository: image.name, reference: image.tag)
        return try await session.registry.digests(of: [manifest])[manifest] == .found(digest)
    }

    /// Whether the tag of a build says that it was not committed, and now it is.
    private func lacksCommit(_ build: BuildRecord?, _ version: NewVersion) -> Bool {
        policy == .gitCommit && build?.isDirty == true && version.git?.isDirty == false
    }

    /// What is known of a build's sources; warns when the image is probably an old one.
    private func inputs(
        _ image: Configuration.Image, _ imageID: String, before: BuildSources.State,
        after: BuildSources.State, usedCache: Bool
    ) async throws -> BuildInputs {
        var inputs = BuildInputs(
            // What was changed while it was read by the builder cannot be told.
            contextHash: before.hash == after.hash ? before.hash : nil, variant: before.variant,
            hasMounts: before.hasMounts, usedCache: usedCache, isProbablyStale: false)
        guard !session.isDryRun, inputs.hasMounts, usedCache else { return inputs }
        let stale = StaleBuild(
            image.name.description, imageID: imageID, inputs: inputs,
            records: try session.buildRecords.all())
        if let stale {
            inputs.isProbablyStale = true
            let isRemote = (try? await session.engine.info())?.isRemote ?? false
            session.activity.report(.warning(stale.warning(session.engine, isRemote: isRemote)))
        }
        return inputs
    }

    /// Another tag than the one that was planned, where that would promise what is not true.
    private func otherTag(
        _ image: Configuration.Image, _ inputs: BuildInputs, _ version: NewVersion,
        reference: String
    ) async throws -> (TagName, String)? {
        let name = image.name.description
        if let taken = version.taken[name], let tag = version.tags[name] {
            session.activity.report(
                .note("image \(name): \(taken) is served already, so this is \(tag)"))
        }
        guard let promised = version.promised[name], promised != inputs.contextHash,
            !session.isDryRun
        else { return nil }
        let other = "\(session.place.registryHost)/\(name):\(version.tag)"
        try await session.engine.tag(image: reference, as: other)
        try await session.engine.remove(image: reference)
        session.activity.report(
            .warning(
                "the sources of image '\(name)' changed while it was built, so it gets the tag"
                    + " \(version.tag)"))
        return (version.tag, other)
    }

    /// The build that was deployed last, if it gave this image: `build` may have pushed the same under
    /// another tag since, for which no pod has to be replaced.
    private func deployed(_ name: String, imageID: String) throws -> BuildRecord? {
        let tag = try DeployHistory(session: session).records().lazy.compactMap { record in
            record.images.first { $0.name == name }?.tag
        }.first
        guard let tag else { return nil }
        return try session.records.newest {
            $0.image.name == name && $0.image.tag == tag && $0.image.imageID == imageID
        }
    }

    /// An earlier build of the image that gave the same, if the registry still serves it.
    private func unchanged(
        _ image: Configuration.Image, imageID: String, _ version: NewVersion
    ) async throws -> BuiltImage? {
        let name = image.name.description
        let last: BuildRecord? =
            policy == .unique
            ? try deployed(name, imageID: imageID)
                ?? session.records.newest { $0.image.name == name }
            : try session.buildRecords.build(imageID: imageID, repository: name)
        guard !imageID.isEmpty, let known = last?.image, known.imageID == imageID,
            !lacksCommit(last, version), try await isServed(known)
        else { return nil }
        return known
    }
}
