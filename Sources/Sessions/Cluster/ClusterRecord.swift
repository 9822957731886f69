#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What is remembered of a cluster of ours: `cluster.json` in its state folder.
public struct ClusterRecord: Codable, Sendable, Equatable {
    /// How far its creation came.
    public enum Phase: String, Codable, Sendable {
        /// kind was started; a cluster found in this phase never became ready.
        case creating
        /// kind finished; what follows can be mended.
        case made
        /// All nodes were ready once.
        case ready
    }

    /// How far its creation came.
    public var phase: Phase
    /// IDs of its node containers by name; empty until kind has made them.
    public var nodes: [String: String]
    /// Node image that was asked for; nil means kind's own.
    public var nodeImage: String?
    /// The registry's container.
    public var registry: String
    /// When kind was started.
    public var createdAt: Date
}
