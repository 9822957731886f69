import Vocabulary

/// A quota that leaves no room for a pod, from the words of the API's refusal.
///
/// `exceeded quota: NAME, requested: pods=1,cpu=1, used: pods=2,cpu=2, limited: pods=2,cpu=2`;
/// recorded with Kubernetes 1.20.
struct ExceededQuota: Sendable, Equatable {
    /// One resource of it that does not suffice.
    struct Resource: Sendable, Equatable {
        var name: String
        var requested: String
        var used: String
        var limit: String
    }

    var name: String
    var resources: [Resource]

    /// Reads the refusal; nil when its words are others.
    init?(_ message: String) {
        guard let start = message.firstRange(of: KubeletText.quota.words + ": ") else { return nil }
        let parts = message[start.upperBound...].split(separator: ", ")
        func amounts(_ label: String) -> [(name: String, amount: String)] {
            let list = parts.first { $0.hasPrefix(label + ": ") }?.dropFirst(label.count + 2) ?? ""
            return list.split(separator: ",").compactMap { item in
                let pair = item.split(separator: "=", maxSplits: 1)
                return pair.count == 2 ? (String(pair[0]), String(pair[1])) : nil
            }
        }
        let used = amounts("used")
        let limits = amounts("limited")
        resources = amounts("requested").compactMap { item in
            guard let used = used.first(where: { $0.name == item.name }),
                let limit = limits.first(where: { $0.name == item.name })
            else { return nil }
            return Resource(
                name: item.name, requested: item.amount, used: used.amount, limit: limit.amount)
        }
        name = parts.first.map(String.init) ?? ""
        guard !name.isEmpty, !resources.isEmpty else { return nil }
    }

    /// What is short, how much of it, and how to change that.
    func remedy(_ kubectl: String) -> String {
        let list = resources.map { item in
            ShownText.line(
                "\(item.name): \(item.used) of \(item.limit) used, \(item.requested) more needed")
        }
        let name = ShownText.line(name)
        return "quota \(name) leaves no room (\(list.joined(separator: "; "))): raise it with"
            + " '\(kubectl) edit quota \(name)', or remove something"
    }
}
