import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a deploy did and proved.
public struct DeployReport: Codable, Sendable, Equatable {
    /// The context that was deployed to.
    public var context: String
    /// The namespace.
    public var namespace: String
    /// The images that were built, with their digests.
    public var images: [BuiltImage]
    /// What kubectl said of each object.
    public var applied: [String]
    /// The API's warnings, one for each object and text.
    public var warnings: [APIWarning] = []
    /// How each rollout ended.
    public var rollouts: [RolloutResult]
    /// What the pods of the changed workloads run; nil in a dry run.
    public var verification: VerificationReport?
    /// The configured forwards that can be used.
    public var forwards: [ForwardStatus]
    /// The others; nil when there are none.
    public var forwardProblems: [ForwardProblem]?
    /// What became too old; nil unless everything was proven.
    public var retention: RetentionReport?
    /// The locks that were cleared for it.
    public var locks: [ClearedLock]?
    /// The three steps that took longest.
    public var slowest: [DeployRecord.Step]?
    /// Steps that took much longer than they usually do.
    public var slower: [SlowStep]?

    /// 0 proven, 2 stale, 3 not decided; 1 when it is proven and a forward is missing.
    public var exitCode: Int32 {
        let proof = verification?.exitCode ?? 0
        return proof == 0 && forwardProblems != nil ? 1 : proof
    }
}

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

    private var namespace: String { session.configuration.namespace.description }

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
        let start = ContinuousClock.now
        let lock = try await session.lockNamespace(namespace)
        defer { withExtendedLifetime(lock) {} }
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
        async let objects = manifests(
            Dictionary(
                uniqueKeysWithValues: selected.map { image in
                    (
                        image.name.description,
                        "\(session.place.registryHost)/\(image.name):\(version.tag(of: image))"
                    )
                }))
        async let images = builder.run(selected, as: version)
        let state = try await live
        let sources = try await objects
        // Known before anything is built; what was begun is cancelled.
        let setsImages = session.configuration.manifests.isEmpty
        try session.imageRewriter.requireUse(
            of: selected.map(\.name.description),
            in: setsImages ? SetImages.settable(state.objects) : sources,
            place: setsImages ? "workload in namespace \(namespace)" : "manifest")
        let built = try await images
        let log = DeployLog(session: session, times: times, start: start, images: built)
        return try await log.recording {
            try await change(built, sources, state, secret)
        }
    }

    /// Throws when the nodes could not pull what would be built.
    ///
    /// - Returns: what makes the Secret that pods pull with; nil when nothing has to be made.
    private func preparePulls() async throws -> PullSecretPlan? {
        try await RegistryAnnouncement(session: session).require()
        return try await PullSecret(session: session, isMade: createsPullSecret)?.prepare()
    }

    /// Deploys images that were pushed before, with the manifests of now.
    ///
    /// - Parameter record: the deploy that ran them.
    func redeploy(_ images: [BuiltImage], of record: DeployRecord) async throws -> DeployReport {
        try await tellingInterruption { try await again(images, record) }
    }

    private func again(_ images: [BuiltImage], _ record: DeployRecord) async throws -> DeployReport
    {
        let start = ContinuousClock.now
        let lock = try await session.lockNamespace(namespace)
        defer { withExtendedLifetime(lock) {} }
        let pushes = try await session.sharePushes()
        defer { withExtendedLifetime(pushes) {} }
        let target = DeployTarget(session: session)
        async let live = target.read()
        let sources = try await manifests(
            Dictionary(images.map { ($0.name, $0.reference) }) { first, _ in first })
        let state = try await live
        var log = DeployLog(session: session, times: times, start: start, images: images)
        log.repeats = record.time
        return try await log.recording {
            try await change(images, sources, state, nil)
        }
    }

    /// Everything that changes the cluster, and its proof.
    private func change(
        _ built: [BuiltImage], _ sources: [JSONValue], _ state: DeployTarget.State,
        _ secret: PullSecretPlan?
    ) async throws -> DeployReport {
        let state = try await DeployTarget(session: session).ensureNamespace(state)
        try await secret?.run()
        let applied =
            session.configuration.manifests.isEmpty
            ? try await setImages(built, live: state.objects)
            : try await apply(sources, built: built, live: state.objects)
        return try await prove(built, applied)
    }

    /// Reads the manifests.
    ///
    /// - Parameter references: what the images are deployed as, by their names.
    private func manifests(_ references: [String: String]) async throws -> [JSONValue] {
        var environment: [String: String] = [:]
        for (name, reference) in references {
            let variable = name.uppercased()
                .map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
            environment["DEVCLUSTER_IMAGE_\(variable)"] = reference
        }
        return try await ManifestReader(runner: session.runner).objects(
            of: session.configuration.manifests, configuration: session.configuration,
            environment: environment)
    }

    private func apply(_ objects: [JSONValue], built: [BuiltImage], live: [JSONValue])
        async throws -> AppliedDeploy
    {
        let plan = try ManifestPlan(
            objects, built: built, rewriter: session.imageRewriter, live: LiveImages(objects: live),
            namespace: namespace, project: session.place.cluster,
            secret: session.pullSecretAttachment)
        try PullPolicyCheck.require(plan.objects, built: built)
        let applier = ManifestApplier(session: session, namespace: namespace)
        let locks = DeployLocks(session: session, namespace: namespace)
        // Clearing a lock changes the cluster already.
        phase.enter(.applying(plan.workloads))
        return try await locks.around(plan.objects, live: live, areComplete: false) {
            let applied = try await session.activity.step(
                "apply \(counted(plan.objects.count, "object"))",
                detail: { (applied: (lines: [String], warnings: [APIWarning])) in
                    applied.warnings.isEmpty ? nil : counted(applied.warnings.count, "warning")
                }
            ) { _ in
                try await applier.replaceJobs(plan.objects, live: live)
                return try await applier.apply(plan.objects)
            }
            return AppliedDeploy(
                lines: applied.lines, warnings: applied.warnings, workloads: plan.workloads,
                changed: plan.changed,
                loadBalancers: plan.objects.compactMap(PendingLoadBalancers.name))
        }
    }

    private func setImages(_ built: [BuiltImage], live: [JSONValue]) async throws -> AppliedDeploy {
        let rewriter = session.imageRewriter
        let planned = SetImages.settable(live).map { object in
            rewriter.rewrite(object) { image, _ in built.first { $0.name == image }?.reference }
        }
        try PullPolicyCheck.require(planned, built: built)
        let locks = DeployLocks(session: session, namespace: namespace)
        phase.enter(
            .applying(
                zip(planned, SetImages.settable(live)).compactMap { new, old in
                    new == old ? nil : ManifestObject(new).workload
                }))
        return try await locks.around(planned, live: live, areComplete: true) {
            try await SetImages(session: session).run(built, live: live)
        }
    }

    private func prove(_ built: [BuiltImage], _ applied: AppliedDeploy) async throws
        -> DeployReport
    {
        phase.enter(.proving)
        let wait = RolloutWait(
            session: session, namespace: namespace,
            deadline: session.configuration.timeouts.rollout.duration, maxRestarts: maxRestarts)
        let retention = TagRetention(session: session, repositories: built.map(\.name))
        async let found = retention.look()
        let rollout = try await wait.run(applied.workloads)
        try await PendingLoadBalancers(session: session, namespace: namespace)
            .report(among: applied.loadBalancers)
        var verification: VerificationReport?
        if !session.isDryRun {
            verification = try await session.activity.step(
                "verify what runs", detail: { Deploy.summary($0) }
            ) { _ in
                try await ImageVerification(session: session).run(
                    applied.changed.isEmpty ? applied.workloads : applied.changed,
                    in: rollout.objects, namespace: namespace, built: built)
            }
        }
        phase.enter(.verified)
        let isProven = verification?.exitCode == 0
        let holdings = isProven ? await found : nil
        async let removed = retention.runAfterDeploy(holdings)
        let forwards = try await PortForwards(session: session).ensureConfigured()
        let locks = applied.locks + rollout.locks
        return DeployReport(
            context: session.place.context, namespace: namespace, images: built,
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
