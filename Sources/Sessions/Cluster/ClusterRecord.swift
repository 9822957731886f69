import SystemLibraries

/// What is remembered of a cluster of ours: `cluster.json` in its state folder.
package struct ClusterRecord: Codable, Sendable, Equatable {
    /// How far its creation came.
    package enum Phase: String, Codable, Sendable {
        /// kind was started; a cluster found in this phase never became ready.
        case creating
        /// kind finished; what follows can be mended.
        case made
        /// All nodes were ready once.
        case ready
    }

    /// How far its creation came.
    package var phase: Phase
    /// IDs of its node containers by name; empty until kind has made them.
    package var nodes: [String: String]
    /// Node image that was asked for; nil means kind's own.
    package var nodeImage: String?
    /// The registry's container.
    package var registry: String
    /// When kind was started.
    package var createdAt: Date

    package init(
        phase: Phase, nodes: [String: String], nodeImage: String? = nil, registry: String,
        createdAt: Date
    ) {
        self.phase = phase
        self.nodes = nodes
        self.nodeImage = nodeImage
        self.registry = registry
        self.createdAt = createdAt
    }
}
