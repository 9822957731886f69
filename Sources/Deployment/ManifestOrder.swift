import Tools
import Vocabulary

/// In which order objects are applied: what others need first.
///
/// NetworkPolicies come before Services and what runs, so that nothing is reachable before it is
/// protected; webhooks and APIServices last, since from then on they stand in the way of others.
enum ManifestOrder {
    /// The objects in that order; those of one rank stay in theirs.
    static func sorted(_ objects: [JSONValue]) -> [JSONValue] {
        let ranked = objects.enumerated().map { index, object in
            (rank: rank(of: ManifestObject(object)), index: index, object: object)
        }
        return ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.object)
    }

    /// The smaller, the earlier.
    static func rank(of object: ManifestObject) -> Int {
        switch object.builtIn {
        case .namespace: 0
        case .customResourceDefinition: 1
        case .priorityClass, .runtimeClass, .resourceQuota, .limitRange: 2
        case .serviceAccount: 3
        case .clusterRole, .role: 4
        case .clusterRoleBinding, .roleBinding: 5
        case .secret, .configMap: 6
        case .storageClass: 7
        case .persistentVolume: 8
        case .persistentVolumeClaim: 9
        case .networkPolicy, .podDisruptionBudget: 10
        // What others define, and the rest of Kubernetes' own.
        case nil: 11
        case .service: 12
        case .deployment, .statefulSet, .daemonSet, .replicaSet, .replicationController, .job,
            .cronJob, .pod, .podTemplate, .horizontalPodAutoscaler, .ingress:
            13
        case .apiService, .mutatingWebhook, .validatingWebhook: 14
        }
    }
}
