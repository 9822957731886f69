import Forwards
import Images
import Sessions
import Verification
import Workloads

/// What a deploy did and proved.
public struct DeployReport: Codable, Sendable, Equatable {
    /// The context that was deployed to.
    public var context: String
    /// The namespace.
    public var namespace: String
    /// All namespaces that something was applied to.
    public var namespaces: [String]?
    /// The images that were built, with their digests.
    public var images: [BuiltImage]
    /// Which references in the manifests were replaced; nil for a deploy without manifests.
    public var rewritten: [Rewriting]?
    /// What kubectl said of each object.
    public var applied: [String]
    /// The API's warnings, one for each object and text.
    public var warnings: [APIWarning] = []
    /// How each rollout ended.
    public var rollouts: [RolloutResult]
    /// What the pods of the changed workloads run; nil in a dry run.
    public var verification: VerificationReport?
    /// The configured forwards that can be used.
    public var forwards: [ForwardStatus]
    /// The others; nil when there are none.
    public var forwardProblems: [ForwardProblem]?
    /// What became too old; nil unless everything was proven.
    public var retention: RetentionReport?
    /// The locks that were cleared for it.
    public var locks: [ClearedLock]?
    /// The three steps that took longest.
    public var slowest: [DeployRecord.Step]?
    /// Steps that took much longer than they usually do.
    public var slower: [SlowStep]?

    /// 0 proven, 2 stale, 3 not decided; 1 when it is proven and a forward is missing.
    public var exitCode: Int32 {
        let proof = verification?.exitCode ?? 0
        return proof == 0 && forwardProblems != nil ? 1 : proof
    }
}
