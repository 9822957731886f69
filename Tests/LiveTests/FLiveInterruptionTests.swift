import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Tools
@testable import Vocabulary

extension Live {
    @Suite(.serialized) struct F_Interruption {
        /// Processes whose command line holds the text.
        private func processes(_ text: String) -> [String] {
            ProcessIdentity.all().compactMap { $0.commandLine?.joined(separator: " ") }
                .filter { $0.contains(text) }
        }

        private func workingContainers(_ world: LiveWorld) async throws -> [String] {
            let list = try await world.engine(
                LiveWorld.engine.listAll + ["--format", "{{.Names}}"])
            return list.split(separator: "\n").map(String.init).filter {
                $0.contains("working-container")
            }
        }

        @Test func `a cancelled build leaves no process and no working container`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let seconds = "\(Int.random(in: 61_000...69_999))"
            try world.write(
                "app/Containerfile", "ARG BASE\nFROM ${BASE}\nRUN setsid sleep \(seconds); true\n")
            let before = try await workingContainers(world)
            let work = Task { try await world.devcluster("deploy") }
            defer { work.cancel() }
            try await world.eventually("the build's own process runs") {
                processes("sleep \(seconds)").contains { $0.hasPrefix("sleep") }
            }
            work.cancel()
            _ = try? await work.value
            #expect(processes(seconds) == [])
            #expect(try await workingContainers(world) == before)
        }

        @Test func `a cancelled run inside a node leaves nothing there`() async throws {
            let world = try LiveWorld.current
            let node = Node(
                name: "\(world.cluster)-worker",
                engine: Engine(LiveWorld.engine.name, runner: world.runner))
            let seconds = "\(Int.random(in: 71_000...79_999))"
            let work = Task { try await node.run(Invocation("setsid", ["sleep", seconds])) }
            defer { work.cancel() }
            try await world.eventually("it runs in the node") {
                processes(seconds).contains { $0.hasPrefix("sleep") }
            }
            work.cancel()
            _ = try? await work.value
            try await world.eventually("it is gone") { processes(seconds) == [] }
        }

        @Test(arguments: ["build", "push", "rollout"])
        func `a deploy that is interrupted leaves no child, and the next one succeeds`(
            _ phase: String
        ) async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try world.write(
                "app/www/index.html", "interrupted in \(phase) \(UInt64.random(in: 0...UInt64.max))"
            )
            if phase == "rollout" {
                try world.write(
                    "app/web.yaml",
                    LiveWorld.webManifest(image: "web").replacingOccurrences(
                        of: "port: 8080}", with: "port: 8081}"))
            }
            let log = "\(world.folder)/interrupted.log"
            let mark = "interrupt-\(UInt64.random(in: 0...UInt64.max))"
            let process = try spawnDetached(
                "sh",
                [
                    "-c",
                    "cd \(world.folder)/app && exec \(LiveWorld.executable) deploy"
                        + " --unique-tag -v",
                ], environment: world.environment.merging(["MARK": mark]) { $1 }, output: log)
            let sign = ["build": "/manifests/dev-", "push": "✓ build", "rollout": "✓ apply"][phase]
            try await world.eventually("it comes to the \(phase)", within: .seconds(30)) {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                return text.contains(sign ?? "") || (phase == "build" && text.contains("curl"))
            }
            process.send(SIGINT)
            try await world.eventually("it ends", within: .seconds(20)) { !process.isAlive }
            let text = try String(contentsOfFile: log, encoding: .utf8)
            #expect(text.contains("interrupted"), "\(text)")
            #expect(processesInheriting("MARK", mark) == [])

            try world.configureWeb(namespace: "plain")
            let next = try await world.devcluster("deploy")
            #expect(next.exit == .code(0), "\(next.errorText)")
        }
    }
}
