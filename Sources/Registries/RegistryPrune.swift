import ChildProcess
import Images
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// What `registry prune` removed.
public struct PruneReport: Codable, Sendable, Equatable {
    /// A tag that was removed.
    public struct Tag: Codable, Sendable, Equatable {
        /// Repository.
        public var repository: String
        /// Tag.
        public var tag: String
        /// What it named.
        public var digest: Digest
    }

    /// The registry as image references name it.
    public var registry: String
    /// Clusters that were asked what they use.
    public var clusters: [String]
    /// Clusters that use the registry and were not asked.
    public var ignoredClusters: [String]
    /// The tags that went.
    public var removed: [Tag]
    /// Manifests and indexes that were deleted, those without a tag included.
    public var manifestsDeleted: Int
    /// How many tags stayed.
    public var tagsKept: Int
    /// Whether nothing was removed in truth.
    public var isDryRun: Bool
    /// Bytes on disk before it; nil when no garbage was collected.
    public var bytesBefore: BoundedInteger?
    /// Bytes on disk afterwards.
    public var bytesAfter: BoundedInteger?

    /// Bytes that were freed; nil when nothing was collected.
    public var bytesFreed: BoundedInteger? {
        guard let bytesBefore, let bytesAfter else { return nil }
        return bytesBefore.subtracting(bytesAfter)
    }
}

/// Removes from the registry what is older than the retention and used nowhere.
public struct RegistryPrune: Sendable {
    let session: Session
    /// Clusters that are not asked what they use.
    let ignoredClusters: Set<String>

    private var place: ClusterPlace { session.place }
    private var folder: String { session.state.registry(place.engine, place.registry.name) }

    /// Describes the work; nothing starts yet.
    public init(session: Session, ignoring clusters: [String] = []) {
        self.session = session
        ignoredClusters = Set(clusters)
    }

    /// Removes what has to go.
    ///
    /// - Parameter agree: gets what goes, in words, and throws when the user does not want it.
    /// - Throws: `DevClusterError` when there is no registry, or it or a cluster cannot be read:
    ///   then nothing was removed. What was begun is finished by the next run.
    public func run(agree: @Sendable (String) throws -> Void) async throws -> PruneReport {
        try session.requireOurRegistry(for: "devcluster registry prune")
        try session.requireTools("curl")
        let lock = try await session.lock(RegistryLock.path(folder))
        defer { withExtendedLifetime(lock) {} }
        let program = try await program()
        let attached = try await attached()
        let asked = try await look(program, attached)
        guard !asked.isEmpty else { return report(asked, attached, nil) }
        try agree(question(asked))
        // Only now: while the question is open, others may push.
        let pushes = try await session.lock(
            RegistryLock.pushes(folder), atLeast: RegistryLock.patience)
        defer { withExtendedLifetime(pushes) {} }
        let plan =
            session.isDryRun ? asked : try await look(program, attached).restricted(to: asked)
        try await remove(plan)
        return report(plan, attached, try await collectGarbage(program))
    }

    /// The registry's container, running and answering.
    private func program() async throws -> RegistryProgram {
        let name = place.registry.name
        guard let container = try await session.engine.containers(named: [name])[name] else {
            throw DevClusterError(
                .failed, "there is no registry '\(name)'", hint: "devcluster up")
        }
        // A run that was killed while it collected garbage leaves it stopped, and else as it was.
        var awake = container
        if container.status == "exited" { awake.status = "running" }
        let decision = RegistryDecision.decide(awake, spec: place.registry)
        guard decision == .keep, let storage = RegistryStorage(of: container) else {
            throw DevClusterError(
                .failed,
                "the registry '\(name)' is not right:"
                    + " \(decision.reasons.joined(separator: ", "))",
                hint: "devcluster up")
        }
        let program = RegistryProgram(
            engine: session.engine, container: container, storage: storage)
        if !container.isRunning { try await restart(program) }
        return program
    }

    private func attached() async throws -> [AttachedCluster] {
        let found = try await AttachedClusters(session: session).find()
        let names = Set(found.map(\.name))
        if let wrong = ignoredClusters.subtracting(names).min() {
            throw DevClusterError(
                .usage, "no cluster '\(ShownText.line(wrong))' uses this registry",
                hint: names.isEmpty
                    ? "leave out --ignore-cluster"
                    : "these do: \(names.sorted().joined(separator: ", "))")
        }
        return found
    }

