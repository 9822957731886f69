import Sessions
import Settings
import Verification
import Vocabulary
import Workloads

/// What was changed in the cluster.
struct AppliedDeploy: Sendable {
    /// What kubectl said of each object.
    var lines: [String]
    /// The API's warnings.
    var warnings: [APIWarning] = []
    /// Everything that rolls out.
    var workloads: [WorkloadReference]
    /// What runs one of the built images.
    var changed: [WorkloadReference]
    /// The images of ours that objects name without running them.
    var custom: [CustomUse] = []
    /// Which references in the manifests were replaced; nil without manifests.
    var rewritten: [Rewriting]?
    /// The images of ours that the workloads were given, by container.
    var placed: [PlacedWorkload] = []
    /// The locks that were cleared for it.
    var locks: [ClearedLock] = []
    /// Names of the Services that want an address from outside, by namespace.
    var loadBalancers: [String: [String]] = [:]
    /// Hooks of Helm, of which those of this moment run when everything is ready.
    var hooks: [HelmHook] = []
    var moment = HelmHook.Moment.postUpgrade
}
