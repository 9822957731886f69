import Vocabulary

/// What starts pods, as far as its rollout is concerned.
package struct KubernetesWorkload: Decodable, Sendable {
    struct Selector: Decodable, Sendable { var matchLabels: [String: String]? }

    package struct Template: Decodable, Sendable {
        package struct Spec: Decodable, Sendable {
            package var containers: [KubernetesPod.Container]
            package var initContainers: [KubernetesPod.Container]?
        }
        package struct Metadata: Decodable, Sendable { package var annotations: [String: String]? }
        package var metadata: Metadata?
        package var spec: Spec
    }

    package struct Strategy: Decodable, Sendable {
        package struct RollingUpdate: Decodable, Sendable { package var partition: BoundedInteger? }
        package var type: String?
        package var rollingUpdate: RollingUpdate?
    }

    package struct Spec: Decodable, Sendable {
        package var replicas: BoundedInteger?
        package var paused: Bool?
        package var template: Template?
        package var updateStrategy: Strategy?
        package var completions: BoundedInteger?
        package var parallelism: BoundedInteger?
        /// When a CronJob starts its next Job.
        package var schedule: String?
        /// Of CronJobs, and of Jobs since Kubernetes 1.21.
        package var suspend: Bool?
        var jobTemplate: JobTemplate?

        struct JobTemplate: Decodable, Sendable {
            struct Spec: Decodable, Sendable { var template: Template }
            var spec: Spec
        }
    }

    package struct Status: Decodable, Sendable {
        var observedGeneration: BoundedInteger?
        package var replicas: BoundedInteger?
        package var updatedReplicas: BoundedInteger?
        package var readyReplicas: BoundedInteger?
        package var availableReplicas: BoundedInteger?
        package var currentRevision: String?
        package var updateRevision: String?
        package var desiredNumberScheduled: BoundedInteger?
        package var updatedNumberScheduled: BoundedInteger?
        package var numberAvailable: BoundedInteger?
        package var succeeded: BoundedInteger?
        var conditions: [ObjectCondition]?
    }

    /// One of Kubernetes' own; what is of another group is never read as a workload.
    package var kind: String
    package var metadata: ObjectMetadata
    package var spec: Spec?
    package var status: Status?

    /// Whether the status speaks of the spec that is there, not of an earlier one.
    package var isObserved: Bool { (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) }

    package func condition(_ type: String) -> ObjectCondition? {
        status?.conditions?.first { $0.type == type }
    }

    /// Whether a Job is to start no pod.
    package var isParked: Bool { spec?.suspend == true || spec?.parallelism == 0 }

    /// What its pods are made from.
    package var podTemplate: Template? { spec?.template ?? spec?.jobTemplate?.spec.template }

    /// The revision that Deployments write on themselves and on their ReplicaSets.
    package var revision: String? { metadata.annotations?["deployment.kubernetes.io/revision"] }

    /// How often a DaemonSet's template changed; its pods have the same in a label.
    package var templateGeneration: String? {
        metadata.annotations?["deprecated.daemonset.template.generation"]
    }
}
