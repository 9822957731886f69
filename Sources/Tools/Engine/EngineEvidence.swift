import ChildProcess

/// What an engine prints for somebody who looks for the cause of a fault; any exit code is a normal
/// result.
extension Engine {
    /// What it says of itself, as JSON.
    package func printedInfo(deadline: Duration? = nil) async throws -> Outcome {
        try await run(["info", "--format", "json"], deadline: deadline)
    }

    /// Whether it works: docker's program alone is not enough.
    package func answers(within deadline: Duration) async -> Bool {
        (try? await printedInfo(deadline: deadline))?.succeeded ?? false
    }

    /// What it says of a network, as JSON.
    package func printedNetwork(_ network: String, deadline: Duration? = nil) async throws
        -> Outcome
    {
        try await run(["network", "inspect", network], deadline: deadline)
    }

    /// The last lines of a container's log, on both of its streams.
    package func log(of container: String, lines: Int, deadline: Duration) async throws -> Outcome {
        try await run(["logs", "--tail", "\(lines)", container], deadline: deadline)
    }

    /// What is printed inside a node.
    package func printed(_ evidence: NodeEvidence, of node: String, deadline: Duration) async throws
        -> Outcome
    {
        try await run(["exec", node, "sh", "-c", evidence.script], deadline: deadline)
    }
}

/// What is looked at inside a node.
package enum NodeEvidence: Sendable, CaseIterable {
    /// containerd's configuration.
    case containerdSettings
    /// What containerd is told of each registry.
    case hostsSettings
    case images
    case containers
    /// What kubelet and containerd logged.
    case journal

    fileprivate var script: String {
        switch self {
        case .containerdSettings: "cat /etc/containerd/config.toml"
        case .hostsSettings: "cat /etc/containerd/certs.d/*/hosts.toml"
        case .images: "crictl images --output json"
        case .containers: "crictl ps --all --output json"
        case .journal: "journalctl --unit kubelet --unit containerd --lines 300 --no-pager"
        }
    }
}
