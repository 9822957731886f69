import Settings
import Vocabulary

/// A file with objects that have a kind.
struct ManifestFile: Sendable, Equatable {
    let path: String
    /// Its objects, lists taken apart.
    let objects: [JSONValue]

    /// Nil for documents that are no objects at all.
    init?(path: String, documents: [JSONValue]) {
        let objects = documents.flatMap { document -> [JSONValue] in
            document["kind"]?.string?.hasSuffix("List") == true
                ? document["items"]?.array ?? [document] : [document]
        }
        let isGood = objects.allSatisfy {
            $0["kind"]?.string != nil && $0["apiVersion"]?.string != nil
        }
        guard isGood, !objects.isEmpty else { return nil }
        self.path = path
        self.objects = objects
    }

    /// The type because of which it is no manifest: a tool's.
    var toolType: String? {
        objects.first { KubernetesTypes.isTools($0) }.map { KubernetesTypes.type(of: $0) }
    }

    /// A value that some program has to fill in: `${IMAGE}`.
    var placeholder: String? {
        let images = ContainerUse.all(in: objects).map(\.reference)
        if let wrong = images.first(where: { (try? ImageReference($0)) == nil }) { return wrong }
        let names = objects.flatMap { object in
            [object["metadata"]?["name"]?.string, object["metadata"]?["namespace"]?.string]
        }
        return names.compactMap { $0 }.first { $0.contains("$") || $0.contains("{{") }
    }
}

extension JSONValue {
    /// What no two objects of a deploy may share.
    ///
    /// - Parameter namespaced: whether the namespace tells two of them apart.
    func identity(namespaced: Bool) -> String {
        let namespace = namespaced ? self["metadata"]?["namespace"]?.string ?? "" : ""
        let name = self["metadata"]?["name"]?.string ?? ""
        return "\(KubernetesTypes.type(of: self)) \(namespace) \(name)"
    }

    /// Whether it runs pods.
    var runsPods: Bool {
        [
            "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicaSet",
            "ReplicationController",
        ].contains(self["kind"]?.string ?? "")
    }
}