    /// Reads the registry and the clusters and decides.
    private func look(_ program: RegistryProgram, _ attached: [AttachedCluster]) async throws
        -> PrunePlan
    {
        let asked = attached.filter { !ignoredClusters.contains($0.name) }
        return try await session.activity.step(
            "look at \(place.registryHost) and \(counted(asked.count, "cluster"))"
        ) { _ in
            async let uses = AttachedClusters(session: session).uses(of: asked)
            let disk = try await program.disk()
            let manifests = disk.manifests.flatMap { repository, digests in
                digests.map { ManifestName(repository, $0) }
            }
            let repositories = try await session.registry.repositories()
            let contents = try await session.registry.contents(of: repositories, and: manifests)
            try requireAll(disk.tags, in: contents)
            var used = try await uses
            used.add(tags: try DeployedTags.newest(session.state))
            return PrunePlan(
                contents, disk: disk, uses: used,
                retention: session.configuration.retention.tags, own: try session.ownTags)
        }
    }

    /// Throws when the registry left out a tag that lies on its disk: its manifest would be taken for
    /// one that nobody can name.
    private func requireAll(_ tags: Set<ManifestName>, in contents: RegistryContents) throws {
        let told = Set(
            contents.repositories.flatMap { repository in
                repository.tags.keys.map { "\(repository.name):\($0)" }
            } + contents.brokenTags)
        let names = tags.map { "\($0.repository):\($0.reference)" }
        guard let missing = names.filter({ !told.contains($0) }).min() else { return }
        throw DevClusterError(
            .failed,
            "the registry '\(place.registry.name)' has '\(ShownText.line(missing))' on its disk, and"
                + " does not list it",
            hint: "try again, in case it was just pushed or deleted; nothing was removed")
    }

    /// What goes, for the user to agree to.
    private func question(_ plan: PrunePlan) -> String {
        let perRepository = Dictionary(grouping: plan.tags, by: \.repository)
        var lines = perRepository.sorted { $0.key < $1.key }.map { repository, tags in
            "  \(repository): \(tags.map(\.tag).joined(separator: ", "))"
        }
        if plan.untagged > 0 { lines.append("  \(counted(plan.untagged, "manifest")) without tag") }
        if plan.bytes > 0 { lines.append("  about \(byteCount(plan.bytes)) on disk") }
        return "this goes:\n" + lines.joined(separator: "\n")
            + "\nremove it, and stop the registry '\(place.registry.name)' for a moment?"
    }

    private func remove(_ plan: PrunePlan) async throws {
        guard !plan.tags.isEmpty || !plan.manifests.isEmpty else { return }
        let shared = plan.tags.filter(\.isShared)
        let registry = session.registry
        let what =
            "remove \(counted(plan.tags.count, "tag"))"
            + ", \(counted(plan.manifests.count, "manifest"))"
        try await session.activity.step(what) { _ in
            let digests = Set(shared.map { ManifestName($0.repository, $0.digest) })
            let contents = try await registry.contents(of: [], and: Array(digests))
            try await registry.untag(
                shared.compactMap { tag in
                    contents.configuration(of: tag.digest).map { (tag.name, $0) }
                })
            try await registry.delete(
                plan.manifests.sorted {
                    ($0.repository, $0.reference) < ($1.repository, $1.reference)
                })
        }
    }

    private func report(
        _ plan: PrunePlan, _ attached: [AttachedCluster],
        _ bytes: (before: BoundedInteger, after: BoundedInteger)?
    ) -> PruneReport {
        PruneReport(
            registry: place.registryHost,
            clusters: attached.map(\.name).filter { !ignoredClusters.contains($0) },
            ignoredClusters: ignoredClusters.sorted(),
            removed: plan.tags.map {
                PruneReport.Tag(repository: $0.repository, tag: $0.tag, digest: $0.digest)
            }, manifestsDeleted: plan.manifests.count, tagsKept: plan.keptTags,
            isDryRun: session.isDryRun,
            bytesBefore: bytes?.before, bytesAfter: bytes?.after)
    }
}

// MARK: Garbage collection

extension RegistryPrune {
    /// Stops the registry, collects its garbage and starts it again, however that ends.
    private func collectGarbage(_ program: RegistryProgram) async throws
        -> (before: BoundedInteger, after: BoundedInteger)?
    {
        let name = program.container.name
        return try await session.activity.step("collect the garbage of \(name)") { step in
            try await session.engine.stopNow(container: name)
            do {
                let bytes = try await program.collectGarbage(
                    labels: RegistrySetup(session: session).labels(role: "registry"))
                try await restart(program)
                return bytes
            } catch {
                // Also when the user interrupts: a stopped registry would fail every pull.
                try await withUncancelled { try await restart(program) }
                throw error
            }
        }
    }

    private func restart(_ program: RegistryProgram) async throws {
        let name = program.container.name
        try await session.engine.removeIfThere(container: program.collector)
        try await session.engine.start(containers: [name])
        try await RegistrySetup(session: session).waitUntilAnswering()
    }
}
