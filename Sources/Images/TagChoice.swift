import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// Chooses the tags of a run as `spec.tagPolicy` says; the formats stand in `docs/formats.md`.
///
/// No tag that is served is ever moved: nodes that cached it would not ask again.
struct TagChoice: Sendable {
    let session: Session
    /// Those that others are built on come before them.
    let images: [Configuration.Image]
    let bases: ImageBases
    /// Whether an image that is served may be kept without a build.
    let usesCache: Bool
    /// What the run has read so far.
    let files: FileDigests
    let now: Date

    /// The tags under a policy.
    ///
    /// - Throws: `DevClusterError` when the registry does not answer, or there is no commit.
    func version(_ policy: Configuration.TagPolicy) async throws -> NewVersion {
        let reading = try await session.git.reading(of: session.configuration.folder)
        let git: GitState? = if case .state(let state) = reading { state } else { nil }
        let tag = try await UniqueTag.unused(
            in: images.map(\.name.description), now: now, registry: session.registry
        ) { UniqueTag.text(git: git, at: $0) }
        let version = NewVersion(tag: tag, git: git)
        if policy == .gitCommit { return try await namedByCommit(version, reading) }
        if case .untold(let reason, let remedy) = reading {
            session.activity.report(
                .warning(
                    "git does not tell the commit of \(session.configuration.folder), so that tags"
                        + " name none: \(reason)"
                        + (remedy.map { "; if you trust it: \($0)" } ?? "")
                ))
        }
        return policy == .unique ? version : try await namedByInputs(version)
    }

    /// `git-<commit12>[-dirty]`, and the time where that is taken.
    private func namedByCommit(_ version: NewVersion, _ reading: GitReading) async throws
        -> NewVersion
    {
        guard let git = version.git, let commit = UniqueTag.commit(of: git) else {
            throw withoutCommit(reading)
        }
        session.activity.report(
            .warning(
                "spec.tagPolicy gitCommit: the tag names the commit, not the content. What is not"
                    + " committed, another base image or a download gives other content; then the"
                    + " time is added to the tag"))
        return try await adding(
            Dictionary(uniqueKeysWithValues: images.map { ($0.name.description, "git-\(commit)") }),
            to: version)
    }

    private func withoutCommit(_ reading: GitReading) -> DevClusterError {
        let folder = session.configuration.folder
        let policy = "spec.tagPolicy is gitCommit, but"
        let other = "set spec.tagPolicy: unique"
        return switch reading {
        case .state:
            DevClusterError(
                .usage, "\(policy) the repository of \(folder) has no commit yet",
                hint: "commit something, or \(other)")
        case .noRepository:
            DevClusterError(
                .usage, "\(policy) \(folder) is in no git repository",
                hint: "commit something, or \(other)")
        case .noProgram:
            DevClusterError(
                .unavailable, "\(policy) 'git' is not installed",
                hint: "\(Tool.installation(of: "git")), or \(other)")
        case .untold(let reason, let remedy):
            DevClusterError(
                .failed, "\(policy) git does not tell the commit of \(folder): \(reason)",
                hint: (remedy.map { "\($0), if you trust it; or " } ?? "") + other)
        }
    }

    /// `in-<digest16>`; an image that is served under it is kept as it is.
    private func namedByInputs(_ version: NewVersion) async throws -> NewVersion {
        session.activity.report(
            .warning(
                "spec.tagPolicy inputDigest: what is not in the context is not seen. Another base"
                    + " image, a download or a value from outside the configuration changes no"
                    + " tag; --no-cache builds anew"))
        var version = version
        var wanted: [String: String] = [:]
        for image in images {
            let name = image.name.description
            let sources = try BuildSources(
                image, of: session.configuration, engine: session.engine.name)
            let hashes = bases.bases(of: image).map { ($0.name, version.promised[$0.name]) }
            let state = try await sources.state(files)
                .built(on: Dictionary(hashes) { first, _ in first })
            guard let hash = state.hash else {
                session.activity.report(
                    .warning(
                        "image '\(name)' gets the tag \(version.tag), as its inputs cannot be"
                            + " told: \(state.problem ?? "")"))
                continue
            }
            version.promised[name] = hash
            wanted[name] = "in-\(hash.prefix(16))"
        }
        if usesCache { version.kept = try await kept(version.promised, tags: wanted) }
        return try await adding(wanted.filter { version.kept[$0.key] == nil }, to: version)
    }

    /// Gives each image the tag it wants, or that with the time where the tag is served already.
    private func adding(_ wanted: [String: String], to version: NewVersion) async throws
        -> NewVersion
    {
        let answers = try await answers(wanted)
        var version = version
        for (name, text) in wanted {
            let isFree = answers[ManifestName(repository: name, reference: text)] == .missing
            if isFree {
                version.tags[name] = try TagName(text)
            } else {
                version.taken[name] = try TagName(text)
                version.tags[name] = try await UniqueTag.unused(
                    in: [name], now: now, registry: session.registry
                ) { "\(text)-\(UniqueTag.stamp($0))" }
            }
        }
        return version
    }

    /// What is served for each image under a tag.
    private func answers(_ tags: [String: String]) async throws
        -> [ManifestName: RegistryAnswer<Digest>]
    {
        let names = tags.map { ManifestName(repository: $0.key, reference: $0.value) }
        let answers = try await session.registry.digests(of: names)
        try UniqueTag.requireAnswers(answers, from: session.registry)
        return answers
    }

    /// The images whose inputs gave, by the records or by its tag, something that is served.
    private func kept(_ hashes: [String: String], tags: [String: String]) async throws
        -> [String: BuiltImage]
    {
        var known: [String: BuiltImage] = [:]
        var pushed: [String: Set<Digest?>] = [:]
        for record in try session.buildRecords.all() {
            let name = record.image.name
            if record.image.tag == tags[name] {
                pushed[name, default: []].insert(record.image.digest)
            }
            if record.inputs?.isProbablyStale == false, record.inputs?.contextHash == hashes[name] {
                known[name] = record.image
            }
        }
        let recorded = try await answers(known.mapValues(\.tag))
        let named = try await answers(tags)
        var kept: [String: BuiltImage] = [:]
        for (name, tag) in tags {
            let last = known[name]
            if let last, let digest = last.digest,
                recorded[ManifestName(repository: name, reference: last.tag)] == .found(digest)
            {
                kept[name] = last.kept(in: session.place.registryHost)
            } else if let digest = named[ManifestName(repository: name, reference: tag)]?.value {
                // What a build without cache gave stands for the inputs, not what was there before.
                let isLast = last.map { $0.tag == tag } ?? true
                guard isLast, pushed[name]?.contains(digest) ?? true else {
                    session.activity.report(
                        .warning(
                            "image '\(name)': the registry serves"
                                + " \(isLast ? "another image" : "no image, or another,") as"
                                + " \(last?.tag ?? tag) than the one that was pushed, so it is"
                                + " built anew"))
                    continue
                }
                kept[name] = BuiltImage(
                    name: name, reference: "\(session.place.registryHost)/\(name):\(tag)",
                    tag: tag, imageID: "", digest: digest, buildSeconds: 0, pushSeconds: 0,
                    isUnchanged: true)
            }
        }
        return kept
    }
}
