import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// What keeps devcluster from telling what runs. Nothing here may be called stale, or fresh.
    @Suite(.serialized) struct D_VerifyBadCases {
        @Test func `images of another registry are judged with its password`() async throws {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configure("  namespace: remote")
            _ = try? await world.kubectl("create", "namespace", "remote")
            let port = freePort()
            let name = "\(world.cluster)-other"
            try await startLocked(name, port: port, world)
            let host = "localhost:\(port)"
            let local = try await forms.build("remote")
            let login = try world.login(host, "dXNlcjpzZWNyZXQ=")
            try await world.engine("tag", local, "\(host)/team/web:1")
            try await world.push("\(host)/team/web:1", environment: login)
            // The node gets it as people hand images over: in a file.
            try await world.load("\(host)/team/web:1", into: "\(world.cluster)-worker")
            try await world.kubectl(
                "run", "-n", "remote", "web", "--image=\(host)/team/web:1",
                "--image-pull-policy=Never", "--", "sleep", "100000")
            try await world.kubectl(
                "wait", "-n", "remote", "--for=condition=Ready", "pod/web", "--timeout=60s")

            let ours = try await world.devcluster("verify-image")
            #expect(ours.exit == .code(3))
            #expect(ours.text.contains("not ours"))
            let refused = try await world.devcluster("verify-image", "--remote")
            #expect(refused.exit == .code(3), "\(refused.text)")
            #expect(refused.text.contains("the registry refuses access (HTTP 401)"))
            let known = try await world.devcluster("verify-image", "--remote", environment: login)
            #expect(known.exit == .code(0), "\(known.text)\(known.errorText)")
            try await world.remove(name, volumes: true)
            let down = try await world.devcluster("verify-image", "--remote", environment: login)
            #expect(down.exit == .code(3), "\(down.text)")
            try await world.kubectl("delete", "namespace", "remote", "--wait=false")
        }

        /// A registry that wants user and password.
        private func startLocked(_ name: String, port: Int, _ world: LiveWorld) async throws {
            // htpasswd's line for user:secret.
            try world.write(
                "htpasswd", "user:$2b$05$Av3R/Vb4aipamxNMGLSjk.dgtUKfNLcVM3mge505bRmS4vFpTeLQS\n")
            try await world.engine(
                "run", "--detach", "--name", name, "--publish", "127.0.0.1:\(port):5000",
                "--volume", "\(world.folder)/htpasswd:/htpasswd:ro",
                "--env", "REGISTRY_AUTH=htpasswd", "--env", "REGISTRY_AUTH_HTPASSWD_REALM=r",
                "--env", "REGISTRY_AUTH_HTPASSWD_PATH=/htpasswd", LiveWorld.registryImage)
            try await world.eventually("the other registry answers") {
                // Until it listens, curl fails.
                let status = try? await world.tool(
                    "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                    "http://127.0.0.1:\(port)/v2/")
                return status == "401"
            }
        }

        @Test func `a node that does not tell makes what only it knows unknown`() async throws {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configure("  namespace: silent")
            _ = try? await world.kubectl("create", "namespace", "silent")
            try await forms.push("silent-1", "silent:1")
            let old = try await forms.digest("silent:1")
            try await world.kubectl(
                "run", "-n", "silent", "web", "--image=\(forms.host)/silent:1", "--", "sleep",
                "100000")
            try await world.kubectl(
                "wait", "-n", "silent", "--for=condition=Ready", "pod/web", "--timeout=60s")
            try await forms.push("silent-2", "silent:1")
            try await forms.delete("silent", old)
            let node = "\(world.cluster)-worker"
            let place = try await world.inside(
                node, "sh", "-c", "command -v crictl"
            )
            .trimmingCharacters(in: .whitespacesAndNewlines)
            try await world.inside(node, "mv", place, "\(place).away")
            let without = try await world.devcluster("verify-image")
            try await world.inside(node, "mv", "\(place).away", place)
            #expect(without.exit == .code(3), "\(without.text)")
            #expect(without.text.contains("\(node) does not tell"), "\(without.text)")

            try await world.engine("pause", node)
            let start = ContinuousClock.now
            let paused = try await world.devcluster("verify-image")
            let took = ContinuousClock.now - start
            try await world.engine("unpause", node)
            #expect(paused.exit == .code(3), "\(paused.text)")
            #expect(took < .seconds(60))
            let back = try await world.devcluster("verify-image")
            #expect(back.exit == .code(2), "\(back.text)")
            try await world.kubectl("delete", "namespace", "silent", "--wait=false")
        }

        @Test func `a registry whose content is gone is named, and up and deploy bring it back`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "wiped")
            try await world.devcluster("deploy").checked()
            try await world.inside(
                world.registry, "rm", "-rf", "/var/lib/registry/docker")
            try await world.engine("restart", "--time", "0", world.registry)
            try await world.eventually("the registry answers") {
                try await world.devcluster("verify-image").text.contains("does not have web:dev-")
            }
            let wiped = try await world.devcluster("verify-image")
            #expect(wiped.exit == .code(3), "\(wiped.text)")
            // The records still know what runs.
            #expect(wiped.text.contains("  runs    dev-"), "\(wiped.text)")
            try await world.devcluster("up").checked()
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
        }
    }
}
