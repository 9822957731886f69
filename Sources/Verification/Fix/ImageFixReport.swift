import Registries

/// What `verify-image --fix` did.
public struct ImageFixReport: Codable, Sendable, Equatable {
    /// Something that was not mended.
    public struct Left: Codable, Sendable, Equatable {
        /// The container, as `namespace/pod/container`.
        public var container: String
        /// Why, and what to do.
        public var reason: String
    }

    /// Containers whose pinned digest was taken out of their workload, with the new reference.
    public var unpinned: [String] = []
    /// Containers whose workload was given back the tag that was deployed last, with the reference.
    public var restored: [String] = []
    /// What was removed from which node.
    public var removed: [RemovedReference] = []
    /// What had its pods replaced, as `namespace/deployment/web`.
    public var replaced: [String] = []
    /// What was left as it is.
    public var left: [Left] = []
}
