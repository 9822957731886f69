/// A workload of a namespace: `deployment/mongodb`.
public struct WorkloadReference: ValidatedText {
    /// The kinds that start pods, and pods that nothing owns.
    public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// Deployment.
        case deployment
        /// StatefulSet.
        case statefulset
        /// DaemonSet.
        case daemonset
        /// Job.
        case job
        /// CronJob.
        case cronjob
        /// ReplicaSet without a Deployment.
        case replicaset
        /// ReplicationController.
        case replicationcontroller
        /// Pod that nothing owns.
        case pod

        /// Those that a user can name: what the others do is up to the manifests.
        static let selectable: [Kind] = [.deployment, .statefulset, .daemonset, .job]

        /// The kind of Kubernetes that is meant.
        package var builtIn: BuiltInKind {
            switch self {
            case .deployment: .deployment
            case .statefulset: .statefulSet
            case .daemonset: .daemonSet
            case .job: .job
            case .cronjob: .cronJob
            case .replicaset: .replicaSet
            case .replicationcontroller: .replicationController
            case .pod: .pod
            }
        }

        /// What kubectl accepts for the kind, in lower case.
        var spellings: [String] {
            switch self {
            case .deployment:
                ["deployment", "deployments", "deploy", "deployment.apps", "deployments.apps"]
            case .statefulset:
                ["statefulset", "statefulsets", "sts", "statefulset.apps", "statefulsets.apps"]
            case .daemonset: ["daemonset", "daemonsets", "ds", "daemonset.apps", "daemonsets.apps"]
            case .job: ["job", "jobs", "job.batch", "jobs.batch"]
            case .cronjob, .replicaset, .replicationcontroller, .pod: [rawValue]
            }
        }
    }

    /// The kind.
    public let kind: Kind
    /// The name.
    public let name: ObjectName
    /// Its namespace, where that is not the project's.
    public let namespace: String?

    /// Names a workload.
    package init(_ kind: Kind, _ name: ObjectName, elsewhere namespace: String? = nil) {
        self.kind = kind
        self.name = name
        self.namespace = namespace
    }

    /// Reads `KIND/NAME`; kinds may be short or plural, as with kubectl: `deploy`, `sts`, `ds`.
    public init(_ text: String) throws(DevClusterError) {
        (kind, name) = try KindAndName.parse(
            text, what: "workload", example: "deployment/mongodb", kinds: Kind.selectable,
            spellings: \.spellings)
        namespace = nil
    }

    /// Reads `KIND/NAME` as owners of pods are named, of any kind; nil for what is none of these.
    package init?(owner: String) {
        let parts = owner.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])),
            let name = try? ObjectName(String(parts[1]))
        else { return nil }
        self.init(kind, name)
    }

    /// `deployment/mongodb`, or `deployment/mongodb (namespace shop)` where that is another.
    public var description: String { local + (namespace.map { " (namespace \($0))" } ?? "") }

    /// `deployment/mongodb`, wherever it is.
    package var local: String { "\(kind.rawValue)/\(name)" }

    /// The same in a namespace.
    ///
    /// - Parameter home: the project's, which is not named.
    package func placed(in namespace: String, home: String) -> WorkloadReference {
        WorkloadReference(kind, name, elsewhere: namespace == home ? nil : namespace)
    }

    /// What kubectl takes for just this, whatever other groups call theirs:
    /// `deployments.apps/mongodb`.
    package var resource: String { "\(kind.builtIn.resource)/\(name)" }
}

/// What a forward leads to: `svc/gateway`.
public struct TargetReference: ValidatedText {
    /// The kinds that kubectl can forward to.
    public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// Service.
        case service = "svc"
        /// Pod.
        case pod
        /// Deployment.
        case deployment
        /// StatefulSet.
        case statefulset

        /// What kubectl accepts for the kind, in lower case.
        var spellings: [String] {
            switch self {
            case .service: ["svc", "service", "services"]
            case .pod: ["pod", "pods", "po"]
            case .deployment: WorkloadReference.Kind.deployment.spellings
            case .statefulset: WorkloadReference.Kind.statefulset.spellings
            }
        }
    }

    /// The kind.
    public let kind: Kind
    /// The name.
    public let name: ObjectName

    /// Names a target.
    package init(_ kind: Kind, _ name: ObjectName) {
        self.kind = kind
        self.name = name
    }

    /// Reads `KIND/NAME`; kinds may be short or plural, as with kubectl.
    public init(_ text: String) throws(DevClusterError) {
        (kind, name) = try KindAndName.parse(
            text, what: "target", example: "svc/gateway", kinds: Kind.allCases,
            spellings: \.spellings)
    }

    /// `svc/gateway`: what kubectl takes.
    public var description: String { "\(kind.rawValue)/\(name)" }
}
