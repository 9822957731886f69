/// What starts pods, as far as its rollout is concerned.
struct KubernetesWorkload: Decodable, Sendable {
    struct Selector: Decodable, Sendable { var matchLabels: [String: String]? }

    struct Template: Decodable, Sendable {
        struct Spec: Decodable, Sendable {
            var containers: [KubernetesPod.Container]
            var initContainers: [KubernetesPod.Container]?
        }
        struct Metadata: Decodable, Sendable { var annotations: [String: String]? }
        var metadata: Metadata?
        var spec: Spec
    }

    struct Strategy: Decodable, Sendable {
        struct RollingUpdate: Decodable, Sendable { var partition: BoundedInteger? }
        var type: String?
        var rollingUpdate: RollingUpdate?
    }

    struct Spec: Decodable, Sendable {
        var replicas: BoundedInteger?
        var paused: Bool?
        var template: Template?
        var updateStrategy: Strategy?
        var completions: BoundedInteger?
        /// When a CronJob starts its next Job.
        var schedule: String?
        var suspend: Bool?
        var jobTemplate: JobTemplate?

        struct JobTemplate: Decodable, Sendable {
            struct Spec: Decodable, Sendable { var template: Template }
            var spec: Spec
        }
    }

    struct Status: Decodable, Sendable {
        var observedGeneration: BoundedInteger?
        var replicas: BoundedInteger?
        var updatedReplicas: BoundedInteger?
        var readyReplicas: BoundedInteger?
        var availableReplicas: BoundedInteger?
        var currentRevision: String?
        var updateRevision: String?
        var desiredNumberScheduled: BoundedInteger?
        var updatedNumberScheduled: BoundedInteger?
        var numberAvailable: BoundedInteger?
        var succeeded: BoundedInteger?
        var active: BoundedInteger?
        var failed: BoundedInteger?
        var conditions: [ObjectCondition]?
    }

    /// One of Kubernetes' own; what is of another group is never read as a workload.
    var kind: String
    var metadata: ObjectMetadata
    var spec: Spec?
    var status: Status?

    /// Whether the status speaks of the spec that is there, not of an earlier one.
    var isObserved: Bool { (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) }

    func condition(_ type: String) -> ObjectCondition? {
        status?.conditions?.first { $0.type == type }
    }

    /// What its pods are made from.
    var podTemplate: Template? { spec?.template ?? spec?.jobTemplate?.spec.template }

    /// The revision that Deployments write on themselves and on their ReplicaSets.
    var revision: String? { metadata.annotations?["deployment.kubernetes.io/revision"] }

    /// How often a DaemonSet's template changed; its pods have the same in a label.
    var templateGeneration: String? {
        metadata.annotations?["deprecated.daemonset.template.generation"]
    }
}
