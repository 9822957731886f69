import ChildProcess
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// Deletes the objects of manifests and waits until they, and what belongs to them, are gone.
public struct ObjectDeletion: Sendable {
    let session: Session
    /// The namespace of objects that name none.
    let namespace: String
    let objects: [JSONValue]
    /// Those that `helm.sh/resource-policy: keep` protects.
    private let kept: [ManifestObject]
    /// Hooks of Helm that no deploy made.
    private let idle: [HelmHook]
    /// Those of which every deploy made another one, under a name of the API server's.
    private let unnamed: [ManifestObject]
    let stripsFinalizers: Bool
    /// How long nothing has to change before it is said why.
    var patience: Duration = .seconds(15)
    var clock = WaitClock.continuous

    /// Describes the work on objects that were read from manifests; nothing starts yet.
    init(
        session: Session, namespace: String, objects: [JSONValue], stripsFinalizers: Bool = false
    ) {
        self.session = session
        self.namespace = namespace
        idle = objects.compactMap(HelmHook.init).filter { !$0.runsOnDeploy }
        self.objects = ObjectDeletion.ordered(
            objects.filter {
                !ManifestObject($0).isKept && HelmHook($0)?.runsOnDeploy != false
                    && ManifestObject($0).generatedNamePrefix == nil
            })
        let all = objects.map { ManifestObject($0) }
        kept = all.filter(\.isKept)
        unnamed = all.filter { $0.generatedNamePrefix != nil }
        self.stripsFinalizers = stripsFinalizers
    }

    /// Reads the objects of files, folders or kustomizations.
    ///
    /// - Throws: `DevClusterError` naming what cannot be read.
    public static func reading(
        _ paths: [String], session: Session, stripsFinalizers: Bool = false
    ) async throws -> ObjectDeletion {
        let objects = try await ManifestReader(runner: session.runner).objects(
            of: paths.map { .path($0) }, configuration: session.configuration, environment: [:])
        return ObjectDeletion(
            session: session, namespace: session.configuration.namespace.description,
            objects: objects, stripsFinalizers: stripsFinalizers)
    }

    /// Objects whose data is lost: claims, volumes, namespaces, and types with all their objects,
    /// as `Namespace/shop`.
    public var precious: [String] {
        let kinds: [BuiltInKind?] = [
            .persistentVolumeClaim, .persistentVolume, .namespace, .customResourceDefinition,
        ]
        return objects.map { ManifestObject($0) }.filter { kinds.contains($0.builtIn) }
            .map { ShownText.line($0.description) }
    }

    /// Deletes them; what is not there is fine.
    ///
    /// - Throws: `DevClusterError` when something is not gone in `spec.timeouts.delete`.
    public func run() async throws -> DeletionReport {
        try await session.requireCluster()
        let places = objects.compactMap { ManifestObject($0).place(home: namespace) }
        let locks = try await NamespaceLocks(Set(places + [namespace]), session: session)
        defer { withExtendedLifetime(locks) {} }
        return try await perform()
    }

    /// The same for whoever has the namespace's lock already.
    func perform() async throws -> DeletionReport {
        if !kept.isEmpty {
            let names = kept.map { ShownText.line($0.description) }.joined(separator: ", ")
            session.activity.report(.note("helm.sh/resource-policy keeps \(names)"))
        }
        if !idle.isEmpty {
            let names = idle.map(\.description).joined(separator: ", ")
            session.activity.report(
                .note("hooks of Helm that a deploy does not run are left: \(names)"))
        }
        if !unnamed.isEmpty {
            let names = unnamed.map { "\($0.kind)/\($0.generatedNamePrefix ?? "")…" }
            session.activity.report(
                .note(
                    "what deploys made of \(ShownText.line(names.joined(separator: ", "))) is left:"
                        + " the API server chose the names"))
        }
        let start = clock.now()
        let there = try await read(resources)
        var report = DeletionReport(deleted: [], absent: [], stripped: [], seconds: 0)
        report.absent = objects.map(ManifestObject.init).filter { object in
            !there.contains { $0.isMeant(by: object, in: namespace) }
        }.map { ShownText.line("\($0.kind.lowercased())/\($0.name)") }
        report.deleted = there.map(\.name)
        guard !there.isEmpty else { return report }
        report.stripped = try await session.activity.step(
            "delete \(counted(there.count, "object"))"
        ) { step in
            try await delete()
            return session.isDryRun ? [] : try await follow(there, step)
        }
        report.seconds = (clock.now() - start).inSeconds
        return report
    }

    /// What others live in goes last; what a definition takes with it is not named.
    private static func ordered(_ objects: [JSONValue]) -> [JSONValue] {
        let last: [BuiltInKind?] = [.customResourceDefinition, .namespace]
        let defined = objects.filter { ManifestObject($0).builtIn == last[0] }.map { definition in
            [definition["spec"]?["group"]?.string, definition["spec"]?["names"]?["kind"]?.string]
        }
        let named = objects.reversed().filter { object in
            !defined.contains([ManifestObject(object).group, ManifestObject(object).kind])
        }
        return named.filter { !last.contains(ManifestObject($0).builtIn) }
            + named.filter { last.contains(ManifestObject($0).builtIn) }
    }

