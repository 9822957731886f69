import Images
import Sessions
import Settings
import SystemLibraries
import Tools
import Vocabulary

/// What a deploy applies: the manifests, with our images replaced by what was built.
struct ManifestPlan: Sendable {
    /// The objects in the order in which they are applied, without hooks.
    var objects: [JSONValue]
    /// The hooks of Helm among them.
    var hooks: [HelmHook]
    /// What among them has pods, in whatever namespace.
    var workloads: [WorkloadReference]
    /// Those that name one of the built images.
    var changed: [WorkloadReference]
    /// Which references were replaced by which.
    var rewritings: [Rewriting]
    /// Which images of ours each workload gets, by container.
    var placed: [PlacedWorkload]

    /// Rewrites the objects.
    ///
    /// - Parameters:
    ///   - live: what the cluster has; images that are not built now keep its reference.
    ///   - secret: puts the Secret into pods with which they pull; nil when they need none.
    /// - Throws: `DevClusterError` when an image was neither built nor deployed before.
    init(
        _ objects: [JSONValue], built: [BuiltImage], rewriter: ImageRewriter, live: LiveImages,
        namespace: String, project: String, secret: PullSecretAttachment? = nil
    ) throws {
        var workloads: [WorkloadReference] = []
        var changed: [WorkloadReference] = []
        var missing: [String] = []
        var rewritten: [JSONValue] = []
        var hooks: [HelmHook] = []
        var rewritings: [Rewriting] = []
        var placed: [PlacedWorkload] = []
        for object in objects {
            try Task.checkCancellation()
            let manifest = ManifestObject(object)
            var usesBuilt = false
            var containers: [String: String] = [:]
            let result = rewriter.rewrite(secret?.attached(to: object) ?? object) { use in
                let new = built.first { $0.name == use.image }
                usesBuilt = usesBuilt || new != nil
                guard let reference = new?.reference ?? live.reference(manifest, use) else {
                    missing.append(use.image)
                    return nil
                }
                rewritings.append(Rewriting(manifest, use, reference))
                if let container = use.container { containers[container] = reference }
                return reference
            }
            let labelled = ManifestPlan.labelled(
                result, project: project, namespace: namespace)
            if let hook = HelmHook(labelled) {
                hooks.append(hook)
                continue
            }
            rewritten.append(labelled)
            guard let workload = manifest.target(home: namespace) else { continue }
            workloads.append(workload)
            placed.append(PlacedWorkload(workload, containers: containers))
            if usesBuilt { changed.append(workload) }
        }
        if let first = missing.first {
            throw DevClusterError(
                .usage, "the image '\(first)' was never deployed, so it has to be built now",
                hint: "devcluster deploy "
                    + (built.map(\.name) + Set(missing).sorted())
                    .joined(separator: " "))
        }
        self.objects = ManifestOrder.sorted(rewritten)
        self.hooks = hooks
        self.rewritings = rewritings
        self.placed = placed
        self.workloads = workloads
        self.changed = changed
    }

    /// Says on the object itself that it is ours; never in a pod template, where a label would
    /// restart every pod.
    private static func labelled(_ object: JSONValue, project: String, namespace: String)
        -> JSONValue
    {
        var metadata = object["metadata"]?.object ?? [:]
        var labels = metadata["labels"]?.object ?? [:]
        labels[DevClusterLabel.managed] = "true"
        labels[DevClusterLabel.project] = .string(project)
        labels[DevClusterLabel.namespace] = .string(namespace)
        metadata["labels"] = .object(labels)
        var result = object
        result["metadata"] = .object(metadata)
        return result
    }
}
