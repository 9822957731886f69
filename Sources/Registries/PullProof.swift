import ChildProcess
import Sessions
import Tools

/// Proves that nodes pull from the registry, by pulling.
package struct PullProof: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Pulls the proof image inside every node, under both names of the registry.
    ///
    /// A pull of an image that the node already has still resolves its tag at the registry, so
    /// that it proves the way there; it proves hosts.toml too, without which it would fail.
    /// The second name is not pulled by where its hosts.toml is that of the first to the byte:
    /// containerd asks the same server for both then.
    /// - Parameter deadline: for each node.
    /// - Returns: why each node could not, the nodes that could being absent.
    package func problems(nodes: [String], deadline: Duration = .seconds(20)) async -> [String:
        String]
    {
        let place = session.place
        let hosts = [place.registryHost, place.registryNodeHost]
        let images = hosts.map(place.proofImage)
        let files = hosts.map { "/etc/containerd/certs.d/\($0)/hosts.toml" }
        return await withTaskGroup(of: NodePull.self) { group in
            for name in nodes {
                group.addTask {
                    var pull = NodePull(node: name)
                    let crictl = Crictl(node: Node(name: name, engine: session.engine))
                    do {
                        let outcome = try await crictl.pull(
                            images[0], and: images[1], unlessSame: (files[0], files[1]),
                            deadline: deadline)
                        if !outcome.succeeded { pull.problem = PullProof.reason(outcome) }
                    } catch {
                        pull.problem = "\(error)"
                    }
                    return pull
                }
            }
            var problems: [String: String] = [:]
            for await pull in group { problems[pull.node] = pull.problem }
            return problems
        }
    }

    /// What a node said of its pull; nil when it pulled.
    private struct NodePull: Sendable {
        var node: String
        var problem: String?
    }

    private static func reason(_ outcome: Outcome) -> String {
        outcome.lastWords ?? "crictl pull failed"
    }
}
