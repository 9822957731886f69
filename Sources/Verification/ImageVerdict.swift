import SystemLibraries
import Vocabulary

/// Whether a container runs what the registry serves for the tag in its spec.
public enum ImageVerdict: String, Sendable, Codable, CaseIterable {
    /// It runs exactly the digest that the tag has.
    case match
    /// The tag is an index, and it runs the index's manifest for its node.
    case matchPlatform
    /// Its status tells only the configuration's digest, and that is the tag's.
    case matchConfig
    /// Another manifest of the same configuration: the same content under another name.
    case sameContent
    /// It runs something else.
    case stale
    /// It could not be decided; the reason says why.
    case unknown
    /// The image is not from a registry of ours.
    case notOurs
    /// Listed, not judged: being deleted, or finished.
    case notJudged

    /// As it is printed.
    public var text: String {
        switch self {
        case .match: "match"
        case .matchPlatform: "match (platform manifest)"
        case .matchConfig: "match (config)"
        case .sameContent: "same content"
        case .stale: "stale"
        case .unknown: "unknown"
        case .notOurs: "not ours"
        case .notJudged: "not judged"
        }
    }

    /// Whether it says that the right code runs.
    public var isFresh: Bool {
        switch self {
        case .match, .matchPlatform, .matchConfig, .sameContent: true
        default: false
        }
    }
}

/// Why a container runs something else than it should.
public enum StaleCause: String, Sendable, Codable, CaseIterable {
    /// Somebody pushed another image over what was just built and pushed.
    case overwritten
    /// The workload's template names another image by now; its rollout did not reach the pod.
    case oldTemplate
    /// The image was changed in the pod itself: the template it was made from names another.
    case changedPod
    /// It runs what its tag stands for, and that is an earlier build than the last deploy put there.
    case notDeployed
    /// It, or the workload it belongs to, was given another image altogether than the last deploy put
    /// there.
    case otherImage
    /// An object names another build since this deploy, and whatever makes pods of it kept this one.
    case notReplaced
    /// The spec pins a digest beside the tag, and the tag has moved on.
    case pinnedDigest
    /// The spec names the image in another registry than the one it is pushed to.
    case otherRegistry
    /// The tag was pushed again after the container had started.
    case pushedLater
    /// The tag was used before, and the node serves the image it has cached for it.
    case cachedImage
}

/// What is known of where an image comes from.
public struct ImageOrigin: Sendable, Codable, Equatable {
    /// A tag that stands for it, or did.
    public var tag: String?
    /// The commit it was built from, in full or its first twelve digits.
    public var commit: String?
    /// Whether the working tree differed from the commit; nil when that is not known.
    public var isDirty: Bool?
    /// When it was built.
    public var builtAt: Date?

    /// An image of which this much is known.
    init(
        tag: String? = nil, commit: String? = nil, isDirty: Bool? = nil, builtAt: Date? = nil
    ) {
        self.tag = tag
        self.commit = commit
        self.isDirty = isDirty
        self.builtAt = builtAt
    }
}

/// A container with its verdict.
public struct JudgedContainer: Sendable, Codable, Equatable {
    /// The container and what it runs.
    public var subject: ContainerImage
    /// The verdict.
    public var verdict: ImageVerdict
    /// Digest that it runs; nil when it is not known.
    public var running: Digest?
    /// Digest that the registry serves for the spec's reference; nil when it is not known.
    public var served: Digest?
    /// Why, for everything but a match.
    public var reason: String?
    /// What made it stale; nil when it is not.
    public var cause: StaleCause?
    /// What it really runs, where that is not what it should.
    public var origin: ImageOrigin?
    /// What was deployed last: the tag, where it runs an earlier build; the whole reference, where it
    /// runs another image.
    public var deployed: String?
    /// Whether `verify-image --fix` mends it; nil for what is not stale.
    public var isMendable: Bool?
}

/// Every container in scope with its verdict.
public struct VerificationReport: Sendable, Codable, Equatable {
    /// The containers, in the order of namespaces, pods and specs.
    public var containers: [JudgedContainer]
    /// What was done before, when stale containers were to be mended.
    public var fix: ImageFixReport?

    /// How many have this verdict.
    public func count(_ verdict: ImageVerdict) -> Int {
        containers.count { $0.verdict == verdict }
    }

    /// 0 all match, 2 something is stale, 3 something is undecided or nothing was judged.
    public var exitCode: Int32 {
        if count(.stale) > 0 { return DevClusterError.Code.found.exitCode }
        if count(.unknown) > 0 || !containers.contains(where: \.verdict.isFresh) {
            return DevClusterError.Code.undecided.exitCode
        }
        return 0
    }
}
