import ChildProcess
import Forwards
import Images
import Registries
import Sessions
import Settings
import SystemLibraries
import Tools
import Verification
import Vocabulary
import Workloads

/// Builds, pushes, applies, waits and proves.
public struct Deploy: Sendable {
    let session: Session
    private let times: StepTimes
    private let phase = DeployPhase()
    /// Whether layers of earlier builds may be used.
    let usesCache: Bool
    /// Whether even an image that did not change gets a tag never used before.
    let alwaysNewTags: Bool
    /// How often a crashing container is started anew before its rollout is given up.
    let maxRestarts: Int
    /// Whether the Secret that pods pull with is made from the engine's login.
    let createsPullSecret: Bool

    var namespace: String { session.configuration.namespace.description }

    /// Describes the work; nothing starts yet.
    public init(
        session: Session, usesCache: Bool = true, alwaysNewTags: Bool = false,
        maxRestarts: Int? = nil, createsPullSecret: Bool = false
    ) {
        times = StepTimes(session.activity)
        self.session = session.reporting(to: times)
        self.usesCache = usesCache
        self.alwaysNewTags = alwaysNewTags
        self.maxRestarts = maxRestarts ?? RolloutWait.defaultMaxRestarts
        self.createsPullSecret = createsPullSecret
    }

    /// Deploys the images of these names; all of them for an empty list.
    ///
    /// - Throws: `DevClusterError` or `InvocationError`. Nothing was applied when a build or push
    ///   failed.
    public func run(_ names: [String]) async throws -> DeployReport {
        try await tellingInterruption { try await deploy(names) }
    }

    /// What an interruption left is said, where nothing below said it.
    private func tellingInterruption(_ body: () async throws -> DeployReport) async throws
        -> DeployReport
    {
        do {
            return try await body()
        } catch  where DevClusterError.Code(of: error) == .interrupted {
            guard (error as? DevClusterError)?.code != .interrupted else { throw error }
            throw await phase.interruption(session, error)
        }
    }

    private func deploy(_ names: [String]) async throws -> DeployReport {
        try await locking { locks in try await deploy(names, &locks) }
    }

    private func deploy(_ names: [String], _ locks: inout NamespaceLocks) async throws
        -> DeployReport?
    {
        let start = ContinuousClock.now
        // Until the pods run: nothing names what was pushed before that.
        let pushes = try await session.sharePushes()
        defer { withExtendedLifetime(pushes) {} }
        let builder = ImageBuilder(
            session: session, usesCache: usesCache, keepsTags: true,
            alwaysNewTags: alwaysNewTags)
        let selected = try builder.select(names)
        guard !selected.isEmpty || !session.configuration.manifests.isEmpty else {
            throw DevClusterError(
                .usage, "there is nothing to deploy: no spec.images and no spec.manifests",
                hint: "describe them in devcluster.yaml")
        }
        try await session.requireCluster()
        let secret = try await preparePulls()
        let target = DeployTarget(session: session)
        // Nothing is built for a cluster that does not answer.
        async let live = target.read()
        let version = try await builder.newVersion(of: selected)
        let announced = AnnouncedImages(
            references: Dictionary(
                uniqueKeysWithValues: selected.map { image in
                    (
                        image.name.description,
                        "\(session.place.registryHost)/\(image.name):\(version.tag(of: image))"
                    )
                }))
        async let objects = manifests(announced)
        async let images = builder.run(selected, as: version)
        let sources = try await objects
        let places = places(of: sources)
        // What was begun is cancelled.
        guard try await locks.add(places) else { return nil }
        var state = try await live
        let idle = try idleBases(
            among: selected.map(\.name.description), in: sources, announced, live: state.objects)
        state = try await completed(
            state, sources, builds: Set(announced.references.keys), in: places)
        let built = try await images.filter { !idle.contains($0.name) }
        var log = DeployLog(session: session, times: times, start: start, images: built)
        log.namespaces = places.sorted()
        return try await log.recording { [state] in
            try await change(
                built, announced.settled(sources, built: built), state, secret, isRollback: false)
        }
    }

