import Tools
import Vocabulary

/// The objects of a set that make the API ask a program before it takes others: webhooks,
/// APIServices, and definitions that a webhook converts.
struct ObjectGuards: Sendable {
    private let guards: [ManifestObject]
    private let set: [ManifestObject]
    /// The namespace of objects that name none.
    private let namespace: String

    init(_ set: [JSONValue], namespace: String) {
        self.set = set.map { ManifestObject($0) }
        self.namespace = namespace
        guards = self.set.filter { !ObjectGuards.services(of: $0).isEmpty }
    }

    /// Whether the API asks a program of the set before it takes this object. Objects of Kubernetes
    /// itself never wait for that: the program's own may be among them.
    func concern(_ object: ManifestObject) -> Bool {
        object.builtIn == nil && guards.contains { ObjectGuards.isAsked($0, about: object) }
    }

    private static func isAsked(_ guardian: ManifestObject, about object: ManifestObject) -> Bool {
        let rules = (guardian.value["webhooks"]?.array ?? []).flatMap { $0["rules"]?.array ?? [] }
        // Which resource is a kind's is not known here, and the group alone is enough.
        let groups = rules.flatMap { $0["apiGroups"]?.array ?? [] }.compactMap(\.string)
        return guardian.defines(object) || groups.contains { $0 == "*" || $0 == object.group }
    }

    /// What runs behind those that are asked about some objects, by namespace.
    func workloads(behind objects: [JSONValue]) -> [String: [WorkloadReference]] {
        let late = objects.map { ManifestObject($0) }.filter(concern)
        let asked = guards.filter { guardian in
            late.contains { ObjectGuards.isAsked(guardian, about: $0) }
        }
        var found: [String: [WorkloadReference]] = [:]
        for service in asked.flatMap(ObjectGuards.services) {
            for workload in workloads(behind: service) {
                let place = service["namespace"]?.string ?? namespace
                if found[place]?.contains(workload) != true {
                    found[place, default: []].append(workload)
                }
            }
        }
        return found
    }

    /// Name and namespace of the Services that the API is to ask.
    private static func services(of object: ManifestObject) -> [JSONValue] {
        let spec = object.value["spec"]
        switch object.builtIn {
        case .mutatingWebhook, .validatingWebhook:
            return (object.value["webhooks"]?.array ?? []).compactMap {
                $0["clientConfig"]?["service"]
            }
        case .apiService: return [spec?["service"]].compactMap { $0 }.filter { !$0.isNull }
        case .customResourceDefinition:
            return [spec?["conversion"]?["webhook"]?["clientConfig"]?["service"]]
                .compactMap { $0 }
        default: return []
        }
    }

    private func workloads(behind service: JSONValue) -> [WorkloadReference] {
        func isThere(_ object: ManifestObject) -> Bool {
            (object.namespace ?? namespace) == service["namespace"]?.string
        }
        let selector = set.first {
            $0.builtIn == .service && isThere($0) && $0.name == service["name"]?.string
        }?.value["spec"]?["selector"]?.object
        guard let selector, !selector.isEmpty else { return [] }
        return set.filter { object in
            let labels = object.value["spec"]?["template"]?["metadata"]?["labels"]
            return isThere(object) && selector.allSatisfy { labels?[$0.key] == $0.value }
        }.compactMap(\.workload)
    }
}
