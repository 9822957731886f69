import Tools
import Vocabulary

/// An object that Helm runs at a certain moment and does not keep as a part of the release: it is
/// known by its annotation `helm.sh/hook`.
package struct HelmHook: Sendable, Hashable, CustomStringConvertible {
    /// The moments at which a deploy runs hooks.
    package enum Moment: String, Sendable, CaseIterable {
        case preInstall = "pre-install"
        case postInstall = "post-install"
        case preUpgrade = "pre-upgrade"
        case postUpgrade = "post-upgrade"
        case preRollback = "pre-rollback"
        case postRollback = "post-rollback"
    }

    /// When a hook is deleted.
    package enum DeletePolicy: String, Sendable, CaseIterable {
        case beforeCreation = "before-hook-creation"
        case succeeded = "hook-succeeded"
        case failed = "hook-failed"
    }

    package let object: JSONValue
    /// What its annotation says, as `["pre-install", "pre-upgrade"]`.
    package let events: [String]
    /// The smaller, the earlier.
    package let weight: Int
    package let deletePolicies: Set<DeletePolicy>

    /// Nil for an object that is no hook; Helm 2's `crd-install` is a definition like any other.
    package init?(_ object: JSONValue) {
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
    package func runs(at moment: Moment) -> Bool { events.contains(moment.rawValue) }

    /// As `Job/migrate`.
    package var name: String { ManifestObject(object).shownName }

    /// Whether some deploy, or rollback, runs it; all others are left to Helm.
    package var runsOnDeploy: Bool { Moment.allCases.contains { runs(at: $0) } }

    /// What it is and when Helm runs it, as `Job/wipe (pre-delete)`.
    package var description: String {
        ShownText.line("\(name) (\(events.joined(separator: ", ")))")
    }
}