    /// Deploys images that were pushed before, with the manifests of now.
    ///
    /// - Parameter record: the deploy that ran them.
    func redeploy(_ images: [BuiltImage], of record: DeployRecord) async throws -> DeployReport {
        try await tellingInterruption { try await again(images, record) }
    }

    private func again(_ images: [BuiltImage], _ record: DeployRecord) async throws -> DeployReport
    {
        try await locking { locks in try await again(images, record, &locks) }
    }

    private func again(
        _ images: [BuiltImage], _ record: DeployRecord, _ locks: inout NamespaceLocks
    ) async throws -> DeployReport? {
        let start = ContinuousClock.now
        let pushes = try await session.sharePushes()
        defer { withExtendedLifetime(pushes) {} }
        let target = DeployTarget(session: session)
        let announced = AnnouncedImages(
            references: Dictionary(images.map { ($0.name, $0.reference) }) { first, _ in first })
        async let read = target.read()
        let sources = try await manifests(announced)
        let live = try await read
        try requireUse(
            of: images.map(\.name), in: sources, announced, live: live.objects)
        let places = places(of: sources)
        guard try await locks.add(places) else { return nil }
        let state = try await completed(
            live, sources, builds: Set(images.map(\.name)), in: places)
        var log = DeployLog(session: session, times: times, start: start, images: images)
        log.repeats = record.time
        log.namespaces = places.sorted()
        return try await log.recording {
            try await change(images, sources, state, nil, isRollback: true)
        }
    }

    /// Everything that changes the cluster, and its proof.
    func change(
        _ built: [BuiltImage], _ sources: [JSONValue], _ state: DeployTarget.State,
        _ secret: PullSecretPlan?, isRollback: Bool
    ) async throws -> DeployReport {
        let start = Date()
        let places = places(of: sources)
        try requireAppliable(sources, built: built, state)
        let state = try await DeployTarget(session: session)
            .ensureNamespace(state, and: places)
        try await secret?.run()
        let applied =
            session.configuration.manifests.isEmpty
            ? try await setImages(built, live: state.objects)
            : try await apply(sources, built: built, state, isRollback: isRollback)
        remember(applied)
        return try await prove(built, applied, in: places, since: start)
    }

    /// A deploy is no failure because nobody can remember what it put where.
    private func remember(_ applied: AppliedDeploy) {
        do {
            try session.remember(
                placed: applied.placed, areComplete: !session.configuration.manifests.isEmpty)
        } catch {
            session.activity.report(
                .warning(
                    "it was not recorded what belongs into each container:"
                        + " \(DeployLog.message(of: error))"))
        }
    }

    private func manifests(_ announced: AnnouncedImages) async throws -> [JSONValue] {
        var reader = ManifestReader(runner: session.runner)
        reader.cluster = session.kubectl
        return try await reader.distinctObjects(
            of: session.configuration.manifests, configuration: session.configuration,
            environment: announced.environment)
    }

    private func apply(
        _ objects: [JSONValue], built: [BuiltImage], _ state: DeployTarget.State, isRollback: Bool
    ) async throws -> AppliedDeploy {
        let live = state.all
        let helm = HelmHooks(session: session, namespace: namespace)
        let choice = try await helm.choose(objects, live: live, isRollback: isRollback)
        helm.tell(choice.idle)
        let plan = try plan(choice.objects, built: built, live: live)
        try PullPolicyCheck.require(plan.objects, built: built)
        LeftWorkloads(session: session).tell(live: state.deployed, beside: objects)
        let applier = ManifestApplier(
            session: session, namespace: namespace, set: plan.objects)
        // Clearing a lock changes the cluster already.
        phase.enter(.applying(plan.workloads))
        return try await clearingLocks(plan.objects, live: live) {
            let applied = try await session.activity.step(
                "apply \(counted(plan.objects.count, "object"))",
                detail: { (applied: ManifestApplier.Applied) in
                    applied.warnings.isEmpty ? nil : counted(applied.warnings.count, "warning")
                }
            ) { _ in
                try await replaceEnded(plan.objects, live: live)
                return try await HookRunner(session: session, namespace: namespace)
                    .apply(plan, choice.action, applier)
            }
            let created = applied.created.map { ManifestObject($0) }
            let changed = created.filter { object in
                session.imageRewriter.uses(in: object.value).contains { use in
                    built.contains { $0.reference == use.reference }
                }
            }
            return AppliedDeploy(
                lines: applied.lines, warnings: applied.warnings,
                workloads: plan.workloads + created.compactMap { $0.target(home: namespace) },
                changed: plan.changed + changed.compactMap { $0.target(home: namespace) },
                custom: CustomUse.all(in: plan.objects, session.imageRewriter),
                rewritten: plan.rewritings, placed: plan.placed,
                loadBalancers: PendingLoadBalancers.names(in: plan.objects, home: namespace),
                hooks: plan.hooks, moment: choice.action.after)
        }
    }

