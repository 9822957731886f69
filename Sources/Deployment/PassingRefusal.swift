import Tools
import Vocabulary

/// Why a refusal passes by itself, and how long it is worth trying again.
enum PassingRefusal: Sendable, Hashable {
    /// The API does not serve the kind yet: its definition, or the server behind it, was just made.
    case kindNotServed(isDefined: Bool)
    /// A webhook, or the server that an APIService names, does not answer yet.
    case webhook
    /// What every namespace gets a moment after it is made is not there.
    case namespaceIsNew
    /// A quota was just made or changed, and not counted yet.
    case quota
    /// The API server is busy, or somebody else changed the object in the same moment.
    case busy

    /// Judges what was said of an object.
    ///
    /// - Parameter set: all that is applied with it.
    init?(_ refused: ApplyAttempt.Refused, among set: [ManifestObject]) {
        let (text, reason) = (refused.refusal.text, refused.refusal.reason)
        let object = refused.object.map { ManifestObject($0) }
        func has(_ kind: BuiltInKind, _ name: Substring?) -> Bool {
            set.contains { $0.builtIn == kind && $0.name == name.map(String.init) }
        }
        if [KubectlText.noKind, KubectlText.notServed].areIn(text) {
            guard let object else { return nil }
            let isDefined = set.contains { $0.defines(object) }
            guard isDefined || object.hasCustomGroup else { return nil }
            self = .kindNotServed(isDefined: isDefined)
        } else if [KubectlText.silentWebhook, KubectlText.silentConversion].areIn(text) {
            self = .webhook
        } else if KubectlText.noAccount.isIn(text) {
            let name = text.quoted(after: "serviceaccount ")
            guard name == "default" || has(.serviceAccount, name) else { return nil }
            self = .namespaceIsNew
        } else if let name = text.quoted(after: "namespaces "), text.hasSuffix("not found") {
            guard has(.namespace, name) else { return nil }
            self = .namespaceIsNew
        } else if let rest = KubectlText.overQuota.following(in: text) {
            guard has(.resourceQuota, rest.prefix { $0 != "," }) else { return nil }
            self = .quota
        } else if KubectlText.uncountedQuota.areIn(text) {
            self = .quota
        } else if ["ServiceUnavailable", "ServerTimeout", "Timeout", "TooManyRequests"]
            .contains(reason) || KubectlText.busy.areIn(text)
        {
            self = .busy
        } else if object?.generatedNamePrefix == nil,
            (KubectlText.lost + KubectlText.silence).areIn(text)
        {
            // It may have been applied, which the next try shows; what gets a new name each time
            // would be there twice.
            self = .busy
        } else if reason == "Conflict", object?.value["metadata"]?["resourceVersion"] == nil {
            self = .busy
        } else {
            return nil
        }
    }

    /// How long it is tried again.
    ///
    /// - Parameter rollout: how long pods may take; a webhook is a program that has to start.
    func deadline(rollout: Duration) -> Duration {
        switch self {
        case .kindNotServed(let isDefined): isDefined ? max(rollout, .seconds(60)) : .seconds(15)
        case .webhook: rollout
        case .namespaceIsNew, .quota, .busy: .seconds(30)
        }
    }
}

extension ManifestObject {
    /// Whether others than Kubernetes itself serve the kind.
    var hasCustomGroup: Bool {
        group.contains(".") && (!group.hasSuffix(".k8s.io") || group.hasSuffix(".x-k8s.io"))
    }

    /// Whether another object has the kind that this one defines, or that a server behind this
    /// APIService serves.
    func defines(_ other: ManifestObject) -> Bool {
        let spec = value["spec"]
        guard spec?["group"]?.string == other.group else { return false }
        return builtIn == .apiService
            || builtIn == .customResourceDefinition
                && spec?["names"]?["kind"]?.string == other.kind
    }
}

extension String {
    /// What stands in quotes right after some words.
    fileprivate func quoted(after words: String) -> Substring? {
        guard let range = firstRange(of: words + "\"") else { return nil }
        return self[range.upperBound...].prefix { $0 != "\"" }
    }
}
