import Verification
import Vocabulary

/// What a restart replaced, and what runs now.
public struct RestartReport: Codable, Sendable, Equatable {
    /// A workload with its pods.
    public struct Workload: Codable, Sendable, Equatable {
        /// As `deployment/web`.
        public var workload: String
        /// The pods that are gone.
        public var replaced: [String]
        /// The pods that run now, all of them new.
        public var pods: [String]
        /// What its rollout reached, as `2/2`.
        public var state: String
    }

    /// The workloads, in the order asked for.
    public var workloads: [Workload]
    /// What the new pods run; nil in a dry run.
    public var verification: VerificationReport?

    /// 0 when all pods are new and none is stale; images that are not ours are not judged.
    public var exitCode: Int32 {
        guard let verification else { return 0 }
        if verification.count(.stale) > 0 { return DevClusterError.Code.found.exitCode }
        return verification.count(.unknown) > 0 ? DevClusterError.Code.undecided.exitCode : 0
    }
}
