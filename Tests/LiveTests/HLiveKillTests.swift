import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// SIGKILL at every boundary of a step, enumerated. Minutes each: with `DEVCLUSTER_LIVE=all`.
    @Suite(.serialized, .enabled(if: LiveWorld.isLong)) struct H_Kill {
        /// A cluster of its own with a single node, beside the shared one.
        private struct Place {
            let world: LiveWorld
            let name: String
            let variables: [String: String]

            init(_ world: LiveWorld) {
                self.world = world
                name = "\(world.cluster)-k"
                variables = world.environment.merging([
                    "DEVCLUSTER_NAME": name, "DEVCLUSTER_REGISTRY_NAME": "\(name)-registry",
                    "DEVCLUSTER_REGISTRY_VOLUME": "\(name)-data",
                    "DEVCLUSTER_REGISTRY_PORT": "\(freePort())",
                    "DEVCLUSTER_CLUSTER_WORKERS": "0",
                ]) { $1 }
            }

            func run(_ arguments: [String]) async throws -> Outcome {
                try await world.runner.run(
                    Invocation(
                        LiveWorld.executable, arguments, environment: variables,
                        directory: "\(world.folder)/app", deadline: .seconds(400)))
            }

            /// Runs a command and kills it with SIGKILL at its `count`th step event.
            ///
            /// - Returns: the event, or nil when it ended before there were so many.
            func runAndKill(_ command: String, at count: Int) async throws -> String? {
                let log = "\(world.folder)/killed.log"
                let script =
                    "cd \(world.folder)/app && exec \(LiveWorld.executable) \(command) --json"
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
        }

        @Test func `an up that is killed at any step is finished by the next one`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let place = Place(world)
            var count = 0
            while let event = try await place.runAndKill("up", at: count + 1) {
                count += 1
                let up = try await place.run(["up"])
                #expect(up.succeeded, "after \(event): \(up.errorText)")
                let again = try await place.run(["up"])
                #expect(again.text.contains("nothing had to be changed"), "after \(event)")
                let names = try await world.tool("podman", "ps", "--all", "--format", "{{.Names}}")
                let ours = names.split(separator: "\n").filter { $0.hasPrefix(place.name) }
                #expect(
                    Set(ours) == ["\(place.name)-control-plane", "\(place.name)-registry"],
                    "after \(event)")
                try await place.run(["down", "--registry", "--yes"]).checked()
            }
            print("up: killed at \(count) boundaries of steps")
            #expect(count > 8)
            try await place.run(["down", "--data", "--yes"]).checked()
        }

        @Test func `a down that is killed at any step is finished by the next one`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let place = Place(world)
            var count = 0
            repeat {
                try await place.run(["up"]).checked()
                guard try await place.runAndKill("down --data --yes", at: count + 1) != nil else {
                    break
                }
                count += 1
                let down = try await place.run(["down", "--data", "--yes"])
                #expect(down.succeeded, "\(down.errorText)")
                let names = try await world.tool("podman", "ps", "--all", "--format", "{{.Names}}")
                #expect(!names.contains(place.name))
            } while count < 20
            print("down: killed at \(count) boundaries of steps")
            #expect(count > 1)
        }

        @Test func `a deploy that is killed at any step is finished by the next one`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "killed")
            let place = Place(world)
            try await place.run(["up"]).checked()
            var count = 0
            while true {
                try world.write("app/www/index.html", "killed \(count)")
                guard try await place.runAndKill("deploy --unique-tag", at: count + 1) != nil
                else { break }
                count += 1
                let deploy = try await place.run(["deploy"])
                #expect(deploy.succeeded, "\(deploy.errorText)")
                let verified = try await place.run(["verify-image"])
                #expect(verified.exit == .code(0), "\(verified.text)")
            }
            print("deploy: killed at \(count) boundaries of steps")
            #expect(count > 5)
            try await place.run(["down", "--data", "--yes"]).checked()
        }
    }
}
