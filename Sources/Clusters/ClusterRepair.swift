import ChildProcess
import Registries
import Sessions
import SystemLibraries
import Tools

/// Mends a cluster of ours that has all its nodes; what is in it stays.
struct ClusterRepair: Sendable {
    let session: Session
    let permissions: UpPermissions

    private var place: ClusterPlace { session.place }
    private var readiness: ClusterReadiness {
        ClusterReadiness(session: session, permissions: permissions)
    }

    /// Nodes and registry first, side by side, then what each of the other things needs.
    ///
    /// - Returns: what was done that can be told; what is only written again is not.
    /// - Throws: `DevClusterError` or `InvocationError`; running it again goes on from there.
    func run(_ containers: [Container], record: ClusterRecord?) async throws -> [String] {
        let members = containers.filter { !$0.isLoadBalancer }
        let names = members.map(\.name)
        let decision = try await RegistrySetup(session: session, permissions: permissions).decide()
        try await session.podmanFirewall?.removeStaleRules(of: containers)
        await session.podmanNameService.mendServers()
        let made = try await restoreNetwork(containers)
        async let registry = readiness.prepareRegistry(decision)
        async let mirrors = MirrorSetup(session: session).run()
        var awakening = try await connect(containers)
        try await revive(members, &awakening)
        // What a node said before this says nothing of it now.
        awakening.start = Date()
        try await resume(containers, &awakening)
        var changes = made + awakening.changes
        try await session.activity.step("tell the nodes about the registry") { _ in
            try await NodeWiring(session: session).write(nodes: names)
        }
        if let done = try await registry { changes.append("registry \(done)") }
        changes += try await mirrors
        async let pulled: Void = readiness.provePulls(names)
        if try await UserKubeconfig(session: session).mend(switchesContext: false) {
            changes.append("restored the kubeconfig's entry")
        }
        changes += try await awaken(members, awakening)
        try await ClusterConfigMaps.apply(session)
        try await pulled
        try readiness.remember(members, as: .ready, record: record)
        return changes
    }

    /// What was done to nodes that they need time for.
    private struct Awakening {
        var changes: [String] = []
        /// When nodes were started or restarted, by name.
        var restarted: [String: Date] = [:]
        /// When the last of it began.
        var start = Date()
    }

    /// Makes the network anew where it was deleted, which takes it away from every node.
    private func restoreNetwork(_ containers: [Container]) async throws -> [String] {
        let network = place.registry.network
        // An engine does not delete a network that a container is on.
        guard containers.allSatisfy({ $0.networks[network] == nil }) else { return [] }
        guard try await !session.engine.hasNetwork(network) else { return [] }
        try await session.engine.make(network: network)
        return ["made the network '\(network)' anew"]
    }

    /// Puts nodes back on the network, which can be taken away under a running node.
    private func connect(_ containers: [Container]) async throws -> Awakening {
        var awakening = Awakening()
        let lost = containers.filter { $0.networks[place.registry.network] == nil }.map(\.name)
        for name in lost {
            try await session.engine.connect(container: name, to: place.registry.network)
        }
        // With another address only a node that starts anew knows itself.
        try await restart(lost, because: "it has a new address", &awakening)
        awakening.changes = lost.map { "connected \($0) to the network" }
        return awakening
    }

    /// Restarts nodes whose containerd is gone: Kubernetes notices it only after most of a minute.
    private func revive(_ members: [Container], _ awakening: inout Awakening) async throws {
        let running = members.filter {
            $0.isRunning && $0.status != "paused" && $0.networks[place.registry.network] != nil
        }.map(\.name)
        let silent = try await withoutRuntime(running)
        guard !silent.isEmpty else { return }
        let names = silent.joined(separator: ", ")
        let dead = try await session.activity.step(
            "containerd on \(names)", detail: { $0.isEmpty ? nil : "does not answer" }
        ) { _ in
            // systemd starts one again that crashed.
            try await Task.sleep(for: .seconds(3))
            return try await withoutRuntime(silent)
        }
        try await restart(dead, because: "containerd does not answer", &awakening)
        if !dead.isEmpty { awakening.changes.append("restarted " + dead.joined(separator: ", ")) }
    }

    /// - Throws: `InvocationError` when the engine hangs: that says nothing of the nodes.
    private func withoutRuntime(_ names: [String]) async throws -> [String] {
        guard !session.isDryRun else { return [] }
        return try await withThrowingTaskGroup(of: String?.self) { group in
            for name in names {
                group.addTask {
                    let crictl = Crictl(node: Node(name: name, engine: session.engine))
                    return try await crictl.answers() ? nil : name
                }
            }
            return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }.sorted()
        }
    }

    private func resume(_ containers: [Container], _ awakening: inout Awakening) async throws {
        let paused = containers.filter { $0.status == "paused" }.map(\.name)
        let stopped = containers.filter { !$0.isRunning && $0.status != "paused" }.map(\.name)
            .filter { awakening.restarted[$0] == nil }
        guard !paused.isEmpty || !stopped.isEmpty else { return }
        try await requirePorts(of: containers.filter { stopped.contains($0.name) })
        for name in stopped { awakening.restarted[name] = Date() }
        try await session.activity.step("start \((stopped + paused).joined(separator: ", "))") {
            _ in
            for name in paused {
                try await session.engine.resume(container: name, isPaused: true)
            }
            try await session.engine.start(containers: stopped)
        }
        let done = [("started", stopped), ("unpaused", paused)].filter { !$0.1.isEmpty }
        awakening.changes += done.map { "\($0.0) \($0.1.joined(separator: ", "))" }
    }

    /// A port that kind chose may be somebody else's since the node stopped.
    private func requirePorts(of nodes: [Container]) async throws {
        guard session.engine.remote(session.environment) == nil else { return }
        let holder = PortHolder(runner: session.runner)
        for node in nodes {
            for port in node.publications where port.containerPort.hasSuffix("/tcp") {
                try await holder.requireFree(
                    port.hostPort, address: port.hostAddress.isEmpty ? "0.0.0.0" : port.hostAddress,
                    for: "the node '\(node.name)'",
                    hint: "end that process: the port of a node cannot be changed")
            }
        }
    }

    private func restart(
        _ names: [String], because reason: String, _ awakening: inout Awakening
    ) async throws {
        guard !names.isEmpty else { return }
        for name in names { awakening.restarted[name] = Date() }
        try await session.activity.step("restart \(names.joined(separator: ", ")) (\(reason))") {
            _ in
            try await session.engine.restart(containers: names)
        }
    }

    /// Waits for the nodes, and restarts once what does not come by itself.
    private func awaken(_ members: [Container], _ awakening: Awakening) async throws -> [String] {
        let names = members.map(\.name)
        let isTouched = !awakening.changes.isEmpty
        let open = try await readiness.waitForNodes(
            names, leasesAfter: isTouched ? awakening.start : nil,
            restarted: awakening.restarted, for: .seconds(isTouched ? 120 : 30))
        guard !open.isEmpty else { return [] }
        let controlPlanes = members.filter { $0.labels[KindLabel.role] != "worker" }.map(\.name)
        let stuck = open == [ClusterReadiness.api] ? controlPlanes : open
        var again = Awakening()
        try await restart(stuck, because: "not ready", &again)
        let still = try await readiness.waitForNodes(
            names, leasesAfter: again.start, restarted: again.restarted, for: .seconds(180))
        guard still.isEmpty else { throw readiness.notReadyError(still) }
        return ["restarted " + stuck.joined(separator: ", ")]
    }
}