    /// The types of the objects by the namespace they are in, as kubectl takes them.
    private var resources: [String: [String]] {
        Dictionary(grouping: objects) { ManifestObject($0).namespace ?? namespace }
            .mapValues { objects in
                let names = objects.map {
                    RemainingObject.resource(
                        kind: $0["kind"]?.string ?? "", apiVersion: $0["apiVersion"]?.string ?? "")
                }
                return Set(names).sorted()
            }
    }

    /// Those of the objects that are there: one read for each type and namespace.
    private func read(_ resources: [String: [String]]) async throws -> [RemainingObject] {
        var found: [RemainingObject] = []
        for (place, types) in resources.sorted(by: { $0.key < $1.key }) {
            let outcome = try await session.kubectl.read(
                types.joined(separator: ","), namespace: place,
                deadline: APISilence.readDeadline)
            guard outcome.succeeded else {
                throw DevClusterError(
                    .failed, "what is there to delete in namespace \(place) cannot be read",
                    hint: "devcluster up, if the cluster does not answer",
                    cause: InvocationError(
                        .failed(outcome.exit), outcome.invocation,
                        errorOutput: outcome.errorOutput))
            }
            let items = try RemainingObject.list(session.kubectl, outcome)
            found += items.filter { item in
                objects.contains { item.isMeant(by: ManifestObject($0), in: namespace) }
            }
        }
        // Of a type without namespaces each call lists all.
        var seen: Set<String> = []
        return found.filter { seen.insert($0.metadata.uid).inserted }
    }

    private func delete() async throws {
        let own = objects.filter { (ManifestObject($0).namespace ?? namespace) == namespace }
        let others = objects.filter { !own.contains($0) }
        for (list, place) in [(own, namespace), (others, nil)] where !list.isEmpty {
            try await session.kubectl.startDeletion(of: list, namespace: place)
        }
    }

    /// Looks until none of these is left: after 1 s, and rarer as long as nothing changes.
    private func follow(_ there: [RemainingObject], _ step: ActivityStep) async throws -> [String] {
        let limit = session.configuration.timeouts.delete
        let end = clock.now() + limit.duration
        let uids = Set(there.map(\.metadata.uid))
        var left = there
        var (pace, since) = (DeletionPace(), clock.now())
        var silence = APISilence(
            reading:
                counted(there.count, "object"), session.activity, clock: clock)
        var stripped: [String] = []
        var said: Standstill?
        var shown = ObjectDeletion.summary(there)
        while true {
            var hasProgress = false
            let types = remainingTypes(left)
            if let now = try await silence.attempt({ try await read(types) }) {
                // One of another uid was made by somebody else, after ours was gone.
                let still = now.filter { uids.contains($0.metadata.uid) }
                if still.isEmpty { return stripped }
                hasProgress = Set(still) != Set(left)
                left = still
                if hasProgress { since = clock.now() }
                let text = ObjectDeletion.summary(still)
                if text != shown { session.activity.report(.note(text)) }
                shown = text
                step.progress(text)
            }
            let standstill = Standstill(subject: counted(left.count, "object"), objects: left)
            guard clock.now() < end else { throw late(standstill, limit) }
            if clock.now() - since >= patience {
                if standstill != said && !standstill.isSlow(now: Date()) {
                    session.activity.report(.warning(standstill.text(now: Date())))
                    said = standstill
                }
                if stripsFinalizers {
                    let gone = try await FinalizerRemoval(session: session)
                        .run(standstill.strippable)
                    stripped += gone
                    hasProgress = hasProgress || !gone.isEmpty
                }
            }
            try await clock.sleep(min(pace.pause(hasProgress: hasProgress), end - clock.now()))
        }
    }

    /// How many are left, and the names of three.
    private static func summary(_ objects: [RemainingObject]) -> String {
        let names = objects.prefix(3).map(\.name).joined(separator: ", ")
        return "\(counted(objects.count, "object")) left: \(names)"
            + (objects.count > 3 ? ", …" : "")
    }

    /// Only types of which something is left are read again.
    private func remainingTypes(_ left: [RemainingObject]) -> [String: [String]] {
        Dictionary(grouping: left) { $0.metadata.namespace ?? namespace }
            .mapValues { Set($0.map(\.resource)).sorted() }
    }

    private func late(_ standstill: Standstill, _ limit: HumanDuration) -> DevClusterError {
        let kubectl = "kubectl --context \(session.place.context)"
        var commands = standstill.objects.prefix(3).map { object in
            kubectl + (object.metadata.namespace.map { " --namespace \($0)" } ?? "")
                + " get \(object.name) -o yaml"
        }
        if !standstill.strippable.isEmpty {
            commands.append("the same command with --strip-finalizers")
        }
        return DevClusterError(
            .deadline, "not gone after \(limit): \(standstill.text(now: Date()))",
            hint: commands.joined(separator: "\n      "))
    }
}

extension RemainingObject {
    /// Whether a manifest speaks of this object; the version of the API may differ.
    fileprivate func isMeant(by object: ManifestObject, in namespace: String) -> Bool {
        kind == object.kind && metadata.name == object.name
            && ObjectType(apiVersion: apiVersion, kind: kind).group == object.group
            && (metadata.namespace == nil
                || metadata.namespace == (object.namespace ?? namespace))
    }
}
