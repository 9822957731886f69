import Images
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Origins of images from the build records.
struct RecordedOrigins: Sendable {
    private struct Push: Hashable {
        var repository: String
        var digest: Digest?
    }

    private var pushes: [Push: BuildRecord] = [:]
    private var images: [String: BuildRecord] = [:]

    /// - Parameter records: oldest first; a build that only gave the same again changes nothing.
    init(_ records: [BuildRecord] = []) {
        for record in records {
            let push = Push(repository: record.image.name, digest: record.image.digest)
            guard !record.image.isUnchanged || pushes[push] == nil else { continue }
            pushes[push] = record
            images[record.image.imageID] = record
        }
    }

    /// Where what a container runs was built.
    func origin(of container: JudgedContainer, in name: ManifestName) -> ImageOrigin? {
        record(of: container.running, in: name).map(ImageOrigin.init)
    }

    /// The build that gave a manifest, or an image of this configuration.
    func record(of digest: Digest?, in name: ManifestName) -> BuildRecord? {
        guard let digest else { return nil }
        return pushes[Push(repository: name.repository, digest: digest)]
            ?? images[digest.description]
    }
}

/// Origins of images that no build record knows, from the registry.
struct ImageOrigins: Sendable {
    let records: RecordedOrigins
    private var tags: [String: [String]] = [:]
    private var tagDigests: [ManifestName: Digest] = [:]
    private var configurations: [BlobName: ImageConfiguration] = [:]
    private var running: [ManifestName: BlobName] = [:]

    init(records: RecordedOrigins) {
        self.records = records
    }

    private func unknown(_ cases: [SecondLook.Case]) -> [SecondLook.Case] {
        cases.filter { records.record(of: $0.container.running, in: $0.pair.name) == nil }
    }

    /// The tags of the repositories in which something unrecorded runs.
    func tagQuestions(_ cases: [SecondLook.Case]) -> [RegistryQuestion] {
        Set(unknown(cases).map(\.pair.name.repository)).map { .tags(repository: $0) }
    }

    /// Configurations, and the digests of the newest tags, as far as the number of requests allows.
    mutating func questions(
        _ cases: [SecondLook.Case], _ content: ContentComparison, atMost limit: Int
    ) -> [RegistryQuestion] {
        var blobs: Set<BlobName> = []
        for item in cases {
            let name = item.pair.name
            let known = records.record(of: item.container.served, in: name) != nil
            if !known, let blob = content.configuration(of: item.container.served, in: name) {
                blobs.insert(blob)
                running[name.of(item.container.served)] = blob
            }
        }
        let open = unknown(cases)
        for item in open {
            if let blob = content.runningConfiguration(item.container, item.pair.name) {
                blobs.insert(blob)
                running[item.pair.name.of(item.container.running)] = blob
            }
        }
        let first = blobs.prefix(limit).map { RegistryQuestion.configuration($0) }
        let repositories = Set(open.map(\.pair.name.repository)).sorted()
        let share = (limit - first.count) / max(1, repositories.count)
        return first + repositories.flatMap { newestTags(of: $0, atMost: share) }
    }

    private func newestTags(of repository: String, atMost limit: Int) -> [RegistryQuestion] {
        let sorted = (tags[repository] ?? []).map { ($0, UniqueTag.time(of: $0)) }
            .sorted { ($0.1 ?? .distantPast, $0.0) > ($1.1 ?? .distantPast, $1.0) }
        return sorted.prefix(limit).map {
            .digest(ManifestName(repository: repository, reference: $0.0))
        }
    }

    mutating func add(_ answers: RegistryAnswers) {
        for (repository, answer) in answers.tags { tags[repository] = answer.value }
        for (name, answer) in answers.digests { tagDigests[name] = answer.value }
        for (blob, answer) in answers.configurations { configurations[blob] = answer.value }
    }

    /// Where what a container runs comes from: the records know it best.
    func origin(of container: JudgedContainer, in name: ManifestName) -> ImageOrigin? {
        if let recorded = records.origin(of: container, in: name) { return recorded }
        let tag = tagDigests.filter {
            $0.key.repository == name.repository && $0.value == container.running
        }.map(\.key.reference).max {
            (UniqueTag.time(of: $0) ?? .distantPast, $0)
                < (UniqueTag.time(of: $1) ?? .distantPast, $1)
        }
        let image = running[name.of(container.running)].flatMap { configurations[$0] }
        let made = tag.flatMap { UniqueTag.commit(of: $0) }
        let origin = ImageOrigin(
            tag: tag,
            commit: made?.commit ?? image?.config?.labels?["org.opencontainers.image.revision"],
            isDirty: made?.isDirty,
            builtAt: tag.flatMap { UniqueTag.time(of: $0) } ?? image?.buildTime)
        return origin == ImageOrigin() ? nil : origin
    }

    /// A time before which a manifest cannot have been pushed; nil when nothing tells.
    func pushTime(of digest: Digest?, in name: ManifestName) -> Date? {
        if let record = records.record(of: digest, in: name) { return record.time }
        return running[name.of(digest)].flatMap { configurations[$0]?.buildTime }
    }
}

extension ImageOrigin {
    /// What a record says.
    init(_ record: BuildRecord) {
        self.init(
            tag: record.image.tag, commit: record.commit, isDirty: record.isDirty,
            builtAt: record.time)
    }
}

extension ImageConfiguration {
    /// When it was built; nil when the builder hides it behind the epoch, as reproducible builds do.
    fileprivate var buildTime: Date? {
        created.flatMap { Date(timestamp: $0) }.flatMap {
            $0.timeIntervalSince1970 > 86400 ? $0 : nil
        }
    }
}

extension ManifestName {
    /// A manifest of the same repository.
    fileprivate func of(_ digest: Digest?) -> ManifestName {
        ManifestName(repository: repository, reference: digest?.description ?? "")
    }
}

extension UniqueTag {
    /// The commit in a tag of our format, and whether the tree differed from it.
    static func commit(of tag: String) -> (commit: String, isDirty: Bool)? {
        guard time(of: tag) != nil else { return nil }
        let parts = tag.split(separator: "-")
        return parts[1] == "nogit" ? nil : (String(parts[1]), parts[2] == "dirty")
    }
}
