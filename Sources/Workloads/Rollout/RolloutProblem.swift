import Tools
import Vocabulary

/// What keeps a workload's rollout from ending, as the cluster says it.
package struct RolloutProblem: Sendable, Hashable {
    /// What a probe asks.
    enum Probe: Sendable, Hashable {
        case readiness
        /// How many seconds it allows by itself.
        case startup(BoundedInteger)
    }

    /// What kind of problem it is, which decides how long waiting can still help.
    ///
    /// In the order of how telling they are: of several problems the first is told.
    enum Kind: Sendable, Hashable {
        /// The API does not let the pods be made: a quota, a webhook, an account.
        case refused
        /// A quota is used up.
        case quota
        /// The image's name is no reference.
        case invalidImage
        /// The program is for another processor, or none.
        case execFormat
        /// The image is not on the node, and may not be pulled.
        case neverPulled(String)
        /// The image cannot be pulled; the reference, and why.
        case imagePull(String, PullFailure)
        /// A ConfigMap, Secret or key is missing, or the container cannot be made.
        case configuration
        /// A volume cannot be mounted.
        case mount
        /// Another pod of the same workload has what this one needs.
        case locked(Lock)
        /// The container ends again and again.
        case crash(Crash)
        /// The pod's node does not answer.
        case node
        /// No node takes the pod.
        case unschedulable
        /// The program runs, and a probe says that it is not ready.
        case probe(Probe)
        /// A pod of the old template is not ready, and a StatefulSet waits for it.
        case blocked
        /// Somebody has to allow that the pod is scheduled, or ready; the names of what is missing.
        case gated([String])
        /// An init container runs, and the others wait until it ends.
        case initializing
    }

    /// What another pod has, and how sure it is that this keeps the pod from coming up.
    struct Lock: Sendable, Hashable {
        var lock: PodLock
        /// The database whose words are in the log.
        var database: String?
        /// Whether more than one end of the program says so: its words, or the scheduler's.
        var isCertain: Bool
        /// How the program ended, where it did.
        var crash: Crash?
    }

    /// How a container ended last.
    struct Crash: Sendable, Hashable {
        /// How often it was started anew.
        var restarts: BoundedInteger
        /// Exit code and reason: what must stay the same for it to be one problem.
        var exit: String
        var isOutOfMemory = false
        /// Whether a liveness or startup probe ended it.
        var isByProbe = false
        /// Whether it runs in a Job, which counts by itself.
        var isOfJob = false
    }

    /// The namespace, where it is not the project's.
    var namespace: String?
    /// The pod; nil when there is none.
    var pod: String?
    var container: String?
    var kind: Kind
    var reason: String
    var message: String
    /// What else can be done, or is to blame, as only the other objects show it.
    var more: String?

    /// Its place in the order of `Kind`.
    var rank: Int {
        switch kind {
        case .refused: 0
        case .quota: 1
        case .invalidImage: 2
        case .execFormat: 3
        case .neverPulled: 4
        case .imagePull: 5
        case .configuration: 6
        case .mount: 7
        case .locked: 8
        case .crash: 9
        case .node: 10
        case .unschedulable: 11
        case .probe: 12
        case .blocked: 13
        case .gated: 14
        case .initializing: 15
        }
    }

    /// How its program ended, where it did.
    var crash: Crash? {
        switch kind {
        case .crash(let crash): crash
        case .locked(let lock): lock.crash
        default: nil
        }
    }

    /// How long it must stand before it is said: a program that takes a moment to start fails a
    /// probe, and a claim or a volume may be made at the same moment.
    var settling: Duration {
        switch kind {
        case .probe, .unschedulable, .mount: .milliseconds(500)
        case .gated: .seconds(1)
        // Most init containers just do their work.
        case .initializing: .seconds(2)
        default: .zero
        }
    }

    /// Whether only fresh events tell it for sure: which probe ended a program, and what kept an
    /// image from being pulled before the back-off.
    var needsEvents: Bool {
        switch kind {
        case .crash(let crash):
            !crash.isByProbe && ["137 ", "143 "].contains { crash.exit.hasPrefix($0) }
        case .imagePull(_, let failure): failure == .other
        default: false
        }
    }

    /// How often its container was started anew.
    var restarts: BoundedInteger { crash?.restarts ?? 0 }

    /// What two moments of one problem have in common: a back-off repeats the error before it.
    var family: String {
        switch kind {
        case .imagePull(let image, _): "pull \(image)"
        case .crash(let crash): "crash \(container ?? "") \(crash.exit)"
        // The same before and after it is certain.
        case .locked(let lock): "locked \(container ?? "") \(lock.lock.holding)"
        case .probe(let probe): "\(probe) \(container ?? "")"
        case .unschedulable: "unschedulable \(message)"
        case .mount: "mount"
        // The same refusal, before and during the back-off.
        case .configuration
        where ["RunContainerError", "StartError", "CrashLoopBackOff"]
            .contains(reason):
            "start \(container ?? "")"
        default: "\(reason) \(container ?? "")"
        }
    }

    /// What happened and where, on one line.
    package func description(of workload: String) -> String {
        let container = container.map { ", container \($0)" } ?? ""
        let isItself = workload.hasPrefix("pod/")
        let place = pod.map { isItself ? container : " (pod \($0)\(container))" } ?? ""
        let message = message.isEmpty ? "" : ": \(ShownText.line(message))"
        return "\(workload)\(place): \(reason)\(message)"
    }
}
