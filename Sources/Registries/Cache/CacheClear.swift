import Sessions
import StateFiles
import Tools
import Vocabulary

/// Says under which names of images, as containerd has them, nodes can pull them again.
///
/// What is not in the answer counts as impossible to pull: silence is no confirmation.
public typealias PullConfirmation = @Sendable (Set<String>) async throws -> Set<String>

/// Removes images, or names of images, from the nodes of a cluster of ours.
///
/// What a container uses, and what a node could not pull again, stays unless that was insisted
/// on: a control plane whose images are gone does not come back after a reboot.
public struct CacheClear: Sendable {
    let session: Session
    let selection: CacheSelection
    /// Whether images go that no registry is known to serve.
    let includesUnpullable: Bool
    /// Whether images go that containers use.
    let includesUsed: Bool
    /// What registries other than ours confirm.
    let otherRegistries: PullConfirmation

    /// Describes the work; nothing starts yet.
    public init(
        session: Session, selection: CacheSelection, includesUnpullable: Bool = false,
        includesUsed: Bool = false, otherRegistries: PullConfirmation? = nil
    ) {
        self.session = session
        self.selection = selection
        self.includesUnpullable = includesUnpullable
        self.includesUsed = includesUsed
        self.otherRegistries =
            otherRegistries ?? { try await OtherRegistries(session: session).confirm($0) }
    }

    /// Looks at all nodes, and at the registry, and works out what goes.
    ///
    /// - Throws: `DevClusterError` when there is no cluster of ours.
    public func plan() async throws -> CacheClearPlan {
        try session.requireOurCluster(for: "devcluster cache clear")
        try await session.requireCluster()
        let place = session.place
        let containers = try await session.engine.nodes(ofCluster: place.cluster)
        guard !containers.isEmpty else { throw session.noNodes }
        try await ClusterOwnership(session: session).require(
            nodes: containers, record: try place.record.read(), for: "change")
        let report = try await NodeImages(session: session).read()
        let served = try await ServedImages.read(report.nodes, session: session)
        let choices = report.nodes.flatMap { choose(in: $0, served) }
        let pulls = try await pullables(choices, served)
        var plan = CacheClearPlan(problems: report.problems)
        if selection == .stale { plan.registryProblem = served.problem }
        if case .named(let words) = selection {
            plan.unmatched = words.filter { word in
                !report.nodes.contains { $0.images.contains { !word.names(in: $0, place).isEmpty } }
            }.map(\.text)
        }
        for list in report.nodes {
            let names = choices.filter { $0.node == list.node }.flatMap {
                plan.weigh($0, pulls, self)
            }
            plan.removals.append(list.removal(of: Set(names)))
        }
        return plan
    }

    /// Removes what was planned.
    ///
    /// - Throws: `InvocationError` when it is interrupted; a node that fails is in the report.
    public func run(_ plan: CacheClearPlan) async throws -> CacheClearReport {
        let removals = plan.removals.filter { !$0.names.isEmpty }
        var done = ImageRemovalReport([])
        if !removals.isEmpty {
            done = try await session.activity.step(
                "clear images on \(counted(removals.count, "node"))"
            ) { _ in try await NodeImages(session: session).apply(removals) }
        }
        let gone = Set(
            done.references.filter { $0.outcome == .removed }.map { "\($0.node) \($0.reference)" })
        let bereft = plan.risky.filter { image in
            image.references.contains { gone.contains("\(image.node) \($0)") }
        }
        return CacheClearReport(
            references: done.references, kept: plan.kept, unmatched: plan.unmatched,
            bereft: bereft.flatMap(\.uses).filter(\.isRunning),
            problems: plan.problems + done.problems, registryProblem: plan.registryProblem,
            freedBytes: done.freedBytes)
    }

    private func choose(in list: NodeImageList, _ served: ServedImages) -> [CacheChoice] {
        list.images.compactMap { image in
            let names = meant(image, served)
            guard !names.isEmpty else { return nil }
            return CacheChoice(
                node: list.node, image: image, names: names, isNamed: isNamed(image))
        }
    }

    /// The names of an image that are meant; its ID when all of it is.
    private func meant(_ image: NodeImage, _ served: ServedImages) -> [String] {
        let place = session.place
        switch selection {
        case .named(let words):
            var names: [String] = []
            for word in words {
                names += word.names(in: image, place).filter { name in
                    !names.contains(name) && !(word.isPattern && place.isProof(name))
                }
            }
            return names
        case .stale:
            return image.tags.filter {
                served.freshness(of: $0, image) == .stale && !place.isProof($0)
            }
        case .unused, .all:
            let isProof = !image.names.isEmpty && image.names.allSatisfy(place.isProof)
            let isMeant = !isProof && (selection == .all || !image.isInUse)
            return isMeant ? [image.id.description] : []
        }
    }

    private func isNamed(_ image: NodeImage) -> Bool {
        guard case .named(let words) = selection else { return false }
        return words.contains { !$0.isPattern && !$0.names(in: image, session.place).isEmpty }
    }

    /// What each node can pull again, and why nothing of our registry where its way there is
    /// broken.
    private func pullables(_ choices: [CacheChoice], _ served: ServedImages) async throws
        -> PullableNames
    {
        let names = Set(choices.filter { !$0.image.isPinned }.flatMap(\.namesToPull))
        let ours = names.filter(served.isOurs)
        var pullables = PullableNames(names: ours.filter(served.serves), ours: ours)
        if !pullables.names.isEmpty {
            // hosts.toml may be gone, or the registry off the network.
            pullables.brokenNodes = await PullProof(session: session).problems(
                nodes: Set(choices.map(\.node)).sorted())
            try Task.checkCancellation()
        }
        let others = names.subtracting(ours)
        if !others.isEmpty { pullables.names.formUnion(try await otherRegistries(others)) }
        return pullables
    }
}
