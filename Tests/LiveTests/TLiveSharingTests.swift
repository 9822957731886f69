import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// Two clusters with one registry: neither changes it under the other without saying so.
    @Suite(.serialized, .enabled(if: LiveWorld.isLong)) struct T_Sharing {
        @Test func `two clusters share a registry, and neither takes it from the other`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            try await world.devcluster("up").checked()
            let second = SecondCluster(world, sharesRegistry: true)
            do {
                try await share(world, second)
            } catch {
                _ = try? await second.run(["down", "--yes"])
                throw error
            }
        }

        private func share(_ world: LiveWorld, _ second: SecondCluster) async throws {
            let before = try await registryID(world)
            let up = try await second.run(["up"])
            #expect(up.succeeded, "\(up.errorText)")
            #expect(try await registryID(world) == before, "the registry was right already")
            try await expectBothRight(world, second)

            // Another volume would need a new container: under the first cluster, too.
            let change = ["DEVCLUSTER_REGISTRY_PORT": "\(freePort())"]
            let asked = try await second.run(["up"], change)
            #expect(asked.exit == .code(1), "\(asked.text)\(asked.errorText)")
            #expect(asked.errorText.contains(world.cluster), "\(asked.errorText)")
            #expect(asked.errorText.contains("--yes"), "\(asked.errorText)")
            #expect(try await registryID(world) == before)

            try await world.stop(world.registry, after: 0)
            let started = try await second.run(["up"])
            #expect(started.succeeded, "\(started.errorText)")
            #expect(started.text.contains("registry started"), "\(started.text)")
            try await expectBothRight(world, second)

            let stop = try await second.run(["stop"])
            #expect(stop.succeeded, "\(stop.errorText)")
            try await expectRight(try await world.devcluster("up", "--json"))
            let removed = try await second.run(["down", "--registry", "--yes"])
            #expect(removed.exit == .code(1))
            #expect(removed.errorText.contains("also used by the cluster \(world.cluster)"))
            let down = try await second.run(["down", "--yes"])
            #expect(down.succeeded, "\(down.errorText)")
            #expect(try await registryID(world) == before)
            try await expectRight(try await world.devcluster("up", "--json"))
        }

        @Test func `of two that come up at once one waits or says who is at work`() async throws {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            let second = SecondCluster(world)
            async let one = second.run(["up", "--wait-lock", "5m"])
            async let other = second.run(["up", "--wait-lock", "5m"])
            let outcomes = try await [one, other]
            for outcome in outcomes { #expect(outcome.succeeded, "\(outcome.errorText)") }
            let waited = outcomes.filter { $0.errorText.contains("waiting for 'devcluster up") }
            #expect(waited.count == 1)
            #expect(waited.first?.text.contains("nothing had to be changed") == true)
            try await second.run(["down", "--data", "--yes"]).checked()
        }

        private func expectBothRight(_ world: LiveWorld, _ second: SecondCluster) async throws {
            try await expectRight(try await world.devcluster("up", "--json"))
            try await expectRight(try await second.run(["up", "--json"]))
        }

        private func expectRight(_ up: Outcome) async throws {
            #expect(up.succeeded, "\(up.errorText)")
            let report = try #require(try result(up)["report"] as? [String: Any])
            #expect(report["changes"] as? [String] == [], "\(up.text)")
        }

        private func registryID(_ world: LiveWorld) async throws -> String {
            try await world.engine("inspect", "--format", "{{.Id}}", world.registry)
        }
    }
}
