import ChildProcess
import SystemLibraries
import Vocabulary

/// The container engine: podman, or docker, whose command line is nearly the same.
///
/// What differs between them is behind `EngineDialect`, a folder each.
public struct Engine: Sendable {
    /// Which program it is.
    public let name: EngineName
    /// What runs it.
    public let runner: any Runner

    /// An engine driven through this runner.
    package init(_ name: EngineName, runner: any Runner) {
        self.name = name
        self.runner = runner
    }

    /// Describes a run of the engine; nothing starts yet.
    func invocation(
        _ arguments: [String], input: Invocation.Input = .none,
        deadline: Duration? = nil, effect: Invocation.Effect = .reads
    ) -> Invocation {
        Invocation(
            name.rawValue, arguments, input: input, deadline: deadline, effect: effect)
    }

    /// Runs the engine with these arguments; any exit code is a normal result.
    @discardableResult
    func run(
        _ arguments: [String], input: Invocation.Input = .none,
        deadline: Duration? = nil, effect: Invocation.Effect = .reads
    ) async throws -> Outcome {
        try await runner.run(
            invocation(arguments, input: input, deadline: deadline, effect: effect))
    }

    /// The containers of these names that exist, in one call.
    ///
    /// Both engines print a JSON array of what they found, `[]` for nothing, and exit non-zero
    /// when a name is missing (recorded with podman 4.3.1): the array decides, not the code.
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func containers(named names: [String]) async throws -> [String: Container] {
        guard !names.isEmpty else { return [:] }
        let outcome = try await run(["inspect", "--type", "container"] + names)
        guard let found = try? JSONDecoder().decode([Container].self, from: outcome.output) else {
            guard !outcome.succeeded else { throw broken(outcome) }
            let half = (try? await dialect.halfRemoved(names, of: self)) ?? [:]
            guard !half.isEmpty else { throw broken(outcome) }
            return try await containers(named: names.filter { half[$0] == nil })
                .merging(half) { $1 }
        }
        return Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a network of this name exists.
    ///
    /// - Throws: `DevClusterError` when the engine itself does not work.
    package func hasNetwork(_ network: String) async throws -> Bool {
        let outcome = try await run(["network", "inspect", network])
        guard outcome.succeeded || outcome.text.trimmingSpace == "[]" else { throw broken(outcome) }
        return outcome.succeeded
    }

    /// The address ranges of a network; none when it is not there.
    ///
    /// - Throws: `InvocationError` when the engine cannot run.
    package func ranges(ofNetwork network: String) async throws -> [String] {
        let outcome = try await run(["network", "inspect", network])
        let found = try? JSONDecoder().decode([InspectedNetwork].self, from: outcome.output)
        return found?.first?.ranges ?? []
    }

    /// Makes a network as kind would, with IPv6 where the engine can.
    ///
    /// - Throws: `InvocationError` when it cannot be made.
    package func make(network: String) async throws {
        let create = ["network", "create", "--driver", "bridge"]
        let dual = try await run(create + ["--ipv6", network], effect: .changes)
        guard !dual.succeeded else { return }
        try await run(create + [network], effect: .changes).checked()
    }

    /// The names of containers with this label of devcluster's, in whatever state.
    ///
    /// - Throws: `InvocationError` when the engine does not work.
    package func containerNames(labelled label: String, _ value: String) async throws -> [String] {
        try await run([
            "ps", "--all", "--format", "{{.Names}}", "--filter", "label=\(label)=\(value)",
        ]).checked().text.split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Whether a container, running or not, has this file; true where the engine does not say.
    package func mayHaveFile(_ path: String, in container: String) async throws -> Bool {
        let outcome = try await run(["cp", "\(container):\(path)", "-"])
        return outcome.succeeded || !EngineText.noFile.areIn(outcome.errorText)
    }

    /// Removes the container at once, whatever its state; its volumes stay.
    ///
    /// `-t 0`: a registry ignores SIGTERM as process 1, and podman would wait 10 s for it.
    /// - Throws: `InvocationError` when it cannot be removed.
    package func remove(container: String) async throws {
        for _ in 0..<2 {
            let outcome = try await run(dialect.removeNow(container), effect: .changes)
            guard EngineText.busy.isIn(outcome.errorText) else {
                try outcome.checked()
                return
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        try await run(dialect.removeNow(container), effect: .changes).checked()
    }

    /// Lets a container go on that was stopped or paused.
    ///
    /// - Throws: `InvocationError` when it cannot.
    package func resume(container: String, isPaused: Bool) async throws {
        try await run(
            [isPaused ? "unpause" : "start", container], deadline: .seconds(60), effect: .changes
        ).checked()
    }

    /// Removes the container at once; one that is not there is no error.
    package func removeIfThere(container: String) async throws {
        try await run(dialect.removeNow(container), effect: .changes)
    }

    /// Ends what runs in the container at once; it can be started again.
    ///
    /// `-t`: docker calls the long form `--timeout` from 28 on, podman `--time`.
    /// - Throws: `InvocationError` when it cannot be stopped.
    package func stopNow(container: String) async throws {
        try await run(["stop", "-t", "0", container], effect: .changes).checked()
    }

    /// Stops containers; what they run gets ten seconds to end.
    ///
    /// - Throws: `InvocationError` when one cannot be stopped.
    package func stop(containers: [String]) async throws {
        try await run(
            ["stop", "-t", "10"] + containers, deadline: .seconds(120), effect: .changes
        ).checked()
    }

    /// Starts existing containers.
    ///
    /// - Throws: `InvocationError` when one does not start.
    package func start(containers: [String]) async throws {
        guard !containers.isEmpty else { return }
        try await run(["start"] + containers, deadline: .seconds(120), effect: .changes).checked()
    }

    /// Stops containers and starts them again; what they are gets ten seconds to end.
    ///
    /// - Throws: `InvocationError` when one does not start.
    package func restart(containers: [String]) async throws {
        try await run(
            ["restart", "-t", "10"] + containers, deadline: .seconds(180), effect: .changes
        ).checked()
    }

    /// Joins a container to a network, under its own name.
    ///
    /// - Throws: `InvocationError` when it cannot; one without root may not (podman#22345).
    package func connect(container: String, to network: String) async throws {
        try await run(["network", "connect", network, container], effect: .changes).checked()
    }

    /// An error for an answer to a plain question that cannot come from a working engine.
    package func broken(_ outcome: Outcome) -> DevClusterError {
        guard outcome.succeeded else {
            return DevClusterError(
                .unavailable, "\(name.rawValue) does not work",
                hint: "try '\(name.rawValue) info'; a service may have to be started, or you may"
                    + " not be allowed to use it",
                cause: InvocationError(
                    .failed(outcome.exit), outcome.invocation, errorOutput: outcome.errorOutput))
        }
        return DevClusterError(
            .unavailable,
            "\(name.rawValue) answered '\(outcome.invocation.arguments.joined(separator: " "))'"
                + " with something that is not its usual JSON",
            hint: "try '\(outcome.invocation.shellQuoted)' by hand")
    }
}
