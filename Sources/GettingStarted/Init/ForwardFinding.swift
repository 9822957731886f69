/// A port of this machine that a project's files lead to something that runs.
struct ForwardFinding: Sendable, Equatable {
    /// What the other end is.
    enum Target: Sendable, Equatable {
        /// A Service of Kubernetes; the port is the Service's.
        case service(String)
        /// A workload, or what a compose file calls a service; the port is a container's.
        case workload(String)
    }

    var origin: String
    var target: Target
    var localPort: Int
    /// Nil means the first one of the target.
    var port: Int?
}
