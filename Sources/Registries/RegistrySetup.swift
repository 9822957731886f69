import ChildProcess
import Sessions
import StateFiles
import SystemLibraries
import Templates
import Tools
import Vocabulary

/// Makes the registry's container right, whatever state it is in, and keeps its images.
package struct RegistrySetup: Sendable {
    let session: Session
    var permissions = UpPermissions()

    package init(session: Session, permissions: UpPermissions = UpPermissions()) {
        self.session = session
        self.permissions = permissions
    }

    private var spec: RegistrySpec { session.place.registry }

    /// Looks at the container and decides; changes nothing.
    ///
    /// - Throws: `DevClusterError` when the name or the port belongs to somebody else, or when
    ///   the user does not agree to a change that other clusters notice.
    package func decide() async throws -> RegistryDecision {
        let container = try await session.engine.containers(named: [spec.name])[spec.name]
        let decision = try await decide(container)
        if case .refuse(let reason, let hint) = decision {
            throw DevClusterError(.failed, reason, hint: hint)
        }
        let holdsPort =
            container?.holdsPorts == true
            && container?.publications.contains { $0.hostPort == spec.port } == true
        if decision != .keep && !holdsPort {
            try await PortHolder(runner: session.runner).requireFree(
                spec.port, for: "the registry '\(spec.name)'",
                hint: "end that process, or set spec.registry.port to another port")
        }
        return decision
    }

    /// Decides with what can only be asked for: whether it answers, and who else uses it.
    private func decide(_ container: Container?) async throws -> RegistryDecision {
        func decision(
            answers: Bool = true, isShared: Bool = false, agrees: Bool = false
        ) -> RegistryDecision {
            RegistryDecision.decide(
                container, spec: spec, answers: answers, isShared: isShared,
                replacesForeign: permissions.replacesForeign, agrees: agrees)
        }
        // Only what the answer depends on is asked for.
        let first = decision()
        if first == .keep { return decision(answers: try await answersSoon()) }
        guard case .recreate(_, let reasons) = first else { return first }
        let users = try await AttachedClusters(session: session).find().map(\.name)
            .filter { $0 != session.place.cluster }
        guard !users.isEmpty else { return first }
        let answers = container?.isRunning == true ? try await answersSoon() : false
        guard case .ask = decision(answers: answers, isShared: true) else { return first }
        if !session.isDryRun {
            try permissions.confirm(
                "change the registry '\(spec.name)' (\(reasons.joined(separator: ", "))), which"
                    + " \(users.joined(separator: ", ")) \(users.count == 1 ? "uses" : "use") too?")
        }
        return decision(answers: answers, isShared: true, agrees: true)
    }

    /// Whether the API answers; a registry that has just been started needs a moment.
    private func answersSoon() async throws -> Bool {
        let end = ContinuousClock.now + .seconds(2)
        while try await session.registry.problem() != nil {
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(100))
        }
        return true
    }

    /// Carries the decision out, as soon as the cluster's network exists.
    ///
    /// - Returns: what was done, in a few words; nil when nothing was to do.
    package func carryOut(_ decision: RegistryDecision, step: ActivityStep) async throws -> String?
    {
        guard decision != .keep else {
            try await waitUntilAnswering()
            return nil
        }
        let folder = session.state.registry(session.place.engine, spec.name)
        let lock = try await session.lock(
            RegistryLock.path(folder), atLeast: RegistryLock.patience)
        defer { withExtendedLifetime(lock) {} }
        // `prune` stops the registry for a moment: after it there is less to do, or nothing.
        return try await change(
            lock?.hadToWait == true ? decide() : decision, step: step)
    }

    private func change(_ decision: RegistryDecision, step: ActivityStep) async throws -> String? {
        switch decision {
        case .keep:
            try await waitUntilAnswering()
            return nil
        case .create(let storage):
            try await ensureImage(step)
            try await waitForNetwork(step)
            return try await run(storage) ? "created, empty" : "created, with the images of before"
        case .start(let status, let storage):
            return try await start(status, orRecreateWith: storage, step: step)
        case .recreate(let storage, let reasons), .ask(let storage, let reasons):
            try await recreate(storage, step: step)
            return "recreated: " + reasons.joined(separator: ", ")
        case .refuse(let reason, let hint):
            throw DevClusterError(.failed, reason, hint: hint)
        }
    }

    /// A container that was only stopped: it keeps its ID, and comes back in a moment.
    private func start(
        _ status: RegistryState.Status, orRecreateWith storage: RegistryStorage?,
        step: ActivityStep
    ) async throws -> String {
        do {
            if status != .paused {
                try await session.podmanFirewall?.removeRules(ofPort: spec.port)
            }
            try await session.engine.resume(container: spec.name, isPaused: status == .paused)
            try await waitUntilAnswering(for: .seconds(5))
            return status == .paused ? "unpaused" : "started"
        } catch let error where !(error is CancellationError) {
            // Its network may be gone, or its files: what it was made of cannot be seen beforehand.
            guard let storage, DevClusterError.Code(of: error) != .interrupted else { throw error }
            try await recreate(storage, step: step)
            return "recreated: it was \(status) and did not start"
        }
    }

    private func recreate(_ storage: RegistryStorage, step: ActivityStep) async throws {
        // Before the old one goes: only it knows where its images are.
        try await ensureImage(step)
        try await waitForNetwork(step)
        // It would delete blobs under the new registry, if a `prune` was killed.
        try await session.engine.removeIfThere(
            container: RegistryProgram.collector(of: spec.name))
        try await session.engine.remove(container: spec.name)
        try await run(storage)
    }

    /// kind makes its network with options of its own, so we wait for it instead of making it.
    func waitForNetwork(_ step: ActivityStep) async throws {
        guard !session.isDryRun else { return }
        let end = ContinuousClock.now + .seconds(120)
        while try await !session.engine.hasNetwork(spec.network) {
            step.progress("waiting for the network '\(spec.network)'")
            guard ContinuousClock.now < end else {
                throw DevClusterError(
                    .deadline, "the network '\(spec.network)' did not appear in 120 s")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    func ensureImage(_ step: ActivityStep) async throws {
        guard try await !session.engine.hasImage(spec.image) else { return }
        step.progress("pulling \(spec.image)")
        try await session.engine.pull(image: spec.image)
    }

    /// - Returns: whether its volume had to be made, so that nothing is in it.
    @discardableResult
    private func run(_ storage: RegistryStorage) async throws -> Bool {
        try await session.podmanFirewall?.removeRules(ofPort: spec.port)
        var isNew = false
        let labels = labels(role: "registry")
        if case .volume(let name) = storage {
            isNew = try await session.engine.make(volume: name, labels: labels)
        }
        try await session.engine.run(
            ContainerSpec(
                name: spec.name, image: spec.image, network: spec.network,
                publication: "127.0.0.1:\(spec.port):5000",
                mount: "\(storage.source):\(RegistryProgram.dataPath)",
                setting: RegistryDecision.deleteFlag, labels: labels))
        try await waitUntilAnswering()
        return isNew
    }

    func labels(role: String) -> [String: String] {
        var labels = [
            DevClusterLabel.managed: "true", DevClusterLabel.role: role,
            DevClusterLabel.project: session.place.cluster,
        ]
        labels[DevClusterLabel.run] = session.environment["DEVCLUSTER_RUN"]
        return labels
    }

    func waitUntilAnswering(for limit: Duration = .seconds(20)) async throws {
        guard !session.isDryRun else { return }
        let end = ContinuousClock.now + limit
        while let problem = try await session.registry.problem() {
            guard ContinuousClock.now < end else {
                throw DevClusterError(
                    .failed,
                    "the registry '\(spec.name)' does not answer at \(session.place.registryURL):"
                        + " \(problem)",
                    hint: remoteHint ?? "see '\(session.engine.name.rawValue) logs \(spec.name)'")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// What to do where the engine, and so the port, is on another machine.
    private var remoteHint: String? {
        guard let (variable, host) = session.engine.remotePorts(session.environment) else {
            return nil
        }
        return
            "\(variable) is \(host), so the registry's port is on that machine; bring it here with"
            + " 'ssh -N -L \(spec.port):127.0.0.1:\(spec.port) MACHINE'"
    }

    /// Pushes the image that proves a pull, unless the registry has it.
    package func ensureProofImage() async throws {
        let name = ManifestName(
            repository: ProofImage.repository, reference: ProofImage.tag)
        guard try await session.registry.digests(of: [name])[name]?.value == nil else { return }
        let folder =
            FileManager.default.temporaryDirectory.path
            + "/devcluster-proof-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let containerfile = "\(folder)/Containerfile"
        try AtomicFile.write(
            Data(Template.proofContainerfile.text.utf8), to: containerfile, mode: 0o644)
        try AtomicFile.write(
            Data(Template.proofText.text.utf8), to: "\(folder)/proof.txt", mode: 0o644)
        let reference = session.place.proofImage(session.place.registryHost)
        let build = ImageBuildRequest(
            reference: reference, context: folder, containerfile: containerfile, target: nil,
            buildArguments: [:], usesCache: true, imageIDFile: nil)
        try await session.engine.run(build: build, deadline: .seconds(60))
        _ = try await session.engine.push(
            reference, digestFile: "\(folder)/digest", deadline: .seconds(60))
        try await session.engine.remove(image: reference)
    }
}
