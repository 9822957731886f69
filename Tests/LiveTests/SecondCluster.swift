import ChildProcess
import Foundation
import TestSupport
import Testing

/// A cluster with a single node beside the shared one, for the same application.
struct SecondCluster {
    let world: LiveWorld
    let name: String
    let variables: [String: String]

    /// - Parameter sharesRegistry: whether it uses the shared cluster's registry.
    init(_ world: LiveWorld, sharesRegistry: Bool = false) {
        self.world = world
        name = "\(world.cluster)-k"
        let cluster = ["DEVCLUSTER_NAME": name, "DEVCLUSTER_WORKERS": "0"]
        let registry = [
            "DEVCLUSTER_REGISTRY_NAME": "\(name)-registry",
            "DEVCLUSTER_REGISTRY_VOLUME": "\(name)-data",
            "DEVCLUSTER_REGISTRY_PORT": "\(freePort())",
        ]
        variables = world.environment.merging(cluster) { $1 }
            .merging(sharesRegistry ? [:] : registry) { $1 }
    }

    func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> Outcome {
        try await world.runner.run(
            Invocation(
                LiveWorld.executable, arguments, environment: variables.merging(more) { $1 },
                directory: "\(world.folder)/app", deadline: .seconds(400)))
    }

    /// Runs a command and kills it with SIGKILL at its `count`th step event.
    ///
    /// - Returns: the event, or nil when it ended before there were so many.
    func runAndKill(_ command: String, at count: Int) async throws -> String? {
        let log = "\(world.folder)/killed.log"
        let script =
            "cd \(world.folder)/app && exec \(LiveWorld.executable) \(command) --json"
        // What a detached process prints is added to what is there.
        try? FileManager.default.removeItem(atPath: log)
        let process = try spawnDetached(
            "sh", ["-c", script], environment: variables, output: log)
        while true {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            let steps = text.split(separator: "\n").filter {
                $0.contains(#""type":"step""#) && !$0.contains(#""state":"progress""#)
            }
            if steps.count >= count {
                process.send(SIGKILL)
                try await world.eventually("it is gone") { !process.isAlive }
                return String(steps[count - 1])
            }
            if !process.isAlive { return nil }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Runs `up` and kills every command of the engine that it is running after a while, again and again for a
    /// moment, as a machine without memory does.
    func upWithoutEngine(after delay: Duration) async throws {
        let script = "cd \(world.folder)/app && exec \(LiveWorld.executable) up"
        let process = try spawnDetached(
            "sh", ["-c", script], environment: variables, output: "\(world.folder)/killed.log")
        try await Task.sleep(for: delay)
        for _ in 0..<5 {
            for child in process.descendants() {
                let tool = child.commandLine?.first?.split(separator: "/").last
                if tool == Substring(LiveWorld.engine.description) { child.send(SIGKILL) }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        try await world.eventually("it has ended", within: .seconds(300)) { !process.isAlive }
    }
}
