/// A pod, as far as images and readiness are concerned.
public struct KubernetesPod: Decodable, Sendable {
    struct Container: Decodable, Sendable {
        var name: String
        var image: String
        var imagePullPolicy: String?
        var readinessProbe: Probe?
        var startupProbe: Probe?
        /// Only init containers have one of their own: `Always` makes it a sidecar.
        var restartPolicy: String?
        var volumeMounts: [Mount]?
        var ports: [Port]?

        /// Whether the others wait until it is started, not until it ends.
        var isSidecar: Bool { restartPolicy == "Always" }

        private enum CodingKeys: String, CodingKey {
            case name, image, imagePullPolicy, readinessProbe, startupProbe, restartPolicy
            case volumeMounts, ports
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.checked(.name) { NameGrammar.label($0) }
            image = try container.decode(String.self, forKey: .image)
            imagePullPolicy = try container.decodeIfPresent(String.self, forKey: .imagePullPolicy)
            readinessProbe = try container.decodeIfPresent(Probe.self, forKey: .readinessProbe)
            startupProbe = try container.decodeIfPresent(Probe.self, forKey: .startupProbe)
            restartPolicy = try container.decodeIfPresent(String.self, forKey: .restartPolicy)
            volumeMounts = try container.decodeIfPresent([Mount].self, forKey: .volumeMounts)
            ports = try container.decodeIfPresent([Port].self, forKey: .ports)
        }
    }

    struct Mount: Decodable, Sendable {
        var name: String
        var readOnly: Bool?
    }

    struct Port: Decodable, Sendable {
        var hostPort: BoundedInteger?
        var hostIP: String?
        var `protocol`: String?
    }

    struct Volume: Decodable, Sendable {
        struct Claim: Decodable, Sendable {
            var claimName: String
            var readOnly: Bool?
        }
        struct HostPath: Decodable, Sendable {
            var path: String
            var type: String?
        }
        var name: String
        var persistentVolumeClaim: Claim?
        var hostPath: HostPath?
    }

    struct Probe: Decodable, Sendable {
        var initialDelaySeconds: BoundedInteger?
        var periodSeconds: BoundedInteger?
        var failureThreshold: BoundedInteger?
    }

    struct Toleration: Decodable, Sendable {
        var key: String?
        var `operator`: String?
        var value: String?
        var effect: String?
    }

    struct Spec: Decodable, Sendable {
        struct ReadinessGate: Decodable, Sendable { var conditionType: String }
        struct SchedulingGate: Decodable, Sendable { var name: String }

        var nodeName: String?
        var restartPolicy: String?
        var terminationGracePeriodSeconds: BoundedInteger?
        var hostNetwork: Bool?
        var volumes: [Volume]?
        var tolerations: [Toleration]?
        var readinessGates: [ReadinessGate]?
        var schedulingGates: [SchedulingGate]?
        var containers: [Container]
        var initContainers: [Container]?
        var ephemeralContainers: [Container]?

        var allContainers: [Container] {
            (initContainers ?? []) + containers + (ephemeralContainers ?? [])
        }
    }

    struct State: Decodable, Sendable {
        struct Waiting: Decodable, Sendable {
            var reason: String?
            var message: String?
        }
        struct Running: Decodable, Sendable { var startedAt: String? }
        struct Terminated: Decodable, Sendable {
            var exitCode: BoundedInteger
            var startedAt: String?
            var reason: String?
            var message: String?

            /// Whether the program ended by itself, and was not killed by a probe or for memory.
            var isOwnEnd: Bool { reason != "OOMKilled" && exitCode != 137 && exitCode != 143 }
        }
        var waiting: Waiting?
        var running: Running?
        var terminated: Terminated?
    }

    struct ContainerStatus: Decodable, Sendable {
        var name: String
        var image: String
        var imageID: String
        var ready: Bool?
        /// Whether its startup probe succeeded, where it has one.
        var started: Bool?
        var restartCount: BoundedInteger?
        var state: State?
        var lastState: State?
    }

    struct Status: Decodable, Sendable {
        var phase: String?
        var reason: String?
        var message: String?
        var startTime: String?
        var conditions: [ObjectCondition]?
        var containerStatuses: [ContainerStatus]?
        var initContainerStatuses: [ContainerStatus]?
        var ephemeralContainerStatuses: [ContainerStatus]?
    }

    var metadata: ObjectMetadata
    var spec: Spec
    var status: Status?

    var isBeingDeleted: Bool { metadata.deletionTimestamp != nil }
    var isFinished: Bool { ["Succeeded", "Failed"].contains(status?.phase ?? "") }

    func condition(_ type: String) -> ObjectCondition? {
        status?.conditions?.first { $0.type == type }
    }

    var isReady: Bool { condition("Ready")?.status == "True" }

    /// Init containers that run beside the others, from Kubernetes 1.29 on.
    var sidecars: [Container] { (spec.initContainers ?? []).filter(\.isSidecar) }
}
