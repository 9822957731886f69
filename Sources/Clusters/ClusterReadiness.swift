import ChildProcess
import Registries
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// The last steps of `up`, alike for a new cluster and a mended one.
struct ClusterReadiness: Sendable {
    let session: Session
    let permissions: UpPermissions

    /// Makes the registry right and gives it the proof image.
    ///
    /// - Returns: what was done to the registry; nil for nothing.
    func prepareRegistry(_ decision: RegistryDecision) async throws -> String? {
        let setup = RegistrySetup(session: session, permissions: permissions)
        let name = session.place.registry.name
        return try await session.activity.step("registry \(name)", detail: { $0 }) { step in
            let done = try await setup.carryOut(decision, step: step)
            if !session.isDryRun || decision == .keep { try await setup.ensureProofImage() }
            return done
        }
    }

    /// Waits until the API answers and all these nodes are ready.
    ///
    /// - Parameter start: nodes count only with a lease renewed after this; a node that was stopped
    ///   is still listed as ready at first.
    /// - Parameter restarted: when nodes were restarted. A kubelet renews its lease first and only
    ///   then says that it is not ready yet, so it has to have told its state since.
    /// - Returns: what is not ready when the time is up: nodes, or `the API`.
    func waitForNodes(
        _ names: [String], leasesAfter start: Date? = nil, restarted: [String: Date] = [:],
        for limit: Duration
    ) async throws -> [String] {
        guard !session.isDryRun else { return [] }
        return try await session.activity.step(
            "nodes ready", detail: { $0.isEmpty ? nil : "not \($0.joined(separator: ", "))" }
        ) { step in
            let end = ContinuousClock.now + limit
            while true {
                let open = await notReady(names, leasesAfter: start, restarted: restarted)
                if open.isEmpty || ContinuousClock.now >= end { return open }
                step.progress("waiting for " + open.joined(separator: ", "))
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    /// What `notReady` and `waitForNodes` call the control plane.
    static let api = "the API"

    /// The error when waiting has not helped.
    func notReadyError(_ open: [String]) -> DevClusterError {
        DevClusterError(
            .deadline, "not ready: \(open.joined(separator: ", "))",
            hint: "see 'kubectl --context \(session.place.context) describe nodes'; if nothing"
                + " helps, make the cluster anew with 'devcluster up --recreate': what runs in it"
                + " and its volumes are lost, the registry's images stay")
    }

    private func notReady(
        _ names: [String], leasesAfter start: Date?, restarted: [String: Date]
    ) async -> [String] {
        let resources = start == nil ? "nodes" : "nodes,leases"
        let items = try? await session.kubectl.list(
            resources, namespace: "kube-node-lease", as: ClusterItem.self, deadline: .seconds(5))
        guard let items else { return [ClusterReadiness.api] }
        var ready: Set<String> = []
        var alive: Set<String> = []
        for item in items {
            switch item {
            case .node(let node) where node.isReady && isCurrent(node, restarted):
                ready.insert(node.metadata.name)
            case .lease(let node, let renewed):
                if let start, let renewed, renewed > start { alive.insert(node) }
            default: break
            }
        }
        return names.filter { !ready.contains($0) || (start != nil && !alive.contains($0)) }
    }

    /// Whether the node has told its state since it was restarted, to the second.
    private func isCurrent(_ node: KubernetesNode, _ restarted: [String: Date]) -> Bool {
        guard let restart = restarted[node.metadata.name] else { return true }
        return node.heartbeat.map { $0 > restart.addingTimeInterval(-1) } ?? false
    }

    /// Proves that every node pulls from the registry.
    ///
    /// The network's name service can need a while for a container that has just joined, above all
    /// while other containers come and go: short attempts, repeated, find it sooner than a long one.
    /// - Throws: `DevClusterError` naming each node that cannot, and why.
    func provePulls(_ names: [String]) async throws {
        guard !session.isDryRun else { return }
        try await session.activity.step("every node pulls from the registry") { step in
            let all = names + [session.place.registry.name] + session.mirrors.map(\.container)
            let containers = try await session.engine.containers(named: all)
            await session.podmanNameService.remove(
                Dictionary(uniqueKeysWithValues: all.map { ($0, containers[$0]) }))
            let end = ContinuousClock.now + .seconds(60)
            var open = names
            while true {
                let problems = await PullProof(session: session)
                    .problems(nodes: open, deadline: .seconds(8))
                open = problems.keys.sorted()
                if open.isEmpty { return }
                try Task.checkCancellation()
                // Waiting does not change what a node asks a proxy for.
                if let error = NodeProxies(session: session).error(problems, containers) {
                    throw error
                }
                guard ContinuousClock.now < end else {
                    let list = open.map { "\($0): \(problems[$0] ?? "")" }
                    throw DevClusterError(
                        .failed,
                        "not every node can pull from \(session.place.registryHost):\n"
                            + list.joined(separator: "\n"))
                }
                step.progress("again on " + open.joined(separator: ", "))
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Remembers how far the cluster came, with its containers.
    func remember(_ nodes: [Container], as phase: ClusterRecord.Phase, record: ClusterRecord?)
        throws
    {
        guard !session.isDryRun else { return }
        let ids = Dictionary(
            nodes.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        try session.place.record.write(
            ClusterRecord(
                phase: phase, nodes: ids,
                nodeImage: record?.nodeImage
                    ?? session.configuration.cluster.nodeImage?.description,
                registry: session.place.registry.name,
                createdAt: record?.createdAt ?? Date()))
    }
}
