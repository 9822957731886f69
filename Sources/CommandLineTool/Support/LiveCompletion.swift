import ChildProcess
import Sessions
import Settings
import StateFiles
import SystemLibraries
import Vocabulary

/// Names that only the configuration or the cluster knows, for completion.
struct LiveCompletion: Sendable {
    let environment: [String: String]

    /// Shows nothing: a completion has no place for it.
    private struct Silence: Activity {
        func report(_ event: ActivityEvent) {}
    }

    /// The words of a list; none when they cannot be had.
    func words(of list: String) async -> [String] {
        (try? await read(list)) ?? []
    }

    private func read(_ list: String) async throws -> [String] {
        let runner = SystemRunner()
        let state = try StateFolder(environment: environment).verified()
        let loader = ConfigurationLoader(
            runner: runner, environment: environment,
            cacheFolder: state.path + "/cache/configuration")
        let configuration = try await loader.load(
            workingDirectory: FileManager.default.currentDirectoryPath
        ).configuration
        switch list {
        case "images": return configuration.images.map(\.name.description)
        case "forwards": return configuration.forwards.map(\.name.description)
        case "namespaces", "workloads":
            let engine = try await EngineChoice(
                configuration: configuration, environment: environment, state: state,
                runner: runner
            ).choose().engine
            let session = try Session(
                configuration: configuration, engine: engine, runner: runner, activity: Silence(),
                state: state,
                environment: environment, command: "devcluster __complete")
            return try await session.objectNames(
                list == "namespaces"
                    ? "namespaces"
                    : "deployments.apps,statefulsets.apps,daemonsets.apps,jobs.batch")
        default: return []
        }
    }
}
