import Tools
import Vocabulary

/// An object that Helm runs at a certain moment and does not keep as a part of the release: it is
/// known by its annotation `helm.sh/hook`.
struct HelmHook: Sendable, Hashable {
    /// The moments at which a deploy runs hooks.
    enum Moment: String, Sendable {
        case preInstall = "pre-install"
        case postInstall = "post-install"
        case preUpgrade = "pre-upgrade"
        case postUpgrade = "post-upgrade"
        case preRollback = "pre-rollback"
        case postRollback = "post-rollback"
    }

    /// When a hook is deleted.
    enum DeletePolicy: String, Sendable, CaseIterable {
        case beforeCreation = "before-hook-creation"
        case succeeded = "hook-succeeded"
        case failed = "hook-failed"
    }

    let object: JSONValue
    /// What its annotation says, as `["pre-install", "pre-upgrade"]`.
    let events: [String]
    /// The smaller, the earlier.
    let weight: Int
    let deletePolicies: Set<DeletePolicy>

    /// Nil for an object that is no hook; Helm 2's `crd-install` is a definition like any other.
    init?(_ object: JSONValue) {
        let annotations = object["metadata"]?["annotations"]
        let events = HelmHook.list(annotations?["helm.sh/hook"])
        guard !events.isEmpty, events != ["crd-install"] else { return nil }
        self.object = object
        self.events = events
        let weight = annotations?["helm.sh/hook-weight"]
        self.weight = weight?.integer?.value ?? weight?.string.flatMap { Int($0) } ?? 0
        let policies = HelmHook.list(annotations?["helm.sh/hook-delete-policy"])
            .compactMap(DeletePolicy.init)
        deletePolicies = policies.isEmpty ? [.beforeCreation] : Set(policies)
    }

    private static func list(_ annotation: JSONValue?) -> [String] {
        (annotation?.string ?? "").split { $0 == "," || $0.isWhitespace }
            .map { $0.lowercased() }
    }

    /// Whether it runs at this moment.
    func runs(at moment: Moment) -> Bool { events.contains(moment.rawValue) }

    /// As `Job/migrate`.
    var name: String { ManifestObject(object).shownName }

    /// Those that run at a moment in the order of Helm: weight, kind, name.
    static func running(at moment: Moment, of hooks: [HelmHook]) -> [HelmHook] {
        hooks.filter { $0.runs(at: moment) }.sorted { one, other in
            let (mine, its) = (ManifestObject(one.object), ManifestObject(other.object))
            return (one.weight, ManifestOrder.rank(of: mine), mine.name)
                < (other.weight, ManifestOrder.rank(of: its), its.name)
        }
    }
}
