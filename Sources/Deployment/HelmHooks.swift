import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary

/// Which hooks of the manifests this deploy runs.
struct HelmHooks: Sendable {
    /// What is done with the set of manifests.
    enum Action: Sendable {
        /// It was never deployed to the namespace.
        case install
        /// It is there already.
        case upgrade
        /// What was deployed before is deployed again.
        case rollback

        /// The moment before everything else is applied.
        var before: HelmHook.Moment {
            switch self {
            case .install: .preInstall
            case .upgrade: .preUpgrade
            case .rollback: .preRollback
            }
        }

        /// The moment at which everything is ready.
        var after: HelmHook.Moment {
            switch self {
            case .install: .postInstall
            case .upgrade: .postUpgrade
            case .rollback: .postRollback
            }
        }
    }

    let session: Session
    let namespace: String

    /// What the manifests come to.
    struct Choice: Sendable {
        /// The manifests without the hooks that do not run.
        var objects: [JSONValue]
        var action = Action.upgrade
        /// Hooks that no deploy runs.
        var idle: [HelmHook] = []
    }

    /// Leaves out the hooks that this deploy does not run.
    ///
    /// - Throws: `DevClusterError` when it cannot be found out whether the set was deployed before.
    func choose(_ objects: [JSONValue], live: [JSONValue], isRollback: Bool) async throws -> Choice
    {
        let hooks = objects.compactMap(HelmHook.init)
        guard !hooks.isEmpty else { return Choice(objects: objects) }
        let plain = objects.filter { HelmHook($0) == nil }
        var choice = Choice(objects: [], action: .rollback)
        if !isRollback {
            choice.action = try await isFirst(plain, live: live) ? .install : .upgrade
        }
        let moments = [choice.action.before, choice.action.after]
        choice.objects = objects.filter { object in
            HelmHook(object).map { hook in moments.contains { hook.runs(at: $0) } } ?? true
        }
        let deploying: [HelmHook.Moment] = [.preInstall, .postInstall, .preUpgrade, .postUpgrade]
        choice.idle = hooks.filter { hook in
            !(deploying + moments).contains { hook.runs(at: $0) }
        }
        return choice
    }

    /// Names the hooks that no deploy runs, once.
    func tell(_ idle: [HelmHook]) {
        guard !idle.isEmpty else { return }
        let names = idle.map(\.description).joined(separator: ", ")
        session.activity.report(.note("hooks of Helm that a deploy does not run: \(names)"))
    }

    /// Whether nothing of the set is there yet, or no deploy of it ever came to its end: then what
    /// its install hooks do was not done.
    private func isFirst(_ objects: [JSONValue], live: [JSONValue]) async throws -> Bool {
        guard try await isThere(objects, live: live) else { return true }
        let records = try DeployHistory(session: session).records()
        return !records.isEmpty && records.allSatisfy { $0.error != nil }
    }

    private func isThere(_ objects: [JSONValue], live: [JSONValue]) async throws -> Bool {
        let mine = objects.map { ManifestObject($0) }.filter {
            $0.builtIn != nil && $0.builtIn?.isClusterScoped == false && !$0.name.isEmpty
        }
        let readAlready: [BuiltInKind?] = [.deployment, .statefulSet, .daemonSet, .cronJob]
        let workloads = mine.filter {
            readAlready.contains($0.builtIn) && ($0.namespace ?? namespace) == namespace
        }
        guard workloads.isEmpty else {
            return live.map { ManifestObject($0) }.contains { there in
                isOurs(there.value)
                    && workloads.contains { $0.builtIn == there.builtIn && $0.name == there.name }
            }
        }
        guard !mine.isEmpty else { return false }
        let elsewhere = mine.contains { ($0.namespace ?? namespace) != namespace }
        let placed = mine.map { object in
            var value = object.value
            value["metadata"]?["namespace"] = .string(object.namespace ?? namespace)
            return value
        }
        let kubectl = session.kubectl
        let outcome = try await kubectl.reach {
            try await kubectl.readLive(placed, namespace: elsewhere ? nil : namespace)
        }.checked()
        guard !outcome.output.isEmpty else { return false }
        let read = try JSONValue(parsing: outcome.output)
        return (read["items"]?.array ?? [read]).contains(where: isOurs)
    }

    private func isOurs(_ live: JSONValue) -> Bool {
        live["metadata"]?["labels"]?[DevClusterLabel.project]?.string == session.place.cluster
    }
}

extension HelmHook {
    /// Those that run at a moment in the order of Helm: weight, kind, name.
    static func running(at moment: Moment, of hooks: [HelmHook]) -> [HelmHook] {
        hooks.filter { $0.runs(at: moment) }.sorted { one, other in
            let (mine, its) = (ManifestObject(one.object), ManifestObject(other.object))
            return (one.weight, ManifestOrder.rank(of: mine), mine.name)
                < (other.weight, ManifestOrder.rank(of: its), its.name)
        }
    }
}
