import ChildProcess
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// A cluster whose nodes pull from the registry, and how to read it.
package struct AttachedCluster: Sendable {
    /// Its name as kind knows it.
    package var name: String
    /// kubectl for it.
    var kubectl: Kubectl
}

/// The clusters that pull from the configured registry.
package struct AttachedClusters: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Those of ours whose record names the registry, any other kind cluster of this engine
    /// whose nodes have a hosts.toml for it, and an existing one that the configuration names.
    ///
    /// - Throws: `DevClusterError` when the engine does not work.
    package func find() async throws -> [AttachedCluster] {
        // A cluster whose control plane is gone counts too: nobody knows what its pods run.
        let nodes = try await session.engine.kindNodes()
            .filter { !$0.isLoadBalancer }
            .sorted { ($0.role, $0.name) < ($1.role, $1.name) }
        var clusters: [AttachedCluster] = []
        var others = Dictionary(
            nodes.map { ($0.cluster, $0.name) }, uniquingKeysWith: { first, _ in first })
        for folder in try session.state.allPlaces() {
            let name = StateFolder.clusterName(ofPlace: folder)
            guard folder == session.state.cluster(session.engine.name, name),
                others[name] != nil,
                let record = try StoredFile<ClusterRecord>(path: "\(folder)/cluster.json").read(),
                record.registry == session.place.registry.name
            else { continue }
            others[name] = nil
            clusters.append(
                AttachedCluster(
                    name: name,
                    kubectl: Kubectl(
                        context: "kind-\(name)", kubeconfig: "\(folder)/kubeconfig",
                        runner: session.runner)))
        }
        let existing = session.place.existingContext.map { context in
            AttachedCluster(name: context, kubectl: session.kubectl)
        }
        return try await clusters + wired(others) + (existing.map { [$0] } ?? [])
    }

    /// Those of these clusters, given with a node each, whose node knows the registry.
    private func wired(_ nodes: [String: String]) async throws -> [AttachedCluster] {
        let host = session.place.registryHost
        let path = "/etc/containerd/certs.d/\(host)/hosts.toml"
        let clusters = try await nodes.concurrentMap { cluster, node -> AttachedCluster? in
            guard try await session.engine.mayHaveFile(path, in: node) else { return nil }
            // kubeadm's own file: nobody else's kubeconfig has to be found.
            return AttachedCluster(
                name: cluster,
                kubectl: Kubectl(
                    context: "kubernetes-admin@\(cluster)",
                    kubeconfig: "/etc/kubernetes/admin.conf",
                    runner: Node(name: node, engine: session.engine)))
        }
        return clusters.compactMap { $0 }.sorted { $0.name < $1.name }
    }

    /// The images that these clusters use, all read at once.
    ///
    /// - Throws: `DevClusterError` naming each cluster that cannot be read.
    func uses(of clusters: [AttachedCluster]) async throws -> ImageUses {
        let readings = try await clusters.concurrentMap { await read($0) }
        var uses = ImageUses()
        var unread: [String: any Error] = [:]
        for reading in readings {
            if let objects = reading.objects {
                uses.add(objects)
            } else {
                unread[reading.cluster] = reading.error
            }
        }
        try Task.checkCancellation()
        guard let first = unread.keys.min() else { return uses }
        let names = unread.keys.sorted().map { "'\($0)'" }.joined(separator: ", ")
        throw DevClusterError(
            .failed,
            "nothing was pruned: \(unread.count == 1 ? "the cluster" : "the clusters") \(names)"
                + " may use images of this registry and cannot be read",
            hint: "bring it back with 'devcluster up', or prune without asking it with"
                + " '--ignore-cluster \(first)'",
            cause: unread[first])
    }

    /// What a cluster answered, or why it did not: one of the two.
    private struct Reading: Sendable {
        var cluster: String
        var objects: [JSONValue]?
        var error: (any Error)?
    }

    private func read(_ cluster: AttachedCluster) async -> Reading {
        var reading = Reading(cluster: cluster.name)
        do {
            reading.objects = try await cluster.kubectl.objectsEverywhere(ImageUses.resources)
        } catch {
            reading.error = error
        }
        return reading
    }
}
