import Vocabulary

/// A pod, as far as images and readiness are concerned.
package struct KubernetesPod: Decodable, Sendable {
    package struct Container: Decodable, Sendable {
        package var name: String
        package var image: String
        package var imagePullPolicy: String?
        package var readinessProbe: Probe?
        package var startupProbe: Probe?
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

        package init(from decoder: any Decoder) throws {
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

    package struct Probe: Decodable, Sendable {
        package var initialDelaySeconds: BoundedInteger?
        package var periodSeconds: BoundedInteger?
        package var failureThreshold: BoundedInteger?
    }

    struct Toleration: Decodable, Sendable {
        var key: String?
        var `operator`: String?
        var value: String?
        var effect: String?
    }

    package struct Spec: Decodable, Sendable {
        package struct ReadinessGate: Decodable, Sendable { package var conditionType: String }
        package struct SchedulingGate: Decodable, Sendable { package var name: String }

        package var nodeName: String?
        var restartPolicy: String?
        var terminationGracePeriodSeconds: BoundedInteger?
        package var hostNetwork: Bool?
        var volumes: [Volume]?
        var tolerations: [Toleration]?
        package var readinessGates: [ReadinessGate]?
        package var schedulingGates: [SchedulingGate]?
        package var containers: [Container]
        package var initContainers: [Container]?
        package var ephemeralContainers: [Container]?

        package var allContainers: [Container] {
            (initContainers ?? []) + containers + (ephemeralContainers ?? [])
        }
    }

    package struct State: Decodable, Sendable {
        package struct Waiting: Decodable, Sendable {
            package var reason: String?
            package var message: String?
        }
        package struct Running: Decodable, Sendable { package var startedAt: String? }
        package struct Terminated: Decodable, Sendable {
            package var exitCode: BoundedInteger
            package var startedAt: String?
            package var reason: String?
            package var message: String?

            /// Whether the program ended by itself, and was not killed by a probe or for memory.
            package var isOwnEnd: Bool {
                reason != "OOMKilled" && exitCode != 137 && exitCode != 143
            }
        }
        package var waiting: Waiting?
        package var running: Running?
        package var terminated: Terminated?
    }

    package struct ContainerStatus: Decodable, Sendable {
        package var name: String
        package var image: String
        package var imageID: String
        package var ready: Bool?
        /// Whether its startup probe succeeded, where it has one.
        var started: Bool?
        package var restartCount: BoundedInteger?
        package var state: State?
        package var lastState: State?
    }

    package struct Status: Decodable, Sendable {
        package var phase: String?
        var reason: String?
        var message: String?
        var conditions: [ObjectCondition]?
        package var containerStatuses: [ContainerStatus]?
        package var initContainerStatuses: [ContainerStatus]?
        package var ephemeralContainerStatuses: [ContainerStatus]?
    }

    package var metadata: ObjectMetadata
    package var spec: Spec
    package var status: Status?

    package var isBeingDeleted: Bool { metadata.deletionTimestamp != nil }
    package var isFinished: Bool { ["Succeeded", "Failed"].contains(status?.phase ?? "") }

    package func condition(_ type: String) -> ObjectCondition? {
        status?.conditions?.first { $0.type == type }
    }

    package var isReady: Bool { condition("Ready")?.status == "True" }

    /// Init containers that run beside the others, from Kubernetes 1.29 on.
    package var sidecars: [Container] { (spec.initContainers ?? []).filter(\.isSidecar) }
}
