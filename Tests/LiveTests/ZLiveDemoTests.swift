import ChildProcess
import Foundation
import Testing

extension Live {
    /// Comes last, after every other letter: it deletes the cluster that all the others share.
    @Suite(.serialized) struct Z_Demo {
        @Test func `down deletes the cluster, keeps the registry, and can be repeated`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let refused = try await world.devcluster("down")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("--yes"))
            let down = try await world.devcluster("down", "--yes")
            #expect(down.succeeded, "\(down.errorText)")
            let names = try await world.containers(all: true)
            #expect(!names.contains("\(world.cluster)-control-plane"))
            #expect(names.contains(world.registry))
            let again = try await world.devcluster("down", "--yes")
            #expect(again.succeeded)
            #expect(again.text.contains("nothing to delete"))
        }

        @Test func `demo does the main job, and clean undoes just that`() async throws {
            let world = try LiveWorld.current
            let demo = try await world.devcluster("demo", "--json")
            try #require(demo.exit == .code(0), "\(demo.errorText)\n\(demo.text)")
            let report = try #require(try result(demo)["report"] as? [String: Any])
            let deploy = try #require(report["deploy"] as? [String: Any])
            let forwards = try #require(deploy["forwards"] as? [[String: Any]])
            let forward = try #require(forwards[0]["forward"] as? [String: Any])
            let port = try #require(forward["port"] as? Int)
            let page = try await world.tool("curl", "-fsS", "http://127.0.0.1:\(port)/")
            #expect(page.contains("Hello from your cluster"))

            let clean = try await world.devcluster("demo", "--clean")
            #expect(clean.succeeded, "\(clean.errorText)")
            let names = try await world.containers(all: true)
            #expect(!names.contains { $0.contains("devcluster-demo") })
            #expect(names.contains(world.registry))
        }
    }
}
