import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// Minutes each: only with `DEVCLUSTER_LIVE=all`.
    @Suite(.serialized, .enabled(if: LiveWorld.isLong)) struct H_UpInterruption {
        @Test(arguments: ["Preparing nodes", "Starting control-plane", "✓ create", "nodes ready"])
        func `an up that is interrupted is finished by the next one`(_ moment: String) async throws
        {
            let world = try LiveWorld.current
            let name = "\(world.cluster)-h"
            let mark = "interrupt-\(UInt64.random(in: 0...UInt64.max))"
            let variables = world.environment.merging([
                "DEVCLUSTER_NAME": name, "DEVCLUSTER_REGISTRY_NAME": "\(name)-registry",
                "DEVCLUSTER_REGISTRY_VOLUME": "\(name)-data",
                "DEVCLUSTER_REGISTRY_PORT": "\(freePort())", "MARK": mark,
            ]) { $1 }
            try world.configureWeb(namespace: "plain")
            let log = "\(world.folder)/up-interrupted.log"
            let process = try spawnDetached(
                "sh",
                ["-c", "cd \(world.folder)/app && exec \(LiveWorld.executable) up --json"],
                environment: variables, output: log)
            try await world.eventually("it comes to '\(moment)'", within: .seconds(150)) {
                try await reached(moment, log: log, cluster: name, world)
            }
            process.send(SIGINT)
            try await world.eventually("it ends", within: .seconds(20)) { !process.isAlive }
            // Containers that were started stay, each with its monitor.
            let left = processesInheriting("MARK", mark).filter { !$0.contains("conmon") }
            #expect(left == [])

            let next = try await world.devcluster("up", environment: variables)
            #expect(next.succeeded, "\(next.errorText)")
            try await world.devcluster("down", "--data", "--yes", environment: variables)
                .checked()
        }

        /// Moments are told by what stands in the log, or by the containers that are there.
        private func reached(
            _ moment: String, log: String, cluster: String, _ world: LiveWorld
        ) async throws -> Bool {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            switch moment {
            case "Preparing nodes":
                return text.contains("\"create \(cluster) (2 nodes)\"")
            case "Starting control-plane":
                let names = try await world.containers()
                return names.contains("\(cluster)-worker")
            case "✓ create":
                return text.contains(#"(2 nodes)","seconds""#)
                    || text.contains(#"(2 nodes)","state":"done""#)
            default:
                return text.contains(#""name":"nodes ready","state":"started""#)
                    || text.contains(#""name":"nodes ready","#)
            }
        }
    }
}
