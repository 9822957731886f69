/// A pod, as far as images and readiness are concerned.
public struct KubernetesPod: Decodable, Sendable {
    struct Container: Decodable, Sendable {
        var name: String
        var image: String
        var imagePullPolicy: String?
        var readinessProbe: Probe?
        var startupProbe: Probe?

        private enum CodingKeys: String, CodingKey {
            case name, image, imagePullPolicy, readinessProbe, startupProbe
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.checked(.name) { NameGrammar.label($0) }
            image = try container.decode(String.self, forKey: .image)
            imagePullPolicy = try container.decodeIfPresent(String.self, forKey: .imagePullPolicy)
            readinessProbe = try container.decodeIfPresent(Probe.self, forKey: .readinessProbe)
            startupProbe = try container.decodeIfPresent(Probe.self, forKey: .startupProbe)
        }
    }

    struct Probe: Decodable, Sendable {
        var initialDelaySeconds: BoundedInteger?
        var periodSeconds: BoundedInteger?
        var failureThreshold: BoundedInteger?
    }

    struct Spec: Decodable, Sendable {
        var nodeName: String?
        var restartPolicy: String?
        var terminationGracePeriodSeconds: Int?
        var containers: [Container]
        var initContainers: [Container]?
        var ephemeralContainers: [Container]?
    }

    struct State: Decodable, Sendable {
        struct Waiting: Decodable, Sendable {
            var reason: String?
            var message: String?
        }
        struct Running: Decodable, Sendable { var startedAt: String? }
        struct Terminated: Decodable, Sendable {
            var exitCode: BoundedInteger
            var reason: String?
            var message: String?
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
}
