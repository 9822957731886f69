import Tools
import Vocabulary

/// What a namespace that is being deleted still holds, as its controller says in the conditions.
struct NamespaceContent: Sendable, Hashable {
    /// Objects of one type that are left.
    struct Remainder: Sendable, Hashable {
        /// As kubectl takes it: `pods`, `deployments.apps`.
        var resource: String
        var count: BoundedInteger
    }

    var remaining: [Remainder] = []
    /// Finalizers that are left, each with how many objects have it.
    var finalizers: [String] = []
    /// What the controller could not do, in its words.
    var failures: [String] = []
    /// Whether the API of a group did not answer it.
    var hasUnknownGroups = false
    /// Whether the controller has looked at it at all.
    var isKnown = false

    /// Reads the conditions of a namespace's status.
    ///
    /// Their messages are `Some resources are remaining: pods. has 2 resource instances, …` and
    /// `Some content in the namespace has finalizers remaining: a/b in 1 resource instances`.
    init(status: JSONValue) {
        for condition in status["conditions"]?.array ?? [] {
            isKnown = true
            guard condition["status"]?.string == "True" else { continue }
            let message = condition["message"]?.string ?? ""
            switch condition["type"]?.string ?? "" {
            case "NamespaceContentRemaining":
                remaining = NamespaceContent.items(message).compactMap(Remainder.init)
            case "NamespaceFinalizersRemaining":
                finalizers = NamespaceContent.items(message)
                    .compactMap { $0.split(separator: " ").first.map(String.init) }
            case "NamespaceDeletionDiscoveryFailure":
                hasUnknownGroups = true
                failures.append(message)
            case "NamespaceDeletionContentFailure", "NamespaceDeletionGroupVersionParsingFailure":
                failures.append(message)
            default: break
            }
        }
    }

    /// Whether something is left that time alone does not remove, as it does pods that are ending.
    var hasObstacle: Bool {
        !finalizers.isEmpty || hasUnknownGroups
            || failures.contains { !KubeletText.listedStill.isIn($0) }
    }

    /// How many objects are left; nil when nobody said.
    var count: BoundedInteger? { isKnown ? remaining.map(\.count).sum() : nil }

    /// The same in a few words: `3 objects left: 2 pods, 1 configmaps`.
    var summary: String {
        guard isKnown else { return "not looked at yet" }
        guard !remaining.isEmpty else {
            // From Kubernetes 1.33 to 1.36 at least it names nothing as long as pods are left
            // (namespaced_resources_deleter.go; kubernetes/kubernetes#138208).
            return hasUnknownGroups
                ? "nothing left of what can be listed" : "nothing left that its controller names"
        }
        let parts = remaining.map { "\($0.count) \($0.resource)" }
        return "\(counted(count ?? 0, "object")) left: "
            + ShownText.line(parts.joined(separator: ", "))
    }

    private static func items(_ message: String) -> [Substring] {
        guard let colon = message.firstIndex(of: ":") else { return [] }
        return message[colon...].dropFirst().split(separator: ",")
    }
}

extension NamespaceContent.Remainder {
    /// `pods. has 2 resource instances`, `deployments.apps has 1 resource instances`.
    fileprivate init?(_ text: Substring) {
        let words = text.split(separator: " ")
        guard words.count > 2, words[1] == "has", let count = BoundedInteger(words[2]) else {
            return nil
        }
        let name = words[0].hasSuffix(".") ? words[0].dropLast() : words[0]
        // It goes into kubectl's arguments.
        guard let first = name.utf8.first, first != UInt8(ascii: "-") else { return nil }
        resource = String(name)
        self.count = count
    }
}
