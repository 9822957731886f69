import Arguments
import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// What a command gets from the outside.
struct CommandContext: Sendable {
    /// The environment of this process.
    var environment: [String: String]
    /// Absolute path of the working directory.
    var workingDirectory: String
    /// Runs child processes.
    var runner: any Runner
    /// Shows what happens.
    var activity: any Activity
    /// Shows a command that a dry run leaves out.
    var showPlanned: @Sendable (Invocation) -> Void
    /// Shows a report in place of the one before, for commands that go on.
    var redraw: @Sendable (any Report) -> Void
    /// Asks the user something and returns the answer; nil without a terminal.
    var ask: @Sendable (String) -> String?
    /// The command line as typed.
    var commandLine: String

    /// Where state is kept.
    ///
    /// - Throws: `DevClusterError` when others could change it.
    func state() throws -> StateFolder { try StateFolder(environment: environment).verified() }

    /// Reads the configuration.
    func configuration(_ global: GlobalOptions, overrides: [FieldPath: String] = [:]) async throws
        -> LoadedConfiguration
    {
        let loader = ConfigurationLoader(
            runner: runner, environment: environment,
            cacheFolder: try state().path + "/cache/configuration")
        let loaded = try await loader.load(
            explicitPath: global.config, workingDirectory: workingDirectory,
            overrides: overrides)
        loaded.warnings.forEach { activity.report(.warning($0)) }
        return loaded
    }

    /// Reads the configuration and puts everything together for a command.
    func session(for command: some Command, overrides: [FieldPath: String] = [:]) async throws
        -> Session
    {
        let loaded = try await configuration(command.global, overrides: overrides)
        return try await session(for: command, loaded.configuration)
    }

    /// Puts everything together for a command with a known configuration.
    func session(for command: some Command, _ configuration: Configuration) async throws -> Session
    {
        let isDryRun = command.isDryRun
        let state = try state()
        let (engine, isChosen) = try await EngineChoice(
            configuration: configuration, environment: environment, state: state, runner: runner
        ).choose()
        let session = try Session(
            configuration: configuration, engine: engine,
            runner: isDryRun ? DryRunRunner(runner, print: showPlanned) : runner,
            activity: activity, state: state, environment: environment,
            command: commandLine, lockWait: command.global.waitLock?.duration ?? .zero,
            isDryRun: isDryRun, allowedContext: command.global.allowContext,
            nameServiceFolder: PodmanNameService.usualFolder(environment))
        activity.report(
            .note(
                "context \(session.place.context), namespace \(configuration.namespace)"
                    + (isChosen ? ", engine \(engine)" : "")))
        return session
    }

    /// Throws unless the user agrees to something that loses data.
    ///
    /// - Parameter question: what would be lost, ending in a question mark.
    func confirm(_ question: String, _ global: GlobalOptions) throws {
        if global.yes { return }
        guard let answer = ask(question + " [y/N] ") else {
            throw DevClusterError(
                .failed, "this needs a yes: \(question)",
                hint: "there is no terminal to ask at; say it with --yes")
        }
        guard ["y", "yes"].contains(answer.lowercased()) else {
            throw DevClusterError(.failed, "nothing was changed", hint: nil)
        }
    }
}
