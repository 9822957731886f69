import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// Forwards while something is wrong: with what was asked for, or with the cluster.
    @Suite(.serialized) struct E_ForwardTrouble {
        private func page(_ port: Int, _ world: LiveWorld) async throws -> String {
            try await world.tool("curl", "-fsS", "--max-time", "90", "http://127.0.0.1:\(port)/")
        }

        private func forwards(_ world: LiveWorld) async throws -> [String: [String: Any]] {
            let list = try result(try await world.devcluster("pf", "list", "--json"))
            let report = try #require(list["report"] as? [String: Any])
            let rows = try #require(report["forwards"] as? [[String: Any]])
            return try Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    let status = try #require(row["status"] as? [String: Any])
                    var forward = try #require(status["forward"] as? [String: Any])
                    forward["state"] = status["state"]
                    return (try #require(forward["name"] as? String), forward)
                })
        }

        private func process(_ forward: [String: Any]?, _ role: String) throws -> ProcessIdentity {
            let entry = try #require(forward?[role] as? [String: Any])
            let pid = try #require(entry["pid"] as? Int)
            return try #require(ProcessIdentity(pid: Int32(pid)))
        }

        private func start(_ world: LiveWorld) async throws {
            try world.configureWeb(
                namespace: "plain",
                forwards: "[{name: web, target: svc/web, port: \(world.forwardPort),"
                    + " targetPort: 80}]")
            try world.write("app/www/index.html", "held")
            try await world.devcluster("deploy").checked()
            #expect(try await page(world.forwardPort, world) == "held")
        }

        private func service(_ spec: String, _ name: String, _ more: String = "") -> String {
            """
            apiVersion: v1
            kind: Service
            metadata: {name: \(name)\(more)}
            spec: {\(spec)}

            """
        }

        @Test func `what cannot work is refused with its reason`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            try await world.kubectl(
                "-n", "plain", "apply", "-f", "-",
                input: service("selector: {app: nobody}, ports: [{port: 80}]", "empty"))
            try await world.kubectl(
                "-n", "plain", "apply", "-f", "-",
                input: service(
                    "selector: {app: web}, ports: [{name: u, port: 53, protocol: UDP}]", "udp"))
            func refused(_ target: String, _ ports: String, _ code: Int32) async throws -> String {
                let outcome = try await world.devcluster(
                    "pf", "start", target, ports, environment: ["DEVCLUSTER_TIMEOUTS_CHILD": "5s"])
                #expect(outcome.exit == .code(code), "\(outcome.errorText)")
                return outcome.errorText
            }
            let port = freePort()
            #expect(
                try await refused("svc/udp", "\(port):u", 1).contains("kubectl forwards only TCP"))
            #expect(
                try await refused("svc/web", "\(port):81", 1).contains("has no port 81"))
            #expect(
                try await refused("svc/web", "\(world.forwardPort):80", 1).contains(
                    "the forward 'web' of \(world.cluster) has it"))
            #expect(
                try await refused("svc/empty", "\(port):80", 75).contains(
                    "svc/empty in namespace plain has no pod"))
            #expect(
                try await forwards(world)["svc-empty-\(port)"]?["state"] as? String == "waiting")
            try await world.devcluster("pf", "stop", "svc-empty-\(port)").checked()
        }

        @Test func `a free port is chosen and kept, and ports may have names`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            for _ in 0..<2 {
                try await world.devcluster("pf", "start", "deployment/web", "0:8080").checked()
            }
            let chosen = try #require(
                try await forwards(world)["deployment-web-to-8080"]?["port"] as? Int)
            #expect(try await page(chosen, world) == "held")
            let port = freePort()
            try await world.kubectl(
                "-n", "plain", "apply", "-f", "-",
                input: service(
                    "selector: {app: web}, ports: [{name: page, port: 1, targetPort: 8080}]",
                    "named"))
            try await world.devcluster("pf", "start", "svc/named", "\(port):page").checked()
            #expect(try await page(port, world) == "held")
            try await world.devcluster("pf", "start", "svc/web", "0:80").checked()
            try await world.devcluster("pf", "cleanup").checked()
        }

        @Test func `a client survives a kubectl that is killed and a supervisor that sleeps`()
            async throws
        {
            let world = try LiveWorld.current
            try await start(world)
            try await world.eventually("its kubectl is in the ledger") {
                try await forwards(world)["web"]?["process"] != nil
            }
            try process(try await forwards(world)["web"], "process").send(SIGKILL)
            #expect(try await page(world.forwardPort, world) == "held")
            let supervisor = try process(try await forwards(world)["web"], "supervisor")
            supervisor.send(SIGSTOP)
            async let answer = page(world.forwardPort, world)
            try await Task.sleep(for: .seconds(2))
            supervisor.send(SIGCONT)
            #expect(try await answer == "held")
        }

        @Test func `cleanup ends a supervisor that is stopped`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            try process(try await forwards(world)["web"], "supervisor").send(SIGSTOP)
            try await world.devcluster("pf", "cleanup").checked()
            let folder = world.stateFolder
            #expect(processesInheriting("DEVCLUSTER_FORWARD", folder).isEmpty)
        }

        @Test func `sync follows the annotations of Services`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            let port = freePort()
            func annotate(_ value: String) async throws {
                try await world.kubectl(
                    "-n", "plain", "annotate", "service", "web", "--overwrite", value)
            }
            try await annotate("devcluster.dev/forward=\(port):80,\(world.forwardPort):80")
            let conflict = try await world.devcluster("pf", "sync")
            #expect(conflict.exit == .code(2))
            #expect(conflict.text.contains("'web' in spec.forwards"))
            #expect(conflict.text.contains("the annotation of service plain/web"))
            #expect(try await page(port, world) == "held")
            try await annotate("devcluster.dev/forward-")
            let ended = try await world.devcluster("pf", "sync").checked()
            #expect(ended.text.contains("ended plain-web-\(port)"))
            #expect(try await forwards(world).keys.sorted() == ["web"])
            #expect(try await page(world.forwardPort, world) == "held")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `clients wait while the API server is stopped`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            let node = "\(world.cluster)-control-plane"
            let manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml"
            try await world.inside(node, "mv", manifest, "/etc/kubernetes/")
            try await world.eventually("the API server is gone", within: .seconds(120)) {
                try await world.runner.run(
                    Invocation("\(LiveWorld.engine)", ["exec", node, "pgrep", "kube-apiserver"])
                ).exit != .code(0)
            }
            async let answer = page(world.forwardPort, world)
            try await Task.sleep(for: .seconds(20))
            try await world.inside(
                node, "mv", "/etc/kubernetes/kube-apiserver.yaml", manifest)
            #expect(try await answer == "held")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `a client waits for a pod that comes up on another node`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            let nodes = ["\(world.cluster)-control-plane", "\(world.cluster)-worker"]
            // One that is not there would keep kubectl from removing the other.
            for key in [
                "node-role.kubernetes.io/master-", "node-role.kubernetes.io/control-plane-",
            ] {
                _ = try? await world.kubectl("taint", "node", nodes[0], key)
            }
            for node in [nodes[1], nodes[0]] {
                try await world.kubectl("cordon", node)
                try await world.kubectl(
                    "-n", "plain", "delete", "pods", "-l", "app=web", "--wait=false")
                #expect(try await page(world.forwardPort, world) == "held")
                try await world.kubectl("uncordon", node)
            }
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `forwards go on in a cluster that was made anew`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            try await world.devcluster("up", "--recreate", "--yes").checked()
            async let answer = page(world.forwardPort, world)
            try await world.devcluster("deploy").checked()
            #expect(try await answer == "held")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `fifty forwards are started, used and ended`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            var ports: [Int] = []
            for _ in 0..<49 {
                let port = freePort()
                try await world.devcluster("pf", "start", "svc/web", "\(port):80").checked()
                ports.append(port)
            }
            for port in ports.prefix(5) { #expect(try await page(port, world) == "held") }
            #expect(try await forwards(world).count == 50)
            try await world.devcluster("pf", "cleanup").checked()
            let folder = world.stateFolder
            #expect(processesInheriting("DEVCLUSTER_FORWARD", folder).isEmpty)
        }
    }
}
