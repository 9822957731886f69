import ChildProcess
import Settings
import StateFiles
import Tools
import Vocabulary

/// Which engine a command uses.
package struct EngineChoice: Sendable {
    let configuration: Configuration
    let environment: [String: String]
    let state: StateFolder
    /// Asks the engines.
    let runner: any Runner

    package init(
        configuration: Configuration, environment: [String: String], state: StateFolder,
        runner: any Runner
    ) {
        self.configuration = configuration
        self.environment = environment
        self.state = state
        self.runner = runner
    }

    /// How long an engine may take to answer.
    private static let patience = Duration.seconds(10)

    /// The configured engine; else the one that has our cluster; else the first that answers.
    ///
    /// - Returns: with whether there was more than one to choose from.
    /// - Throws: `DevClusterError` when none is installed, or several have a cluster of this name.
    package func choose() async throws -> (engine: EngineName, isChosen: Bool) {
        let installed = try EngineChoice.installed(configuration, environment)
        guard installed.count > 1 else { return (installed[0], false) }
        let owners = try installed.filter {
            try WholeFile.exists(
                "\(state.cluster($0, configuration.name.description))/cluster.json")
        }
        guard owners.count < 2 || configuration.cluster.kubeContext != nil else {
            let names = owners.map(\.rawValue).joined(separator: " and ")
            throw DevClusterError(
                .usage, "\(names) each have a cluster '\(configuration.name)' of ours",
                hint: "set spec.engine: \(owners[0].rawValue), or DEVCLUSTER_ENGINE for one command"
            )
        }
        if let owner = owners.first { return (owner, true) }
        for name in installed where await answers(name) { return (name, true) }
        return (installed[0], true)
    }

    private func answers(_ name: EngineName) async -> Bool {
        await Engine(name, runner: runner).answers(within: EngineChoice.patience)
    }

    /// The engines that may be used, at least one.
    static func installed(_ configuration: Configuration, _ environment: [String: String]) throws
        -> [EngineName]
    {
        let candidates = configuration.engine.map { [$0] } ?? EngineName.allCases
        let installed = candidates.filter {
            findExecutable($0.rawValue, path: environment["PATH"]) != nil
        }
        guard installed.isEmpty else { return installed }
        throw DevClusterError(
            .unavailable,
            candidates.map { "'\($0.rawValue)'" }.joined(separator: " or ") + " is not installed",
            hint: Tool.installation(of: candidates[0].rawValue))
    }
}
