#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The metadata that every object has, as far as it is read here.
struct ObjectMetadata: Decodable, Sendable, Equatable {
    struct Owner: Decodable, Sendable, Equatable {
        var apiVersion: String
        var kind: String
        var name: String
        var uid: String
        var controller: Bool?

        /// What it is among Kubernetes' own kinds; nil for an object of another group.
        var builtIn: BuiltInKind? { type.builtIn }
        /// As `replicaset/web-1`, with its group where that is another: `job.batch.example.com/a`.
        var shown: String { "\(type.shown)/\(name)" }

        private var type: ObjectType { ObjectType(apiVersion: apiVersion, kind: kind) }

        private enum CodingKeys: String, CodingKey {
            case apiVersion, kind, name, uid, controller
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            apiVersion = try container.checked(.apiVersion, NameGrammar.apiVersion)
            kind = try container.checked(.kind, NameGrammar.kind)
            name = try container.checked(.name, NameGrammar.anyObject)
            uid = try container.decode(String.self, forKey: .uid)
            controller = try container.decodeIfPresent(Bool.self, forKey: .controller)
        }
    }

    var name: String
    var namespace: String?
    var uid: String?
    var generation: BoundedInteger?
    var labels: [String: String]?
    var annotations: [String: String]?
    var creationTimestamp: String?
    var deletionTimestamp: String?
    var ownerReferences: [Owner]?

    /// The object that manages this one.
    var controller: Owner? { ownerReferences?.first { $0.controller == true } }
}

extension ObjectMetadata {
    private enum CodingKeys: String, CodingKey {
        case name, namespace, uid, generation, labels, annotations, creationTimestamp
        case deletionTimestamp, ownerReferences
    }

    /// Reads it, and refuses a name that could be anything else in another program's arguments.
    init(from decoder: any Decoder) throws {
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
struct ObjectCondition: Decodable, Sendable, Equatable {
    var type: String
    var status: String
    var reason: String?
    var message: String?
    /// When the kubelet last said so; only a node's conditions have it. In whole seconds.
    var lastHeartbeatTime: String?
}

/// A node, as far as readiness is concerned.
struct KubernetesNode: Decodable, Sendable {
    struct Status: Decodable {
        struct Info: Decodable {
            var architecture: String?
            var kubeletVersion: String?
        }
        var conditions: [ObjectCondition]?
        var nodeInfo: Info?
    }
    /// What keeps pods away that do not tolerate it.
    struct Taint: Decodable, Sendable, Hashable {
        var key: String
        var value: String?
        var effect: String?
    }
    struct Spec: Decodable, Sendable { var taints: [Taint]? }

    var metadata: ObjectMetadata
    var spec: Spec?
    var status: Status?

    var isReady: Bool { readiness?.status == "True" }

    /// When its kubelet last told how it is: as it starts, on a change, and every five minutes.
    var heartbeat: Date? { readiness?.lastHeartbeatTime.flatMap { Date(timestamp: $0) } }

    private var readiness: ObjectCondition? { status?.conditions?.first { $0.type == "Ready" } }
}

/// A namespace, as far as it matters whether it stays.
struct KubernetesNamespace: Decodable, Sendable {
    struct Status: Decodable { var phase: String? }
    var metadata: ObjectMetadata
    var status: Status?

    var isEnding: Bool { status?.phase == "Terminating" || metadata.deletionTimestamp != nil }
}

/// What a controller or a kubelet said about an object.
struct KubernetesEvent: Decodable, Sendable {
    struct Subject: Decodable, Sendable {
        var kind: String
        var name: String
        var uid: String?
        /// As `spec.containers{web}`; nil when it is about the whole object.
        var fieldPath: String?
    }
    /// How an event of the newer kind counts.
    struct Series: Decodable, Sendable { var count: BoundedInteger? }

    var metadata: ObjectMetadata
    var involvedObject: Subject
    var reason: String?
    var message: String?
    var count: BoundedInteger?
    var series: Series?
    var lastTimestamp: String?

    /// How often it happened so far.
    var times: BoundedInteger { max(count ?? 1, series?.count ?? 1) }
    /// When it happened last, as text that sorts by time.
    var lastTime: String { lastTimestamp ?? metadata.creationTimestamp ?? "" }
}

/// An item of a mixed list, told apart by its kind before the rest is read.
enum ClusterItem: Decodable, Sendable {
    case node(KubernetesNode)
    case configMap(name: String, data: [String: String])
    case lease(node: String, renewed: Date?)
    case other

    private enum CodingKeys: String, CodingKey { case metadata, data, spec }
    private struct LeaseSpec: Decodable { var renewTime: String? }

    init(from decoder: any Decoder) throws {
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
