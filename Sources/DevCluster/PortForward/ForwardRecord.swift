public import ChildProcess

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A forward as the ledger has it: `forwards/<name>.json` in the cluster's state folder.
public struct ForwardRecord: Codable, Sendable, Equatable {
    /// Its name, unique in its cluster.
    public var name: String
    /// The context it goes to.
    public var context: String
    /// The namespace of its target.
    public var namespace: String
    /// What it leads to, as `svc/gateway`.
    public var target: String
    /// Address on this machine.
    public var address: String
    /// Port on this machine.
    public var port: Int
    /// Port, or name of a port, of the target.
    public var targetPort: String
    /// The process that holds the port; nil when none was started yet.
    public var process: ProcessIdentity?
    /// Its command line.
    public var arguments: [String]
    /// When it was started.
    public var startedAt: Date
    /// How often it was started anew.
    public var restarts: Int
    /// Why it ended last; nil when it never did.
    public var lastError: String?

    /// Where to reach it.
    public var url: String { "http://\(address):\(port)" }
}

/// A forward with what is known of it now.
public struct ForwardStatus: Codable, Sendable, Equatable {
    /// How it is.
    public enum State: String, Codable, Sendable {
        /// Its process lives.
        case running
        /// Its process is gone.
        case dead
        /// A dry run would start it.
        case planned
    }

    /// What the ledger says.
    public var forward: ForwardRecord
    /// How it is.
    public var state: State
    /// Seconds since it was started.
    public var age: Double
}
