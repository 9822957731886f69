import ChildProcess
import Settings
import StateFiles
import Tools
import Vocabulary

/// Everything a command works with: what is configured, and how to reach the tools.
public struct Session: Sendable {
    /// The configuration in force.
    public let configuration: Configuration
    /// Runs every child process.
    public private(set) var runner: any Runner
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
    /// The context of an existing cluster that may be changed.
    let allowedContext: String?
    /// The engine in use.
    public private(set) var engine: Engine
    /// The cluster and registry that the configuration means.
    public let place: ClusterPlace
    private var access: RegistryAccess?
    /// Where podman's name service keeps its files; nil to leave them alone.
    package let nameServiceFolder: String?

    /// Puts a session together; starts nothing.
    ///
    /// - Parameter engine: the engine; nil means the configured one, or else the first that is
    ///   installed.
    /// - Throws: `DevClusterError` when no engine is installed or the configuration asks for
    ///   what this version cannot do.
    public init(
        configuration: Configuration, engine: EngineName? = nil, runner: any Runner,
        activity: any Activity, state: StateFolder, environment: [String: String], command: String,
        lockWait: Duration = .zero,
        isDryRun: Bool = false, allowedContext: String? = nil, nameServiceFolder: String? = nil
    ) throws {
        self.configuration = configuration
        self.activity = activity
        self.state = state
        self.environment = environment
        self.command = command
        self.lockWait = lockWait
        self.isDryRun = isDryRun
        self.allowedContext = allowedContext
        self.nameServiceFolder = nameServiceFolder
        let name = try engine ?? EngineChoice.installed(configuration, environment)[0]
        place = ClusterPlace(configuration, name, state: state, environment: environment)
        guard allowedContext == nil || place.existingContext != nil else {
            throw DevClusterError(
                .usage,
                "--allow-context has no meaning: the configuration names no existing cluster",
                hint: "set spec.cluster.kubeContext, or leave the option out")
        }
        let runner = ChildDeadline(
            base: runner, limit: configuration.timeouts.child.duration)
        if let context = place.existingContext, allowedContext != context, !isDryRun {
            self.runner = ContextGuard(base: runner, context: context)
        } else {
            self.runner = runner
        }
        self.engine = Engine(name, runner: self.runner)
        access = openRegistry()
    }

    private func openRegistry() -> RegistryAccess? {
        place.externalRegistry.map {
            RegistryAccess(
                RemoteRegistry(
                    host: $0.host.description, path: $0.path, runner: runner,
                    environment: environment, state: state), engine: engine.name)
        }
    }

    /// kind, told which engine to use.
    package var kind: Kind { Kind(engine: engine.name, runner: runner) }

    /// kubectl for the configured cluster: ours through our own kubeconfig, an existing one
    /// through the user's.
    package var kubectl: Kubectl {
        Kubectl(
            context: place.context,
            kubeconfig: place.existingContext == nil ? place.kubeconfig : nil, runner: runner)
    }

    /// The registry's API.
    package var registry: RegistryClient {
        guard let access else {
            return RegistryClient(baseURL: place.registryURL, curl: Curl(runner: runner))
        }
        return RegistryClient(access: access, path: place.externalRegistry?.path)
    }

    /// Whether images are pushed with TLS.
    package var registryUsesTLS: Bool { access?.remote.usesTLS ?? false }

    /// Finds the configured images in manifests and pods.
    package var imageRewriter: ImageRewriter {
        ImageRewriter(images: configuration.images, registryNames: place.registryNames)
    }

    /// Puts `spec.registry.pullSecret` into pods; nil when the configuration names none.
    package var pullSecretAttachment: PullSecretAttachment? {
        configuration.registry.pullSecret.map {
            PullSecretAttachment(name: $0.description, rewriter: imageRewriter)
        }
    }

    /// The same session with another receiver of what happens.
    package func reporting(to activity: any Activity) -> Session {
        var session = self
        session.activity = activity
        return session
    }

    /// The same session, whose child processes all end after a short time.
    package func limited(to deadline: Duration) -> Session {
        running { DeadlineRunner($0, deadline) }
    }

    /// The same session, whose child processes run another way.
    package func running(_ wrap: (any Runner) -> any Runner) -> Session {
        var session = self
        session.runner = wrap(runner)
        session.engine = Engine(engine.name, runner: session.runner)
        session.access = session.openRegistry()
        return session
    }

    /// The records of this cluster.
    package var records: RecordLog { RecordLog(path: StateFolder.records(ofPlace: place.folder)) }

    /// git.
    package var git: Git { Git(runner: runner, environment: environment) }

    /// Throws when one of these programs is not installed, before anything is begun.
    package func requireTools(_ tools: String...) throws {
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

    /// Takes the lock of a namespace, which whatever changes its workloads holds.
    ///
    /// - Parameter waits: whether to wait for it as long as the user allows.
    package func lockNamespace(_ namespace: String, waits: Bool = true) async throws -> StateLock? {
        let path = "\(place.folder)/namespaces/\(namespace).lock"
        guard !waits else { return try await lock(path) }
        return isDryRun ? nil : try await StateLock.take(path, for: command)
    }

    /// Takes a lock for this command, saying whom it waits for.
    ///
    /// - Parameter wait: waits at least so long, also when the user asked for less.
    package func lock(
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
}

extension ClusterPlace {
    /// What a configuration means.
    init(
        _ configuration: Configuration, _ engine: EngineName, state: StateFolder,
        environment: [String: String]
    ) {
        let cluster = configuration.name.description
        let context = configuration.cluster.kubeContext?.description
        let registry = configuration.registry
        self.init(
            engine: engine, cluster: cluster,
            folder: context.map { state.context($0) } ?? state.cluster(engine, cluster),
            registry: RegistrySpec(
                name: registry.name.description, image: registry.image.description,
                port: Int(registry.port.value), volume: registry.volume.description,
                network: environment["KIND_EXPERIMENTAL_\(engine.rawValue.uppercased())_NETWORK"]
                    ?? "kind"),
            existingContext: context, externalRegistry: registry.host)
    }
}
