/// The kinds of Kubernetes' own API that are treated specially, each with its group.
///
/// A kind is a name within a group: `Job` of `batch.example.com` or `Service` of
/// `serving.knative.dev` has nothing to do with the built-in one. The versions are left out:
/// one kind is served in several.
package enum BuiltInKind: String, Sendable, Hashable, CaseIterable {
    case namespace = "Namespace"
    case pod = "Pod"
    case podTemplate = "PodTemplate"
    case service = "Service"
    case serviceAccount = "ServiceAccount"
    case secret = "Secret"
    case configMap = "ConfigMap"
    case persistentVolume = "PersistentVolume"
    case persistentVolumeClaim = "PersistentVolumeClaim"
    case replicationController = "ReplicationController"
    case limitRange = "LimitRange"
    case resourceQuota = "ResourceQuota"
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case daemonSet = "DaemonSet"
    case replicaSet = "ReplicaSet"
    case job = "Job"
    case cronJob = "CronJob"
    case networkPolicy = "NetworkPolicy"
    case ingress = "Ingress"
    case customResourceDefinition = "CustomResourceDefinition"
    case apiService = "APIService"
    case mutatingWebhook = "MutatingWebhookConfiguration"
    case validatingWebhook = "ValidatingWebhookConfiguration"
    case role = "Role"
    case roleBinding = "RoleBinding"
    case clusterRole = "ClusterRole"
    case clusterRoleBinding = "ClusterRoleBinding"
    case storageClass = "StorageClass"
    case priorityClass = "PriorityClass"
    case runtimeClass = "RuntimeClass"
    case podDisruptionBudget = "PodDisruptionBudget"
    case horizontalPodAutoscaler = "HorizontalPodAutoscaler"

    /// The kind of this name and group; nil when it is not Kubernetes' own.
    package init?(kind: String, group: String) {
        guard let known = BuiltInKind(rawValue: kind), known.groups.contains(group) else {
            return nil
        }
        self = known
    }

    /// The groups that served or serve the kind; `extensions` did until Kubernetes 1.16 and 1.22.
    var groups: [String] {
        switch self {
        case .namespace, .pod, .podTemplate, .service, .serviceAccount, .secret, .configMap,
            .persistentVolume, .persistentVolumeClaim, .replicationController, .limitRange,
            .resourceQuota:
            [""]
        case .deployment, .daemonSet, .replicaSet: ["apps", "extensions"]
        case .statefulSet: ["apps"]
        case .job, .cronJob: ["batch"]
        case .networkPolicy, .ingress: ["networking.k8s.io", "extensions"]
        case .customResourceDefinition: ["apiextensions.k8s.io"]
        case .apiService: ["apiregistration.k8s.io"]
        case .mutatingWebhook, .validatingWebhook: ["admissionregistration.k8s.io"]
        case .role, .roleBinding, .clusterRole, .clusterRoleBinding:
            ["rbac.authorization.k8s.io"]
        case .storageClass: ["storage.k8s.io"]
        case .priorityClass: ["scheduling.k8s.io"]
        case .runtimeClass: ["node.k8s.io"]
        case .podDisruptionBudget: ["policy"]
        case .horizontalPodAutoscaler: ["autoscaling"]
        }
    }

    /// What kubectl takes for it, and for no kind of another group: `deployments.apps`, `pods`.
    package var resource: String {
        let name = rawValue.lowercased()
        let plural =
            name.hasSuffix("y")
            ? name.dropLast() + "ies" : name + (name.hasSuffix("s") ? "es" : "s")
        return groups[0].isEmpty ? plural : "\(plural).\(groups[0])"
    }

    /// Several of them for one call.
    package static func resources(_ kinds: BuiltInKind...) -> String {
        kinds.map(\.resource).joined(separator: ",")
    }

    /// Whether its objects belong to no namespace.
    package var isClusterScoped: Bool {
        switch self {
        case .namespace, .persistentVolume, .customResourceDefinition, .apiService,
            .mutatingWebhook, .validatingWebhook, .clusterRole, .clusterRoleBinding,
            .storageClass, .priorityClass, .runtimeClass:
            true
        default: false
        }
    }

    /// The same kind as one that rolls out.
    package var workload: WorkloadReference.Kind? {
        switch self {
        case .deployment: .deployment
        case .statefulSet: .statefulset
        case .daemonSet: .daemonset
        case .job: .job
        default: nil
        }
    }

    /// Where its objects have the spec of their pods; nil when it makes none.
    package var podSpecPath: [String]? {
        switch self {
        case .pod: ["spec"]
        case .podTemplate: ["template", "spec"]
        case .cronJob: ["spec", "jobTemplate", "spec", "template", "spec"]
        case .deployment, .statefulSet, .daemonSet, .replicaSet, .replicationController, .job:
            ["spec", "template", "spec"]
        default: nil
        }
    }
}