    private func setImages(_ built: [BuiltImage], live: [JSONValue]) async throws -> AppliedDeploy {
        let rewriter = session.imageRewriter
        let planned = SetImages.settable(live).map { object in
            rewriter.rewrite(object) { use in
                built.first { $0.name == use.image }?.reference
            }
        }
        try PullPolicyCheck.require(planned, built: built)
        let locks = DeployLocks(session: session, namespace: namespace)
        phase.enter(
            .applying(
                zip(planned, SetImages.settable(live)).compactMap { new, old in
                    new == old ? nil : ManifestObject(new).target(home: namespace)
                }))
        return try await locks.around(planned, live: live, areComplete: true) {
            try await SetImages(session: session).run(built, live: live)
        }
    }

    private func prove(
        _ built: [BuiltImage], _ applied: AppliedDeploy, in places: Set<String>, since start: Date
    ) async throws -> DeployReport {
        phase.enter(.proving)
        var wait = RolloutWait(
            session: session, namespace: namespace,
            deadline: session.configuration.timeouts.rollout.duration, maxRestarts: maxRestarts)
        wait.since = start
        let retention = try TagRetention(session: session, repositories: built.map(\.name))
        async let found = retention.look()
        let rollout = try await wait.run(applied.workloads)
        try await PendingLoadBalancers(session: session).report(among: applied.loadBalancers)
        try await HookRunner(session: session, namespace: namespace).run(
            applied.hooks, at: applied.moment, left: "everything else was applied and is ready")
        var verification: VerificationReport?
        // What has left the manifests may run on where earlier deploys put it.
        let touched = try ProjectNamespaces(session: session).recorded.union(places)
        if !session.isDryRun {
            verification = try await session.activity.step(
                "verify what runs", detail: { Deploy.summary($0) }
            ) { _ in
                try await DeployVerification(
                    session: session, workloads: applied.workloads, namespaces: touched,
                    built: built, custom: applied.custom
                ).run(rollout.objects)
            }
        }
        phase.enter(.verified)
        let isProven = verification?.exitCode == 0
        let holdings = isProven ? await found : nil
        async let removed = retention.runAfterDeploy(holdings)
        let forwards = try await PortForwards(session: session).ensureConfigured()
        let locks = applied.locks + rollout.locks
        return DeployReport(
            context: session.place.context, namespace: namespace,
            namespaces: places.sorted(), images: built, rewritten: applied.rewritten,
            applied: applied.lines, warnings: applied.warnings, rollouts: rollout.results,
            verification: verification, forwards: forwards.statuses,
            forwardProblems: forwards.problems.isEmpty ? nil : forwards.problems,
            retention: try await removed, locks: locks.isEmpty ? nil : locks)
    }

    private static func summary(_ report: VerificationReport) -> String {
        let fresh = report.containers.count { $0.verdict.isFresh }
        let judged = report.containers.count {
            $0.verdict != .notOurs && $0.verdict != .notJudged
        }
        return "\(fresh) of \(counted(judged, "container")) run what was built"
    }
}
