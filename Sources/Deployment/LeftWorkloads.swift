import Sessions
import Settings
import Tools
import Vocabulary

/// Workloads that this configuration deployed, that have left its manifests, and still run.
struct LeftWorkloads: Sendable {
    let session: Session

    private var home: String { session.configuration.namespace.description }

    /// Kind, name and namespace: what makes two objects the same.
    private struct Identity: Hashable {
        var kind: String
        var name: String
        var namespace: String

        init(_ object: ManifestObject, home: String) {
            kind = object.resource
            name = object.name
            namespace = object.namespace ?? home
        }
    }

    private static let types = BuiltInKind.resources(
        .deployment, .statefulSet, .daemonSet, .job, .cronJob, .replicaSet, .replicationController,
        .pod)

    /// What this configuration deployed to these namespaces, of every kind that has pods.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer.
    func read(in places: Set<String>) async throws -> [JSONValue] {
        try await places.sorted().concurrentMap { place in
            try await session.kubectl.objects(
                ofTypes: LeftWorkloads.types, deployedBy: home, project: session.place.cluster,
                namespace: place)
        }.flatMap(\.self)
    }

    /// Says of each what it is and how it is deleted; that is left to the user.
    ///
    /// - Parameters:
    ///   - live: what was deployed and is there.
    ///   - objects: everything that is deployed.
    func tell(live: [JSONValue], beside objects: [JSONValue]) {
        let wanted = Set(objects.map { Identity(ManifestObject($0), home: home) })
        for object in live where isOurs(object) {
            let manifest = ManifestObject(object)
            let identity = Identity(manifest, home: home)
            guard !wanted.contains(identity) else { continue }
            session.activity.report(
                .note(
                    ShownText.line(
                        "\(manifest) in namespace \(identity.namespace) is not in the manifests any"
                            + " more, and stays; delete it with: kubectl --context"
                            + " \(session.place.context) --namespace \(identity.namespace) delete"
                            + " \(manifest.resource) \(manifest.name)")))
        }
    }

    /// Whether this configuration deployed it by name, and it runs an image of this configuration:
    /// several may deploy to the same namespace.
    private func isOurs(_ object: JSONValue) -> Bool {
        let metadata = object["metadata"]
        let labels = metadata?["labels"]
        return labels?[DevClusterLabel.project]?.string == session.place.cluster
            && labels?[DevClusterLabel.namespace]?.string == home
            && metadata?["ownerReferences"] == nil && metadata?["generateName"] == nil
            && metadata?["deletionTimestamp"] == nil
            && metadata?["annotations"]?["helm.sh/hook"] == nil
            && !session.imageRewriter.uses(in: object).isEmpty
    }
}
