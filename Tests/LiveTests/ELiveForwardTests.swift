import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    @Suite(.serialized) struct E_Forwards {
        private func page(_ port: Int, _ world: LiveWorld) async throws -> String {
            try await world.tool("curl", "-fsS", "--max-time", "5", "http://127.0.0.1:\(port)/")
        }

        @Test func `a forward outlives its command, and cleanup ends ours and no one else's`()
            async throws
        {
            let world = try LiveWorld.current
            let port = world.forwardPort
            try world.configureWeb(
                namespace: "plain",
                forwards: "[{name: web, target: svc/web, port: \(port), targetPort: 80}]")
            try world.write("app/www/index.html", "forwarded")
            try await world.devcluster("deploy").checked()
            #expect(try await page(port, world) == "forwarded")

            let other = freePort()
            let foreign = try spawnDetached(
                "kubectl",
                [
                    "--kubeconfig", "\(world.folder)/kubeconfig", "--context",
                    "kind-\(world.cluster)", "-n", "plain", "port-forward", "svc/web",
                    "\(other):80",
                ])
            try await world.eventually("the foreign forward works") {
                (try? await page(other, world)) != nil
            }
            let list = try await world.devcluster("pf", "list")
            #expect(list.text.contains("running"))
            let cleanup = try await world.devcluster("pf", "cleanup")
            #expect(cleanup.succeeded, "\(cleanup.errorText)")
            #expect(cleanup.text.contains("\(foreign.pid)"))
            #expect(foreign.isAlive)
            #expect(try await page(other, world) == "forwarded")
            #expect((try? await page(port, world)) == nil)
            await foreign.end()

            let again = try await world.devcluster("pf", "start")
            #expect(again.succeeded, "\(again.errorText)")
            #expect(try await page(port, world) == "forwarded")
            try await world.devcluster("pf", "stop", "web").checked()
            #expect((try? await page(port, world)) == nil)
        }

        @Test func `up starts a forward that was configured later, and status shows it`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try world.write("app/www/index.html", "later")
            try await world.devcluster("deploy").checked()
            try world.configureWeb(
                namespace: "plain",
                forwards:
                    "[{name: later, target: svc/web, port: \(world.forwardPort), targetPort: 80}]"
            )
            try await world.devcluster("up").checked()
            #expect(try await page(world.forwardPort, world) == "later")
            let status = try await world.devcluster("status")
            #expect(status.succeeded, "\(status.text)\(status.errorText)")
            #expect(status.text.contains("later  http://127.0.0.1:\(world.forwardPort)  running"))
            #expect(status.text.contains("\(world.cluster)-worker ready (v1."))
            let row = try #require(
                status.text.split(separator: "\n").first { $0.hasPrefix("deployment/web") })
            #expect(
                row.split(separator: " ", omittingEmptySubsequences: true)
                    == ["deployment/web", "1/1", "0", "1", "fresh"])
            try await world.devcluster("pf", "stop", "later").checked()
        }

        @Test func `a forward whose entry is damaged is still ended by cleanup`() async throws {
            let world = try LiveWorld.current
            let port = world.forwardPort
            try world.configureWeb(
                namespace: "plain",
                forwards: "[{name: web, target: svc/web, port: \(port), targetPort: 80}]")
            try await world.devcluster("deploy").checked()
            let entry = "\(world.stateFolder)/forwards/web.json"
            try "{\"vers".write(toFile: entry, atomically: true, encoding: .utf8)
            try await world.devcluster("pf", "cleanup").checked()
            #expect((try? await page(port, world)) == nil)
        }

        @Test func `a target that does not exist says so`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let start = try await world.devcluster("pf", "start", "svc/nothing", "0:80")
            #expect(start.exit != .code(0))
            let missing = try await world.devcluster(
                "pf", "start", "svc/nothing", "\(freePort()):80")
            #expect(missing.exit == .code(1))
            #expect(missing.errorText.contains("svc/nothing"))
            #expect(missing.errorText.contains("not found"))
        }
    }
}
