import ChildProcess
import Foundation
import Testing

extension Live {
    /// Comes first: the others use the cluster it makes.
    @Suite(.serialized) struct A_Up {
        @Test func `up makes cluster and registry from nothing and proves that nodes pull`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            let up = try await world.devcluster("up", "--json")
            try #require(up.succeeded, "\(up.errorText)\n\(up.text)")
            let report = try #require(try result(up)["report"] as? [String: Any])
            #expect(report["context"] as? String == "kind-\(world.cluster)")
            #expect((report["nodes"] as? [String])?.count == 2)

            let nodes = try await world.kubectl("get", "nodes", "-o", "name")
            #expect(nodes.split(separator: "\n").count == 2)
            for node in ["\(world.cluster)-control-plane", "\(world.cluster)-worker"] {
                for host in ["localhost:\(world.registryPort)", "\(world.registry):5000"] {
                    let file = "/etc/containerd/certs.d/\(host)/hosts.toml"
                    let hosts = try await world.inside(node, "cat", file)
                    #expect(hosts.contains("http://\(world.registry):5000"))
                }
            }
            let hosting = try await world.kubectl(
                "get", "configmap", "-n", "kube-public", "local-registry-hosting", "-o", "yaml")
            #expect(hosting.contains("localhost:\(world.registryPort)"))
            let current = try await world.tool("kubectl", "config", "current-context")
            #expect(current == "kind-\(world.cluster)\n")
            let port = try await world.engine("port", world.registry)
            #expect(port == "5000/tcp -> 127.0.0.1:\(world.registryPort)\n")
        }

        @Test func `a second up changes nothing`() async throws {
            let world = try LiveWorld.current
            let ids = { try await world.engine("ps", "--quiet", "--no-trunc") }
            let before = try await ids()
            let up = try await world.devcluster("up", "--json")
            let report = try #require(try result(up)["report"] as? [String: Any])
            #expect(report["changes"] as? [String] == [])
            #expect(try await ids() == before)
        }

        @Test func `kubectl is asked again only when the kubeconfig was changed`() async throws {
            let world = try LiveWorld.current
            let asks = {
                let up = try await world.devcluster("up", "--verbose")
                #expect(up.text.contains("nothing had to be changed"), "\(up.errorText)")
                return up.errorText.contains("$ kubectl ")
            }
            #expect(try await !asks())
            try await world.tool("kubectl", "config", "set-context", "other", "--cluster=none")
            #expect(try await asks())
            #expect(try await !asks())
        }

        @Test func `up puts back what was lost: hosts.toml, ConfigMap, kubeconfig entry`()
            async throws
        {
            let world = try LiveWorld.current
            let node = "\(world.cluster)-worker"
            try await world.inside(node, "rm", "-r", "/etc/containerd/certs.d")
            try await world.kubectl(
                "delete", "configmap", "-n", "kube-public", "local-registry-hosting")
            try await world.tool("kubectl", "config", "delete-context", "kind-\(world.cluster)")
            try await world.tool("kubectl", "config", "unset", "current-context")

            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            try await world.kubectl(
                "get", "configmap", "-n", "kube-public", "local-registry-hosting")
            let pull = try await world.inside(
                node, "crictl", "pull",
                "localhost:\(world.registryPort)/devcluster-proof:1")
            #expect(pull.contains("Image is up to date"))
            // The context was not current before, so it is not made current by a repair.
            let view = try await world.tool("kubectl", "config", "view", "-o", "json")
            #expect(!view.contains("\"current-context\": \"kind-\(world.cluster)\""))
        }

        @Test(arguments: ["stop", "pause", "rm", "disconnect"])
        func `up mends the registry and keeps its images`(_ fault: String) async throws {
            let world = try LiveWorld.current
            switch fault {
            case "stop": try await world.stop(world.registry, after: 0)
            case "rm": try await world.remove(world.registry)
            case "pause": try await world.engine("pause", world.registry)
            default:
                try await world.engine("network", "disconnect", "kind", world.registry)
            }
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            let answer = try await world.tool(
                "curl", "-fsS", "http://127.0.0.1:\(world.registryPort)/v2/_catalog")
            #expect(answer.contains("devcluster-proof"))
        }

        @Test func `nodes that were stopped are started, not made anew`() async throws {
            let world = try LiveWorld.current
            let nodes = ["\(world.cluster)-control-plane", "\(world.cluster)-worker"]
            let ids = { try await world.engine("inspect", "-f", "{{.Id}}", nodes[0]) }
            let before = try await ids()
            for node in nodes { try await world.stop(node, after: 2) }
            let up = try await world.devcluster("up")
            #expect(up.succeeded, "\(up.errorText)")
            #expect(try await ids() == before)
            #expect(up.text.contains("started"))
        }
    }
}
