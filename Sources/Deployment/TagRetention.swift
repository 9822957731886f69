import ChildProcess
import Images
import Registries
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// Which tags of ours left this host's engine and the nodes after a deploy.
public struct RetentionReport: Codable, Sendable, Equatable {
    /// References that left the engine.
    public var engine: [String]
    /// References that left each node, by its name.
    public var nodes: [String: [String]]

    /// How many different tags are gone from somewhere.
    var tagCount: Int { Set(engine + nodes.values.flatMap { $0 }).count }

    /// The same in a few words.
    var summary: String {
        tagCount == 0 ? "nothing old" : "\(counted(tagCount, "old tag")) removed"
    }
}

/// Takes tags of ours that are older than the retention from this host's engine and from the
/// nodes. The registry keeps them: a pod that needs one again pulls it.
struct TagRetention: Sendable {
    let session: Session
    /// The repositories that were just deployed.
    let repositories: [String]
    private let own: OwnTags

    /// - Throws: `DevClusterError` when the build records cannot be read.
    init(session: Session, repositories: [String]) throws {
        self.session = session
        self.repositories = repositories
        own = try session.ownTags
    }

    private var place: ClusterPlace { session.place }

    /// What lies where.
    struct Holdings: Sendable {
        /// References in the engine by their `repository:tag`.
        var engine: [String: String]
        var nodes: [NodeImageList]
    }

    /// Looks into the engine and all nodes at once; while pods still start is early enough, for
    /// what was just built is in the engine.
    ///
    /// - Returns: nil in a dry run.
    func look() async -> Result<Holdings, any Error>? {
        guard !repositories.isEmpty, !session.isDryRun else { return nil }
        do {
            async let engine = engineImages()
            async let nodes = nodeImages()
            return .success(Holdings(engine: try await engine, nodes: try await nodes))
        } catch {
            return .failure(error)
        }
    }

    /// Removes what is too old.
    ///
    /// A tag that a live pod, or anything that can still start one, names stays on the nodes; a
    /// ReplicaSet that was scaled to nothing does not count. Names of images that a container
    /// uses stay in the engine.
    /// - Throws: `DevClusterError` or `InvocationError`; running it again goes on from there.
    func run(_ holdings: Holdings) async throws -> RetentionReport {
        let (engine, nodes) = (holdings.engine, holdings.nodes)
        let old = superseded(
            Set(engine.keys).union(nodes.flatMap { references(in: $0).keys }))
        var report = RetentionReport(engine: [], nodes: [:])
        guard !old.isEmpty else { return report }
        async let gone = removeFromEngine(old.compactMap { engine[$0] }.sorted())
        // A cluster of others is not asked for all its pods when there is nothing to remove.
        let uses = nodes.isEmpty ? ImageUses() : try await liveUses()
        let removals = removals(of: old, nodes, uses)
        if !removals.isEmpty {
            let done = try await NodeImages(session: session).apply(removals)
            for reference in done.references where reference.outcome == .removed {
                report.nodes[reference.node, default: []].append(reference.reference)
            }
            if let problem = done.problems.first {
                session.activity.report(
                    .warning("old tags stay on \(problem.node): \(problem.reason)"))
            }
        }
        report.engine = try await gone
        return report
    }

    /// References in the engine by their `repository:tag`.
    private func engineImages() async throws -> [String: String] {
        let images = try await session.engine.taggedImages(
            repositories.map { "\(place.registryHost)/\($0)" })
        var names: [String: String] = [:]
        for image in images where image.reference.hasPrefix("\(place.registryHost)/") {
            if let name = nameOfOurs(image.reference) { names[name] = image.reference }
        }
        return names
    }

    private func nodeImages() async throws -> [NodeImageList] {
        guard place.existingContext == nil else { return [] }
        let nodes = try place.record.read()?.nodes.keys.sorted() ?? []
        return try await NodeImages(session: session).read(nodes).nodes
    }

    /// `repository:tag` of a reference to one of the deployed images with a tag that we made.
    private func nameOfOurs(_ reference: String) -> String? {
        guard let name = place.tagOfOurs(reference), let (repository, tag) = parts(name),
            repositories.contains(repository), own.time(of: tag, in: repository) != nil
        else { return nil }
        return name
    }

    private func parts(_ name: String) -> (repository: String, tag: String)? {
        name.parted(atLast: UInt8(ascii: ":")).map { (String($0.before), String($0.after)) }
    }

    /// The references of ours on a node, by `repository:tag`.
    private func references(in list: NodeImageList) -> [String: [String]] {
        let references = list.images.flatMap(\.tags).compactMap { reference in
            nameOfOurs(reference).map { ($0, [reference]) }
        }
        return Dictionary(references, uniquingKeysWith: +)
    }

    /// Those beyond the newest of each repository.
    private func superseded(_ names: Set<String>) -> Set<String> {
        let byRepository = Dictionary(grouping: names) { parts($0)?.repository ?? "" }
        return Set(
            byRepository.values.flatMap { names in
                names.sorted { time($0) > time($1) }
                    .dropFirst(session.configuration.retention.tags)
            })
    }

    private func time(_ name: String) -> Date {
        parts(name).flatMap { own.time(of: $0.tag, in: $0.repository) } ?? .distantPast
    }

    private func removeFromEngine(_ references: [String]) async throws -> [String] {
        guard !references.isEmpty else { return [] }
        return try await session.engine.remove(images: references)
    }

    /// What goes from each node that holds something old that is not in use.
    private func removals(of old: Set<String>, _ nodes: [NodeImageList], _ uses: ImageUses)
        -> [NodeRemoval]
    {
        nodes.compactMap { list in
            let unused = references(in: list).filter {
                old.contains($0.key) && !uses.tags.contains($0.key)
            }
            return unused.isEmpty ? nil : list.removal(of: Set(unused.values.flatMap { $0 }))
        }
    }

    /// What pods name, and what can still start pods.
    private func liveUses() async throws -> ImageUses {
        var uses = ImageUses()
        for object in try await session.kubectl.objectsEverywhere(ImageUses.liveResources)
        where !object.isScaledToNothing {
            uses.add(object)
        }
        return uses
    }
}

extension TagRetention {
    /// Does it as a step that fails nothing: what was deployed is proven already.
    ///
    /// - Returns: nil when it did not work, which was warned of.
    func runAfterDeploy(_ found: Result<Holdings, any Error>?) async throws -> RetentionReport? {
        guard let found else { return nil }
        do {
            return try await session.activity.step("retention", detail: { $0.summary }) { _ in
                try await run(found.get())
            }
        } catch {
            try Task.checkCancellation()
            let reason = (error as? DevClusterError)?.message ?? "\(error)"
            session.activity.report(
                .warning("old tags were not removed: \(ShownText.line(reason))"))
            return nil
        }
    }
}

extension JSONValue {
    /// Whether this is a ReplicaSet that has and wants no pods.
    fileprivate var isScaledToNothing: Bool {
        ManifestObject(self).builtIn == .replicaSet && self["spec"]?["replicas"]?.integer == 0
            && (self["status"]?["replicas"]?.integer ?? 0) == 0
    }
}
