import ChildProcess
import Sessions
import Tools
import Vocabulary

/// What several nodes hold, and which of them could not be asked.
package struct NodeImagesReport: Sendable, Equatable, Codable {
    /// The nodes that answered, by name.
    package var nodes: [NodeImageList]
    /// Those that did not.
    package var problems: [NodeProblem]
}

/// The images in the nodes of a cluster: containerd's stores, all nodes at the same time.
package struct NodeImages: Sendable {
    let session: Session

    /// The images of this session's cluster.
    package init(session: Session) {
        self.session = session
    }

    /// Reads what nodes hold, in one run of crictl a node.
    ///
    /// - Parameter nodes: names of nodes; nil is every node of the cluster.
    /// - Throws: `DevClusterError` when the engine does not work; a node that cannot be read is
    ///   a problem in the report.
    package func read(_ nodes: [String]? = nil) async throws -> NodeImagesReport {
        var report = NodeImagesReport(nodes: [], problems: [])
        for result in try await onEach(nodes, { try await list($0) }) {
            switch result {
            case .success(let list): report.nodes.append(list)
            case .failure(let problem): report.problems.append(problem)
            }
        }
        return report
    }

    /// Removes just these references, and leaves every other name of their images.
    ///
    /// When the last tag of an image in a repository goes, and no container uses the image, its
    /// `repository@sha256:…` names go too, and with the last name its ID: else they would hold
    /// the space for ever. While a container uses it they stay, so that its pod still tells what
    /// it runs. Running it again is no error.
    /// - Parameters:
    ///   - references: as they stand in a pod's spec; `sha256:…` is a whole image by its ID.
    ///   - nodes: names of nodes; nil is every node of the cluster.
    ///   - keepsUsed: whether names of an image that a container uses stay.
    /// - Throws: `DevClusterError` when the engine does not work.
    func remove(
        _ references: [String], from nodes: [String]? = nil, keepsUsed: Bool = false
    ) async throws -> ImageRemovalReport {
        let names = Set(references.map(NodeImages.name))
        return ImageRemovalReport(
            try await onEach(nodes) { node in
                let list = try await list(node)
                return try await apply(list.removal(of: names, keepsUsed: keepsUsed))
            })
    }

    /// Removes what was planned for each node.
    package func apply(_ removals: [NodeRemoval]) async throws -> ImageRemovalReport {
        let plans = Dictionary(removals.map { ($0.node, $0) }, uniquingKeysWith: { $1 })
        return ImageRemovalReport(
            try await onEach(plans.keys.sorted()) { node in
                try await apply(plans[node] ?? NodeRemoval(node: node))
            })
    }

    private func apply(_ removal: NodeRemoval) async throws -> NodeRemovalResult {
        guard !removal.names.isEmpty else { return removal.result(nil) }
        let ctr = Ctr(node: Node(name: removal.node, engine: session.engine))
        return removal.result(try await ctr.remove(removal.names))
    }

    private func list(_ node: String) async throws -> NodeImageList {
        let crictl = Crictl(node: Node(name: node, engine: session.engine))
        return NodeImageList(node: node, contents: try await crictl.contents())
    }

    /// Does something on every node at the same time; the results are in the order of names.
    private func onEach<Value: Sendable>(
        _ names: [String]?, _ work: @escaping @Sendable (String) async throws -> Value
    ) async throws -> [Result<Value, NodeProblem>] {
        let (running, problems) = try await nodes(names)
        let results = try await running.concurrentMap { name in
            await outcome(of: work, on: name)
        }
        return try (results + problems.map { NodeOutcome(node: $0.node, problem: $0) })
            .sorted { $0.node < $1.node }.map { try $0.result() }
    }

    private func outcome<Value: Sendable>(
        of work: @Sendable (String) async throws -> Value, on node: String
    ) async -> NodeOutcome<Value> {
        var outcome = NodeOutcome<Value>(node: node)
        do {
            outcome.value = try await work(node)
        } catch let error as InvocationError where error.concernsAllNodes {
            outcome.end = error
        } catch {
            outcome.problem = NodeProblem(node: node, error)
        }
        return outcome
    }

    /// The nodes to ask, and those that do not run.
    private func nodes(_ names: [String]?) async throws -> ([String], [NodeProblem]) {
        // A node that was named is tried at once: that saves two children for who knows it.
        if let names { return (names, []) }
        let containers = try await session.engine.nodes(ofCluster: session.place.cluster)
            .filter { !$0.isLoadBalancer }
        let stopped = containers.filter { !$0.isRunning }
        return (
            containers.filter(\.isRunning).map(\.name),
            stopped.map { NodeProblem(node: $0.name, reason: "it is \($0.status)") }
        )
    }

    /// The name under which containerd keeps what a reference in a spec means.
    ///
    /// `busybox` is `docker.io/library/busybox:latest`; of a tag and a digest the digest counts.
    package static func name(of reference: String) -> String {
        // `sha256:…` could be read as a tag of a repository named sha256.
        guard (try? Digest(reference)) == nil,
            let parsed = try? ImageReference(reference).normalized
        else { return reference }
        let tag = parsed.digest == nil ? parsed.effectiveTag : nil
        return parsed.with(tag: tag, digest: parsed.digest).description
    }
}

/// What became of the work on a node: one of the three.
private struct NodeOutcome<Value: Sendable>: Sendable {
    var node: String
    var value: Value?
    var problem: NodeProblem?
    /// What ends the work on all nodes.
    var end: InvocationError?

    func result() throws(InvocationError) -> Result<Value, NodeProblem> {
        if let end { throw end }
        if let value { return .success(value) }
        return .failure(problem ?? NodeProblem(node: node, reason: "nothing is known of it"))
    }
}

extension NodeProblem: Error {
    /// Why a node could not be read or changed, in its own words.
    package init(node: String, _ error: any Error) {
        self.node = node
        if let error = error as? DevClusterError {
            reason = error.message
        } else if let error = error as? InvocationError {
            reason =
                error.lastWords
                ?? (error.reason == .timedOut ? "it does not answer" : error.description)
        } else {
            reason = ShownText.line("\(error)")
        }
    }
}

extension InvocationError {
    /// Whether it says nothing about a single node: interrupted, or there is no engine.
    fileprivate var concernsAllNodes: Bool { [.cancelled, .notFound].contains(reason) }
}
