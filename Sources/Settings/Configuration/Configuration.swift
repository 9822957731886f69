import Vocabulary

/// What `devcluster.yaml` says, with every default filled in.
///
/// Names and values are those of the file (`spec.cluster.nodeImage` is `cluster.nodeImage`).
/// Paths are kept as written and belong to `folder`; see `absolutePath(_:)`.
public struct Configuration: Sendable, Hashable, Codable {
    /// `metadata.name`: the cluster's name, and the project in labels.
    public var name: ClusterName
    /// The engine asked for; nil means that of the cluster, or the first that answers.
    public var engine: EngineName?
    /// The cluster.
    public var cluster: Cluster
    /// The registry.
    public var registry: Registry
    /// The namespace that everything is deployed to.
    public var namespace: NamespaceName
    /// The annotation that `status` counts components by; nil means the owning workload.
    public var componentAnnotation: AnnotationKey?
    /// How tags are chosen.
    public var tagPolicy: TagPolicy
    /// What is kept of older builds.
    public var retention: Retention
    /// The images to build; no two have one name.
    public var images: [Image]
    /// The manifests to apply, in this order.
    public var manifests: [ManifestSource]
    /// The workloads whose locks may be cleared.
    public var locks: [Lock]
    /// The forwards; no two have one name or one local port.
    public var forwards: [Forward]
    /// Third-party images to put into registry and nodes.
    public var preload: [ImageReference]
    /// How long things may take.
    public var timeouts: Timeouts
    /// Absolute path of the file that was read; nil when there was none.
    public var file: String?
    /// Absolute path of the folder that relative paths belong to: the file's, without a file the
    /// working directory.
    public var folder: String

    /// How the tags of built images are chosen.
    public enum TagPolicy: String, Sendable, Codable, Hashable, CaseIterable {
        /// A tag that was never used before, for every build.
        case unique
        /// The commit.
        case gitCommit
        /// The digest of the build's inputs; a build whose inputs did not change is skipped.
        case inputDigest
    }

    /// What is kept of older builds.
    public struct Retention: Sendable, Hashable, Codable {
        /// Tags kept in each repository.
        public var tags: Int
    }

    /// How long things may take before they count as failed.
    public struct Timeouts: Sendable, Hashable, Codable {
        /// Building one image.
        public var build: HumanDuration
        /// Pushing one image.
        public var push: HumanDuration
        /// One workload's rollout.
        public var rollout: HumanDuration
        /// Deleting a namespace or manifests.
        public var delete: HumanDuration
        /// Any other child process.
        public var child: HumanDuration
    }

    /// A written path made absolute: relative ones belong to `folder`.
    package func absolutePath(_ written: String) -> String {
        ConfigurationPath.joined(folder, written)
    }

    /// The namespace of a forward: its own, else the configuration's.
    package func namespace(of forward: Forward) -> NamespaceName {
        forward.namespace ?? namespace
    }
}
