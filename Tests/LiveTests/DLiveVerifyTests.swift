import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct D_Verify {
        /// Pushes a page under a fixed tag, as people do, and returns its digest.
        private func push(_ page: String, _ world: LiveWorld) async throws -> String {
            let reference = "localhost:\(world.registryPort)/reused:latest"
            try world.write("app/www/index.html", page)
            try await world.build(
                reference, "\(world.folder)/app", ["--build-arg", "BASE=\(LiveWorld.baseImage)"])
            return try await world.push(reference)
        }

        @Test func `a reused tag that the node serves from its cache is stale, with both digests`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "stale")
            let image = "localhost:\(world.registryPort)/reused:latest"
            let first = try await push("one", world)
            _ = try? await world.kubectl("create", "namespace", "stale")
            try await world.kubectl(
                "apply", "-n", "stale", "-f", "-", input: LiveWorld.webManifest(image: image))
            try await world.kubectl("rollout", "status", "-n", "stale", "deployment/web")
            let fresh = try await world.devcluster("verify-image")
            #expect(fresh.exit == .code(0), "\(fresh.text)")

            let second = try await push("two", world)
            #expect(first != second)
            try await world.kubectl("rollout", "restart", "-n", "stale", "deployment/web")
            try await world.kubectl("rollout", "status", "-n", "stale", "deployment/web")
            let stale = try await world.devcluster("verify-image")
            #expect(stale.exit == .code(2), "\(stale.text)")
            #expect(stale.text.contains("stale"))
            #expect(stale.text.contains(first))
            #expect(stale.text.contains(second))
            #expect(stale.text.contains("IfNotPresent"))

            let json = try result(try await world.devcluster("verify-image", "--json"))
            #expect(json["exitCode"] as? Int == 2)
        }

        @Test func `images of other registries are listed and do not count`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "kube-system")
            let verify = try await world.devcluster("verify-image")
            #expect(verify.exit == .code(3))
            #expect(verify.text.contains("not ours"))
            #expect(verify.text.contains("nothing was judged"))
        }

        @Test func `an unreachable registry makes verdicts unknown, never stale`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.devcluster("deploy").checked()
            try await world.engine("pause", world.registry)
            let verify = try await world.devcluster("verify-image")
            #expect(verify.exit == .code(3))
            #expect(verify.text.contains("unknown"))
            try await world.devcluster("up").checked()
        }
    }
}
