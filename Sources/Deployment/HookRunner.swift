import ChildProcess
import Sessions
import Settings
import Synchronization
import Tools
import Vocabulary
import Workloads

/// Runs hooks of Helm as Helm would: one after the other, each waited for.
struct HookRunner: Sendable {
    let session: Session
    /// Where hooks are made that name no namespace.
    let namespace: String
    var clock = WaitClock.continuous

    /// Runs those of a moment.
    ///
    /// - Parameter left: what an error says of the rest of the deploy.
    /// - Throws: `DevClusterError` with the reason of the first that failed, and its last lines.
    func run(_ hooks: [HelmHook], at moment: HelmHook.Moment, left: String) async throws {
        var done: [Made] = []
        for hook in HelmHook.running(at: moment, of: hooks) {
            // What fails later was made, too.
            let objects = Mutex<[ManifestObject]>([])
            do {
                try await session.activity.step("\(moment.rawValue) hook \(hook.name)") { _ in
                    let created = try await create(hook)
                    objects.withLock { $0 = created }
                    for object in created { try await wait(for: object) }
                }
                done.append(Made(hook: hook, objects: objects.withLock { $0 }))
            } catch {
                try await clean(done, .succeeded)
                guard DevClusterError.Code(of: error) != .interrupted else { throw error }
                try await clean([Made(hook: hook, objects: objects.withLock { $0 })], .failed)
                throw failure(of: hook, at: moment, error, left: left)
            }
        }
        try await clean(done, .succeeded)
    }

    /// A hook with what the API server made of it, names that it chose included.
    private struct Made {
        var hook: HelmHook
        var objects: [ManifestObject]
    }

    private func create(_ hook: HelmHook) async throws -> [ManifestObject] {
        if hook.deletePolicies.contains(.beforeCreation) { try await delete(hook.object) }
        let applied = try await ManifestApplier(
            session: session, namespace: namespace, clock: clock
        ).create(hook.object)
        return session.isDryRun ? [] : applied.created.map { ManifestObject($0) }
    }

    /// Applies everything, with the hooks before it; those after it wait until it is ready.
    func apply(_ plan: ManifestPlan, _ action: HelmHooks.Action, _ applier: ManifestApplier)
        async throws -> ManifestApplier.Applied
    {
        guard plan.hooks.contains(where: { $0.runs(at: action.before) }) else {
            return try await applier.apply(plan.objects)
        }
        // As with Helm, hooks may use what is defined beside them.
        let early = plan.objects.filter { ApplyWaves.isEarly(ManifestObject($0)) }
        let rest = plan.objects.filter { !ApplyWaves.isEarly(ManifestObject($0)) }
        let first = try await applier.apply(early)
        try await run(
            plan.hooks, at: action.before,
            left: early.isEmpty
                ? "nothing else was applied"
                : "of the rest, only namespaces and definitions were applied")
        var applied = try await applier.apply(rest)
        applied.lines = first.lines + applied.lines
        applied.warnings = first.warnings + applied.warnings
        return applied
    }

    /// Jobs and Pods run to their end; everything else is done when it is made.
    private func wait(for object: ManifestObject) async throws {
        guard [.job, .pod].contains(object.builtIn),
            let workload = object.target(home: object.namespace ?? namespace)
        else { return }
        let wait = RolloutWait(
            session: session, namespace: object.namespace ?? namespace,
            deadline: session.configuration.timeouts.rollout.duration, clock: clock,
            waitsForEnd: true)
        _ = try await wait.run([workload])
    }

    /// Deletes those whose policy says so.
    private func clean(_ all: [Made], _ policy: HelmHook.DeletePolicy) async throws {
        for made in all where made.hook.deletePolicies.contains(policy) {
            let generated = made.objects.filter { $0.name != ManifestObject(made.hook.object).name }
            for object in generated { try await delete(object.value) }
            try await delete(made.hook.object)
        }
    }

    private func delete(_ object: JSONValue) async throws {
        let object = ManifestObject(object)
        // Of those that get their name from the API server each run makes another one.
        guard object.generatedNamePrefix == nil else { return }
        try await session.kubectl.delete(
            object.resource, object.name, ignoresAbsence: true,
            namespace: object.builtIn?.isClusterScoped == true
                ? nil : object.namespace ?? namespace,
            deadline: session.configuration.timeouts.delete.duration)
    }

    private func failure(
        of hook: HelmHook, at moment: HelmHook.Moment, _ error: any Error, left: String
    ) -> DevClusterError {
        let known = error as? DevClusterError
        var lines = (known?.message ?? "\(error)").split(whereSeparator: \.isNewline)
            .map(String.init)
        let first = lines.isEmpty ? "" : lines.removeFirst()
        let isKept = !hook.deletePolicies.contains(.beforeCreation)
        let hint =
            if KubectlText.alreadyThere.isIn(first), isKept {
                "delete it: its delete policy keeps one of an earlier deploy"
            } else if known?.code == .deadline {
                [goingOn(hook), known?.hint].compactMap(\.self).joined(separator: "; ")
            } else {
                known?.hint
            }
        return DevClusterError(
            known?.code ?? DevClusterError.Code(of: error),
            (["the \(moment.rawValue) hook failed: \(first)"] + lines + ["  | \(left)"])
                .joined(separator: "\n"),
            hint: hint, cause: known?.cause ?? error)
    }

    /// What can be done about a hook that runs on; nil where it was deleted.
    private func goingOn(_ hook: HelmHook) -> String? {
        let object = ManifestObject(hook.object)
        guard !hook.deletePolicies.contains(.failed), object.generatedNamePrefix == nil else {
            return nil
        }
        let kubectl =
            "kubectl --context \(session.place.context) --namespace \(object.namespace ?? namespace)"
        return ShownText.line(
            "it runs on: '\(kubectl) logs --follow \(object.resource)/\(object.name)' shows what it"
                + " does, '\(kubectl) delete \(object.resource) \(object.name)' ends it")
    }
}
