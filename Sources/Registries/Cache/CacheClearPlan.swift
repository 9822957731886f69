import Vocabulary

/// An image that is in use, or that a node could not pull again.
public struct GuardedImage: Sendable, Equatable, Codable {
    /// The node.
    public var node: String
    /// The names concerned; the ID where there is none.
    public var references: [String]
    /// The containers that use the image.
    public var uses: [NodeImage.Use]
    /// Why the node could not pull it again; nil when it could.
    public var unpullable: String?
}

/// What a `cache clear` would do.
public struct CacheClearPlan: Sendable {
    /// What goes, by node.
    var removals: [NodeRemoval] = []
    /// What goes although it is in use or cannot be pulled again: a reason to ask.
    public var risky: [GuardedImage] = []
    /// What stays because it is in use or cannot be pulled again.
    public var kept: [GuardedImage] = []
    /// Words that name nothing on any node.
    public var unmatched: [String] = []
    /// Nodes that could not be read.
    public var problems: [NodeProblem] = []
    /// Why the registry did not say what it serves, where that was the question.
    public var registryProblem: String?

    /// What has to be agreed to, as a question; nil when nothing is risky.
    public var question: String? {
        guard !risky.isEmpty else { return nil }
        var reasons: [String] = []
        for image in risky {
            var parts: [String] = []
            if !image.uses.isEmpty { parts.append("used by \(image.uses.pods(atMost: 3))") }
            if image.unpullable != nil { parts.append("which a node could not pull again") }
            let text =
                "\(image.references.joined(separator: ", ")) (\(parts.joined(separator: ", ")))"
            if !reasons.contains(text) { reasons.append(text) }
        }
        let shown = reasons.prefix(5).joined(separator: "; ")
        let more = reasons.count > 5 ? " and \(reasons.count - 5) more" : ""
        return "remove \(ShownText.line(shown, limit: 2000))\(more)?"
    }
}

extension [NodeImage.Use] {
    /// The pods among them, as `namespace/name`: the first ones, and how many more.
    public func pods(atMost count: Int) -> String {
        var pods: [String] = []
        for use in self where !pods.contains("\(use.namespace)/\(use.pod)") {
            pods.append("\(use.namespace)/\(use.pod)")
        }
        let more = pods.count > count ? " and \(pods.count - count) more" : ""
        return pods.prefix(count).joined(separator: ", ") + more
    }
}

/// What a `cache clear` did.
public struct CacheClearReport: Sendable, Equatable, Codable {
    /// The references that were to go, by node.
    public var references: [RemovedReference]
    /// What stayed because it is in use or cannot be pulled again.
    public var kept: [GuardedImage]
    /// Words that name nothing on any node.
    public var unmatched: [String]
    /// Containers that go on although their image went or lost a name.
    public var bereft: [NodeImage.Use]
    /// Nodes where not all could be done.
    public var problems: [NodeProblem]
    /// Why the registry did not say what it serves, where that was the question.
    public var registryProblem: String?
    /// Sizes of the images that went whole, in bytes; layers that others share stay.
    public var freedBytes: BoundedInteger

    /// 3 when a node could not be cleared, or it is not known what should go.
    public var exitCode: Int32 {
        problems.isEmpty && registryProblem == nil ? 0 : DevClusterError.Code.undecided.exitCode
    }
}
