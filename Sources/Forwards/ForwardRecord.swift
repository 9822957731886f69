import ChildProcess
import SystemLibraries
import Vocabulary

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
    /// The path that is asked whether the program is well; nil asks nothing.
    public var probe: String?
    /// Who asked for it.
    public var origin: ForwardOrigin
    /// The request it answers.
    var request: String
    /// How it was when its supervisor last wrote this.
    public var state: ForwardStatus.State
    /// The process that holds the port.
    public var supervisor: ProcessIdentity?
    /// The kubectl behind it; nil while nobody needs one.
    public var process: ProcessIdentity?
    /// That kubectl's command line.
    public var arguments: [String]
    /// The pod it leads to now.
    public var pod: String?
    /// When it was started.
    public var startedAt: Date
    /// How often its kubectl was started anew.
    public var restarts: BoundedInteger
    /// Connections that were accepted.
    public var connections: BoundedInteger
    /// Bytes that clients sent.
    public var bytesSent: BoundedInteger
    /// Bytes that clients received.
    public var bytesReceived: BoundedInteger
    /// What went wrong last; nil when nothing did.
    public var lastError: String?

    /// Where to reach it.
    public var url: String {
        address.contains(":") ? "http://[\(address)]:\(port)" : "http://\(address):\(port)"
    }
}

extension ForwardRecord {
    /// A forward that nothing has been done for yet.
    init(_ spec: ForwardSpec, context: String, state: ForwardStatus.State = .starting) {
        (name, namespace, target) = (spec.name, spec.namespace, spec.target)
        (address, port, targetPort) = (spec.address, spec.port, spec.targetPort)
        (probe, origin, request) = (spec.probe, spec.origin, spec.id)
        self.context = context
        self.state = state
        arguments = []
        startedAt = Date()
        (restarts, connections, bytesSent, bytesReceived) = (0, 0, 0, 0)
    }

    /// What was asked for, for when the file that says so is damaged.
    var spec: ForwardSpec {
        ForwardSpec(
            name: name, namespace: namespace, target: target, address: address, port: port,
            targetPort: targetPort, probe: probe, origin: origin, id: request)
    }
}

/// A forward with what is known of it now.
public struct ForwardStatus: Codable, Sendable, Equatable {
    /// How it is.
    public enum State: String, Codable, Sendable {
        /// Its supervisor has not looked yet.
        case starting
        /// It listens, and leads to a ready pod.
        case running
        /// It listens and holds its clients: no pod is ready, or the cluster does not answer.
        case waiting
        /// It cannot work as things are: the port is taken, there is no such target or port.
        case failed
        /// Its supervisor is gone.
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

extension ForwardStatus {
    /// An entry, judged by whether its supervisor lives.
    init(_ record: ForwardRecord, now: Date = Date()) {
        forward = record
        age = now.timeIntervalSince(record.startedAt)
        let isHeld = record.supervisor?.isAlive == true || record.state == .planned
        state = isHeld ? record.state : .dead
    }
}
