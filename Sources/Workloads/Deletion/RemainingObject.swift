import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// An object that should be gone.
struct RemainingObject: Decodable, Sendable, Hashable {
    struct Metadata: Decodable, Sendable, Hashable {
        var name: String
        var namespace: String?
        var uid: String
        var deletionTimestamp: String?
        var finalizers: [String]?

        private enum CodingKeys: String, CodingKey {
            case name, namespace, uid, deletionTimestamp, finalizers
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.checked(.name, NameGrammar.pathSegment)
            namespace = try container.checkedIfPresent(.namespace) { NameGrammar.label($0) }
            uid = try container.decode(String.self, forKey: .uid)
            deletionTimestamp = try container.decodeIfPresent(
                String.self, forKey: .deletionTimestamp)
            finalizers = try container.decodeIfPresent([String].self, forKey: .finalizers)
        }
    }
    struct Spec: Decodable, Sendable, Hashable { var nodeName: String? }

    var apiVersion: String
    var kind: String
    var metadata: Metadata
    var spec: Spec?

    private enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, spec }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        apiVersion = try container.checked(.apiVersion, NameGrammar.apiVersion)
        kind = try container.checked(.kind, NameGrammar.kind)
        metadata = try container.decode(Metadata.self, forKey: .metadata)
        // Only a pod's is of interest, and others have what they like there.
        let type = ObjectType(apiVersion: apiVersion, kind: kind)
        spec =
            type.builtIn == .pod
            ? try container.decodeIfPresent(Spec.self, forKey: .spec) : nil
    }

    /// `configmap/settings`.
    var name: String { ShownText.line("\(kind.lowercased())/\(metadata.name)") }

    /// The type as kubectl takes it, beyond doubt: `ConfigMap.v1.`, `Deployment.v1.apps`.
    var resource: String { RemainingObject.resource(kind: kind, apiVersion: apiVersion) }

    static func resource(kind: String, apiVersion: String) -> String {
        let parts = apiVersion.split(separator: "/", maxSplits: 1)
        return parts.count == 2 ? "\(kind).\(parts[1]).\(parts[0])" : "\(kind).\(apiVersion)."
    }

    /// Finalizers that somebody has to take away; not those with which the API server itself
    /// waits for what belongs to the object.
    var holdingFinalizers: [String] {
        guard metadata.deletionTimestamp != nil else { return [] }
        return (metadata.finalizers ?? []).filter {
            !["foregroundDeletion", "orphan"].contains($0)
        }
    }

    /// Why it may still be there.
    func state(now: Date) -> State {
        guard let text = metadata.deletionTimestamp, let due = Date(timestamp: text) else {
            return .notDeleted
        }
        if !holdingFinalizers.isEmpty { return .held(holdingFinalizers) }
        if metadata.finalizers?.contains("foregroundDeletion") == true { return .awaitsDependents }
        // A pod's is the end of its grace period; Kubernetes 1.20 needs 15 s after that.
        let overdue = now.timeIntervalSince(due)
        return overdue > 45 ? .overdue(seconds: BoundedInteger(overdue)) : .ending
    }

    enum State: Sendable, Hashable {
        /// Nobody has asked for its deletion yet.
        case notDeleted
        /// Its finalizers keep it.
        case held([String])
        /// What belongs to it goes first.
        case awaitsDependents
        /// Within its grace period, or just after.
        case ending
        /// It should have been gone for so long.
        case overdue(seconds: BoundedInteger)

        /// Whether it gets on by itself.
        var isSlow: Bool { [.ending, .awaitsDependents].contains(self) }
    }

    /// Name and reason, for messages.
    func explanation(now: Date) -> String {
        switch state(now: now) {
        case .notDeleted: "\(name) was not deleted yet"
        case .held(let finalizers):
            "\(name) is kept by the finalizer"
                + (finalizers.count == 1 ? " " : "s ")
                + ShownText.line(finalizers.joined(separator: ", "))
        case .awaitsDependents: "\(name) waits for what belongs to it"
        case .ending: "\(name) is ending"
        case .overdue(let seconds):
            "\(name) should have been gone \(seconds) s ago"
                + (spec?.nodeName.map { ": does node \(ShownText.line($0)) work?" } ?? "")
        }
    }
}
