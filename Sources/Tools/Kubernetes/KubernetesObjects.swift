import StateFiles
import SystemLibraries
import Vocabulary

/// The metadata that every object has, as far as it is read here.
package struct ObjectMetadata: Decodable, Sendable, Equatable {
    package struct Owner: Decodable, Sendable, Equatable {
        var apiVersion: String
        var kind: String
        package var name: String
        package var uid: String
        var controller: Bool?

        /// What it is among Kubernetes' own kinds; nil for an object of another group.
        package var builtIn: BuiltInKind? { type.builtIn }
        /// As `replicaset/web-1`, with its group where that is another: `job.batch.example.com/a`.
        package var shown: String { "\(type.shown)/\(name)" }

        private var type: ObjectType { ObjectType(apiVersion: apiVersion, kind: kind) }

        private enum CodingKeys: String, CodingKey {
            case apiVersion, kind, name, uid, controller
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            apiVersion = try container.checked(.apiVersion, NameGrammar.apiVersion)
            kind = try container.checked(.kind, NameGrammar.kind)
            name = try container.checked(.name, NameGrammar.anyObject)
            uid = try container.decode(String.self, forKey: .uid)
            controller = try container.decodeIfPresent(Bool.self, forKey: .controller)
        }
    }

    package var name: String
    package var namespace: String?
    package var uid: String?
    package var generation: BoundedInteger?
    package var labels: [String: String]?
    package var annotations: [String: String]?
    package var creationTimestamp: String?
    package var deletionTimestamp: String?
    var ownerReferences: [Owner]?

    /// The object that manages this one.
    package var controller: Owner? { ownerReferences?.first { $0.controller == true } }

    /// The configuration that deployed it; nil where none did.
    package var deployer: Deployer? { labels.flatMap { Deployer($0) } }
}

extension ObjectMetadata {
    private enum CodingKeys: String, CodingKey {
        case name, namespace, uid, generation, labels, annotations, creationTimestamp
        case deletionTimestamp, ownerReferences
    }

    /// Reads it, and refuses a name that could be anything else in another program's arguments.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.checked(.name, NameGrammar.anyObject)
        namespace = try container.checkedIfPresent(.namespace) { NameGrammar.label($0) }
        uid = try container.decodeIfPresent(String.self, forKey: .uid)
        generation = try container.decodeIfPresent(BoundedInteger.self, forKey: .generation)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        creationTimestamp = try container.decodeIfPresent(String.self, forKey: .creationTimestamp)
        deletionTimestamp = try container.decodeIfPresent(String.self, forKey: .deletionTimestamp)
        ownerReferences = try container.decodeIfPresent([Owner].self, forKey: .ownerReferences)
    }
}

/// A condition of any object's status.
package struct ObjectCondition: Decodable, Sendable, Equatable {
    package var type: String
    package var status: String
    package var reason: String?
    package var message: String?
    /// When the kubelet last said so; only a node's conditions have it. In whole seconds.
    var lastHeartbeatTime: String?
}

/// A node, as far as readiness is concerned.
package struct KubernetesNode: Decodable, Sendable {
    package struct Status: Decodable {
        package struct Info: Decodable {
            package var architecture: String?
            package var kubeletVersion: String?
        }
        package var conditions: [ObjectCondition]?
        package var nodeInfo: Info?
    }
    /// What keeps pods away that do not tolerate it.
    struct Taint: Decodable, Sendable, Hashable {
        var key: String
        var value: String?
        var effect: String?
    }
    struct Spec: Decodable, Sendable { var taints: [Taint]? }

    package var metadata: ObjectMetadata
    var spec: Spec?
    package var status: Status?

    package var isReady: Bool { readiness?.status == "True" }

    /// When its kubelet last told how it is: as it starts, on a change, and every five minutes.
    package var heartbeat: Date? { readiness?.lastHeartbeatTime.flatMap { Date(timestamp: $0) } }

    private var readiness: ObjectCondition? { status?.conditions?.first { $0.type == "Ready" } }
}

/// A namespace, as far as it matters whether it stays.
package struct KubernetesNamespace: Decodable, Sendable {
    struct Status: Decodable { var phase: String? }
    package var metadata: ObjectMetadata
    var status: Status?

    package var isEnding: Bool {
        status?.phase == "Terminating" || metadata.deletionTimestamp != nil
    }
}

/// What a controller or a kubelet said about an object.
package struct KubernetesEvent: Decodable, Sendable {
    package struct Subject: Decodable, Sendable {
        package var kind: String
        package var name: String
        package var uid: String?
        /// As `spec.containers{web}`; nil when it is about the whole object.
        package var fieldPath: String?
    }
    /// How an event of the newer kind counts.
    struct Series: Decodable, Sendable { var count: BoundedInteger? }

    package var metadata: ObjectMetadata
    package var involvedObject: Subject
    package var reason: String?
    package var message: String?
    var count: BoundedInteger?
    var series: Series?
    var lastTimestamp: String?

    /// How often it happened so far.
    package var times: BoundedInteger { max(count ?? 1, series?.count ?? 1) }
    /// When it happened last, as text that sorts by time.
    package var lastTime: String { lastTimestamp ?? metadata.creationTimestamp ?? "" }
}

/// An item of a mixed list, told apart by its kind before the rest is read.
package enum ClusterItem: Decodable, Sendable {
    case node(KubernetesNode)
    case configMap(name: String, data: [String: String])
    case lease(node: String, renewed: Date?)
    case other

    private enum CodingKeys: String, CodingKey { case metadata, data, spec }
    private struct LeaseSpec: Decodable { var renewTime: String? }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try ObjectType(from: decoder)
        switch (type.group, type.kind) {
        case ("", "Node"): self = .node(try KubernetesNode(from: decoder))
        case ("", "ConfigMap"):
            let metadata = try container.decode(ObjectMetadata.self, forKey: .metadata)
            let data = try container.decodeIfPresent([String: String].self, forKey: .data)
            self = .configMap(name: metadata.name, data: data ?? [:])
        case ("coordination.k8s.io", "Lease"):
            let metadata = try container.decode(ObjectMetadata.self, forKey: .metadata)
            let spec = try container.decodeIfPresent(LeaseSpec.self, forKey: .spec)
            let renewed = spec?.renewTime.flatMap { Date(timestamp: $0) }
            self = .lease(node: metadata.name, renewed: renewed)
        default: self = .other
        }
    }
}
