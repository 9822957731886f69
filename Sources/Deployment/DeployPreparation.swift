import Images
import Registries
import Sessions
import Settings
import Tools
import Vocabulary

/// What a deploy looks at, and refuses, before it changes anything.
extension Deploy {
    /// The images that nothing uses but the Containerfiles of others, which are built on them.
    ///
    /// - Throws: as `requireUse` does for the others.
    func idleBases(
        among names: [String], in sources: [JSONValue], _ announced: AnnouncedImages,
        live: [JSONValue]
    ) throws -> Set<String> {
        let objects =
            session.configuration.manifests.isEmpty ? SetImages.settable(live) : sources
        let used = session.imageRewriter.used(in: objects)
            .union(announced.named(in: sources))
        let bases = ImageBases(session)
        let idle = bases.within(names).subtracting(used)
        for name in names where !used.contains(name) && !idle.contains(name) {
            guard let other = bases.dependents(of: name).first else { continue }
            throw DevClusterError(
                .usage, "no manifest uses the image '\(name)'",
                hint: "'\(other)' is built on it: devcluster deploy \(other)")
        }
        try requireUse(
            of: names.filter { !idle.contains($0) }, in: sources, announced, live: live)
        return idle
    }

    /// Throws when an image would be built for nothing; known before anything is built.
    func requireUse(
        of names: [String], in sources: [JSONValue], _ announced: AnnouncedImages,
        live: [JSONValue]
    ) throws {
        let rewriter = session.imageRewriter
        guard !session.configuration.manifests.isEmpty else {
            try rewriter.requireUse(
                of: names, in: SetImages.settable(live),
                place: "workload in namespace \(namespace)")
            return
        }
        try rewriter.requireDeclaredPlaces(in: sources)
        try rewriter.requireUse(
            of: names, in: sources, place: "manifest", named: announced.named(in: sources))
    }

    /// The state with what is there beyond the workloads of the project's namespace: of the manifests'
    /// objects, and of what was deployed before.
    func completed(
        _ state: DeployTarget.State, _ sources: [JSONValue], builds names: Set<String>,
        in places: Set<String>
    ) async throws -> DeployTarget.State {
        guard !session.configuration.manifests.isEmpty else { return state }
        let target = DeployTarget(session: session)
        let touched = try ProjectNamespaces(session: session).recorded.union(places)
        async let naming = target.readNaming(imagesBeside: names, in: sources)
        async let deployed = LeftWorkloads(session: session).read(in: touched)
        var state = state
        state.others = try await target.readOthers(for: sources) + naming
        state.deployed = try await deployed
        return state
    }

    /// Throws what refuses the deploy, as long as nothing was made for it, not even a namespace.
    func requireAppliable(
        _ objects: [JSONValue], built: [BuiltImage], _ state: DeployTarget.State
    ) throws {
        // Which hooks run is known when the namespace is there.
        let plan = try plan(
            objects.filter { HelmHook($0) == nil }, built: built, live: state.lasting)
        try PullPolicyCheck.require(plan.objects, built: built)
    }

    func plan(_ objects: [JSONValue], built: [BuiltImage], live: [JSONValue]) throws
        -> ManifestPlan
    {
        var placed: [String: [String: [String: String]]] = [:]
        for place in places(of: objects) { placed[place] = try session.placed(in: place) }
        return try ManifestPlan(
            objects, built: built, rewriter: session.imageRewriter,
            live: LiveImages(
                objects: live, rewriter: session.imageRewriter, home: namespace, placed: placed),
            namespace: namespace, project: session.place.cluster,
            secret: session.pullSecretAttachment)
    }

    /// Throws when the nodes could not pull what would be built.
    ///
    /// - Returns: what makes the Secret that pods pull with; nil when nothing has to be made.
    func preparePulls() async throws -> PullSecretPlan? {
        try await RegistryAnnouncement(session: session).require()
        return try await PullSecret(session: session, isMade: createsPullSecret)?.prepare()
    }
}
