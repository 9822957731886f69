import Settings
import Vocabulary

/// What is known of a workload's lock.
public struct LockFinding: Codable, Sendable, Equatable {
    /// What the lock does.
    public enum State: String, Codable, Sendable {
        /// A pod does not start because another one has the data.
        case blocked
        /// The next rollout will start a pod while the old one has the data.
        case wouldBlock
        /// The same, if the program locks its data; nothing is known of it.
        case mayBlock
        /// It was scaled to 0 to clear a lock, and not back: the run was interrupted.
        case interrupted
        /// No two of its pods can have the same data open.
        case safe
    }

    /// As `deployment/mongodb`.
    public var workload: String
    /// The program, where it is known.
    public var database: String?
    /// What old and new pod share: `claim data`.
    public var storage: [String]
    /// The port of its node that a pod waits for, as `host port 8080`, where it does.
    public var port: String?
    /// What the lock does.
    public var state: State
    /// Whether `spec.locks` names it.
    public var isConfigured: Bool
    /// The log line, or the shape, that shows it.
    public var reason: String
    /// Whether the program's own log says it, not only its place beside an older pod.
    public var isLogged = false
    /// What would make clearing unnecessary; nil when nothing has to be done.
    public var advice: String?
}

/// What `locks list` found.
public struct LockListReport: Codable, Sendable, Equatable {
    /// The namespace.
    public var namespace: String
    /// Its workloads with a lock, or with a place for one.
    public var locks: [LockFinding]

    /// 2 when one blocks now.
    public var exitCode: Int32 {
        locks.contains { [.blocked, .interrupted].contains($0.state) } ? 2 : 0
    }
}

/// A lock that was cleared.
public struct ClearedLock: Codable, Sendable, Equatable {
    /// As `deployment/mongodb`.
    public var workload: String
    /// How.
    public var method: Configuration.Lock.Method
    /// How many pods it has again.
    public var replicas: BoundedInteger
    /// Why it was cleared.
    public var reason: String
    /// How long there was no pod, up to its new start.
    public var seconds: Double
}

/// What `locks clear` did.
public struct LockClearReport: Codable, Sendable, Equatable {
    /// What was cleared.
    public var cleared: [ClearedLock]
    /// How the new pods came up.
    public var rollouts: [RolloutResult]
}
