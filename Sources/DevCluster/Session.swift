public import ChildProcess

/// Everything a command works with: what is configured, and how to reach the tools.
public struct Session: Sendable {
    /// The configuration in force.
    public let configuration: Configuration
    /// Runs every child process.
    public let runner: any Runner
    /// Gets what happens.
    public private(set) var activity: any Activity
    /// Where state is kept.
    public let state: StateFolder
    /// The environment of this process.
    public let environment: [String: String]
    /// The command line for locks and records, without secrets.
    public let command: String
    /// How long to wait for a lock.
    public let lockWait: Duration
    /// Whether nothing may be changed; the runner then prints what would be.
    public let isDryRun: Bool
    /// The engine in use.
    public let engine: Engine
    /// The cluster and registry that the configuration means.
    public let place: ClusterPlace

    /// Puts a session together; starts nothing.
    ///
    /// - Throws: `DevClusterError` when no engine is installed or the configuration asks for
    ///   what this version cannot do.
    public init(
        configuration: Configuration, runner: any Runner, activity: any Activity,
        state: StateFolder, environment: [String: String], command: String,
        lockWait: Duration = .zero,
        isDryRun: Bool = false
    ) throws {
        self.configuration = configuration
        self.runner = runner
        self.activity = activity
        self.state = state
        self.environment = environment
        self.command = command
        self.lockWait = lockWait
        self.isDryRun = isDryRun
        try Session.refuseWhatIsMissing(configuration)
        let name = try Session.engineName(configuration, environment)
        engine = Engine(name, runner: runner)
        place = ClusterPlace(
            engine: name, cluster: configuration.name.description,
            folder: state.cluster(name, configuration.name.description),
            registry: RegistryWish(
                name: configuration.registry.name.description,
                image: configuration.registry.image.description,
                port: Int(configuration.registry.port.value),
                volume: configuration.registry.volume.description,
                network: environment["KIND_EXPERIMENTAL_\(name.rawValue.uppercased())_NETWORK"]
                    ?? "kind"))
    }

    /// kind, told which engine to use.
    public var kind: Kind { Kind(engine: engine.name, runner: runner) }

    /// kubectl for the configured cluster, through our own kubeconfig.
    public var kubectl: Kubectl {
        Kubectl(context: place.context, kubeconfig: place.kubeconfig, runner: runner)
    }

    /// The registry's API.
    public var registry: RegistryClient {
        RegistryClient(baseURL: place.registryURL, curl: Curl(runner: runner))
    }

    /// Finds the configured images in manifests and pods.
    var imageRewriter: ImageRewriter {
        ImageRewriter(images: configuration.images, registryNames: place.registryNames)
    }

    /// The same session with another receiver of what happens.
    func reporting(to activity: any Activity) -> Session {
        var session = self
        session.activity = activity
        return session
    }

    /// git.
    public var git: Git { Git(runner: runner) }

    /// Throws when one of these programs is not installed, before anything is begun.
    func requireTools(_ tools: String...) throws {
        let missing = tools.filter { findExecutable($0, path: environment["PATH"]) == nil }
        guard let first = missing.first else { return }
        throw DevClusterError(
            .unavailable,
            missing.map { "'\($0)'" }.joined(separator: ", ")
                + (missing.count == 1 ? " is not installed" : " are not installed"),
            hint: missing.count == 1
                ? Tool.installation(of: first)
                : missing.map(Tool.installation).joined(separator: "\n      "))
    }

    /// Throws when there is no cluster to work with, so that nothing is built for none.
    func requireCluster() throws {
        guard place.record.read() == nil, !isDryRun else { return }
        throw DevClusterError(
            .failed, "there is no cluster '\(place.cluster)' of devcluster",
            hint: configuration.file == nil
                ? "devcluster up; or name a configuration with --config" : "devcluster up")
    }

    /// Takes the lock of a namespace, which whatever changes its workloads holds.
    func lockNamespace(_ namespace: String) async throws -> StateLock? {
        try await lock("\(place.folder)/namespaces/\(namespace).lock")
    }

    /// Takes a lock for this command, saying whom it waits for.
    ///
    /// - Parameter wait: waits at least so long, also when the user asked for less.
    func lock(
        _ path: String, mode: StateLock.Mode = .exclusive, atLeast wait: Duration = .zero
    ) async throws -> StateLock? {
        guard !isDryRun else { return nil }
        return try await StateLock.take(
            path, for: command, mode: mode, wait: max(wait, lockWait)
        ) { holder in
            activity.report(
                .note("waiting for \(holder.map { "'\($0.command)'" } ?? "another process")"))
        }
    }

    private static func engineName(
        _ configuration: Configuration, _ environment: [String: String]
    ) throws -> EngineName {
        let path = environment["PATH"]
        let candidates = configuration.engine.map { [$0] } ?? [.podman, .docker]
        for name in candidates where findExecutable(name.rawValue, path: path) != nil {
            return name
        }
        throw DevClusterError(
            .unavailable,
            candidates.map { "'\($0.rawValue)'" }.joined(separator: " or ") + " is not installed",
            hint: Tool.installation(of: candidates[0].rawValue))
    }

    private static func refuseWhatIsMissing(_ configuration: Configuration) throws {
        var missing: [String] = []
        if configuration.cluster.kubeContext != nil { missing.append("spec.cluster.kubeContext") }
        if configuration.registry.host != nil { missing.append("spec.registry.host") }
        guard missing.isEmpty else {
            throw DevClusterError(
                .undecided,
                "this version of devcluster cannot do "
                    + missing.joined(separator: ", ") + " yet",
                hint: "remove it from the configuration")
        }
    }
}
