import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct I_Cache {
        private func nodes(_ world: LiveWorld) -> [String] {
            ["\(world.cluster)-control-plane", "\(world.cluster)-worker"]
        }

        /// Runs something in a node and returns what it prints.
        @discardableResult
        private func inside(_ node: String, _ script: String, _ world: LiveWorld) async throws
            -> String
        {
            try await world.inside(node, "sh", "-c", script)
        }

        /// Builds a page, pushes it under these names, and removes them from the host.
        private func push(_ page: String, as names: [String], _ world: LiveWorld) async throws {
            try world.write("app/www/index.html", page)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            for name in names {
                let reference = "localhost:\(world.registryPort)/\(name)"
                try await world.build(
                    reference, "\(world.folder)/app",
                    ["--build-arg", "BASE=\(LiveWorld.baseImage)"])
                try await world.push(reference)
                try await world.engine("rmi", reference)
            }
        }

        /// The names in a node's containerd that belong to a repository.
        private func names(_ repository: String, _ node: String, _ world: LiveWorld) async throws
            -> Set<String>
        {
            let all = try await inside(node, "ctr -n k8s.io images ls -q", world)
            let prefix = "localhost:\(world.registryPort)/"
            return Set(
                all.split(separator: "\n").map(String.init)
                    .filter { $0.hasPrefix("\(prefix)\(repository)") && !$0.contains("@") }
                    .map { String($0.dropFirst(prefix.count)) })
        }

        private func pull(_ name: String, _ nodes: [String], _ world: LiveWorld) async throws {
            for node in nodes {
                try await inside(
                    node, "crictl pull localhost:\(world.registryPort)/\(name)", world)
            }
        }

        /// A pod of an image on the worker, started anew.
        private func run(_ pod: String, _ image: String, _ world: LiveWorld) async throws {
            try await world.kubectl(
                "delete", "pod", pod, "--ignore-not-found", "--force", "--grace-period=0")
            let worker = nodes(world)[1]
            try await world.kubectl(
                "run", pod, "--image", "localhost:\(world.registryPort)/\(image)",
                "--image-pull-policy=IfNotPresent", "--overrides",
                #"{"apiVersion": "v1", "spec": {"nodeName": "\#(worker)", "terminationGracePeriodSeconds": 0}}"#
            )
            try await world.kubectl("wait", "--for=condition=Ready", "pod/\(pod)", "--timeout=60s")
        }

        private func imageID(_ pod: String, _ world: LiveWorld) async throws -> String {
            try await world.kubectl(
                "get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].imageID}")
        }

        @Test func `one name goes from the nodes that hold it, other names of the image stay`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            let (first, worker) = (nodes(world)[0], nodes(world)[1])
            try await push("cached", as: ["cached:1", "cached:2"], world)
            try await pull("cached:1", [first, worker], world)
            try await pull("cached:2", [worker], world)

            let list = try await world.devcluster("cache", "list")
            #expect(list.exit == .code(0), "\(list.errorText)")
            let lines = list.text.split(separator: "\n").filter { $0.contains("/cached:") }
            #expect(lines.count == 2)
            #expect(lines.first?.contains("all") == true)
            #expect(lines.last?.contains(worker) == true)
            #expect(lines.allSatisfy { $0.contains("current") })
            #expect(list.text.contains("kube-system/kube-proxy-"))
            #expect(!list.text.contains("devcluster-proof"))

            let arguments = ["cache", "clear", "cached:2"]
            let dry = try await world.devcluster(
                arguments[0], arguments[1], arguments[2], "--dry-run")
            #expect(try await names("cached", worker, world) == ["cached:1", "cached:2"])
            let clear = try await world.devcluster(arguments[0], arguments[1], arguments[2], "-v")
            #expect(clear.exit == .code(0), "\(clear.errorText)")
            #expect(try await names("cached", worker, world) == ["cached:1"])
            #expect(try await names("cached", first, world) == ["cached:1"])

            // The dry run printed the command that then ran, but for the mark of that run.
            let printed = dry.text.split(separator: "\n")
            #expect(printed.count == 1)
            let command = try #require(printed[0].firstRange(of: worker)).lowerBound
            #expect(clear.errorText.contains(printed[0][command...]))

            // Now its last name: nothing of the image is left anywhere.
            #expect(try await world.devcluster("cache", "clear", "cached:*").exit == .code(0))
            for node in [first, worker] {
                let left = try await inside(node, "ctr -n k8s.io images ls -q", world)
                #expect(!left.contains("/cached"))
            }
            let again = try await world.devcluster("cache", "clear", "cached:1")
            #expect(again.exit == .code(0))
            #expect(again.text.contains("no node has cached:1"))
        }

        @Test func `a tag pushed again is stale, and is pulled anew once it was cleared`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            try await push("old", as: ["again:latest"], world)
            try await run("again", "again:latest", world)
            let old = try await imageID("again", world)
            try await push("new", as: ["again:latest"], world)
            try await run("again", "again:latest", world)
            #expect(try await imageID("again", world) == old)

            let list = try await world.devcluster("cache", "list")
            let line = list.text.split(separator: "\n").first { $0.contains("again:latest") }
            #expect(line?.contains("stale") == true)
            #expect(line?.contains("default/again") == true)

            // It is in use, so somebody has to agree.
            let refused = try await world.devcluster("cache", "clear", "--stale")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("used by default/again"))
            let clear = try await world.devcluster("cache", "clear", "--stale", "--yes")
            #expect(clear.exit == .code(0), "\(clear.errorText)")
            #expect(clear.text.contains("running containers go on"))
            // The pod goes on, and still tells which digest it runs.
            #expect(try await imageID("again", world) == old)

            try await run("again", "again:latest", world)
            #expect(try await imageID("again", world) != old)
            #expect(try await world.devcluster("verify-image").exit == .code(0))
            try await world.kubectl("delete", "pod", "again", "--force", "--grace-period=0")
        }

        @Test func `a node without crictl, or stopped, is named and the others are served`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure("  namespace: default")
            let (first, worker) = (nodes(world)[0], nodes(world)[1])
            try await push("partial", as: ["partial:1"], world)
            try await pull("partial:1", [first, worker], world)

            try await inside(worker, "mv $(command -v crictl) /crictl.away", world)
            let list = try await world.devcluster("cache", "list")
            let clear = try await world.devcluster("cache", "clear", "partial:1")
            try await inside(worker, "mv /crictl.away /usr/local/bin/crictl", world)
            #expect(list.exit == .code(3))
            #expect(list.text.contains("\(worker) could not be read: sh: 1: crictl: not found"))
            #expect(list.text.contains("partial:1"))
            #expect(clear.exit == .code(3))
            #expect(clear.text.contains("removed localhost:\(world.registryPort)/partial:1"))
            #expect(try await names("partial", worker, world) == ["partial:1"])
            #expect(try await names("partial", first, world) == [])

            try await world.stop(worker, after: 5)
            let stopped = try await world.devcluster("cache", "list")
            try await world.devcluster("up").checked()
            #expect(stopped.exit == .code(3))
            #expect(stopped.text.contains("\(worker) could not be read: it is exited"))
            #expect(try await world.devcluster("cache", "clear", "partial:1").exit == .code(0))
            #expect(try await names("partial", worker, world) == [])
        }

        /// The containers that run on all nodes: their names by their IDs.
        private func running(_ world: LiveWorld) async throws -> [String: String] {
            var containers: [String: String] = [:]
            for node in nodes(world) {
                let text = try await inside(node, "crictl ps --output json", world)
                let answer = try JSONSerialization.jsonObject(with: Data(text.utf8))
                let list = try #require(
                    (answer as? [String: Any])?["containers"] as? [[String: Any]])
                for container in list {
                    let name = (container["metadata"] as? [String: Any])?["name"] as? String
                    containers[try #require(container["id"] as? String)] = name
                }
            }
            return containers
        }

        /// Deletes all pods, and kills everything in the nodes, also what is under the pods.
        private func restartAll(_ world: LiveWorld) async throws {
            try await world.kubectl(
                "delete", "pods", "--all", "--all-namespaces", "--force", "--grace-period=0")
            for node in nodes(world) {
                try await inside(
                    node,
                    """
                    for id in $(ctr -n k8s.io tasks ls -q); do
                      ctr -n k8s.io tasks kill -s SIGKILL $id 2>/dev/null
                    done; true
                    """, world)
            }
        }

        @Test func `after clearing all, every pod of every namespace still restarts`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "restarts")
            try await world.devcluster("deploy").checked()
            // An image that came by hand: no registry has it.
            let loaded = "localhost/\(world.cluster)-loaded:1"
            try await world.engine("tag", LiveWorld.baseImage, loaded)
            let archive = "\(world.folder)/cache-loaded.tar"
            try await world.save(loaded, to: archive)
            try await world.tool("kind", "load", "image-archive", archive, "--name", world.cluster)
            try await world.engine("rmi", loaded)
            try await world.kubectl(
                "create", "deployment", "loaded", "--image", loaded, "--", "sleep", "100000")
            try await world.kubectl(
                "wait", "--for=condition=Available", "deployment/loaded", "--timeout=60s")
            let before = try await running(world)
            #expect(
                Set(before.values).isSuperset(of: ["coredns", "etcd", "kube-apiserver", "web"]))

            let clear = try await world.devcluster("cache", "clear", "--all", "--in-use", "--yes")
            #expect(clear.exit == .code(0), "\(clear.errorText)")
            #expect(clear.text.contains("removed localhost:\(world.registryPort)/web:dev-"))
            #expect(clear.text.contains("no registry confirms \(loaded)"))

            try await restartAll(world)
            // Not by the pods' readiness: the API learns of the static ones' up to 90 s late.
            try await world.eventually("every container runs anew", within: .seconds(150)) {
                guard let now = try? await running(world) else { return false }
                return now.values.sorted() == before.values.sorted()
                    && Set(now.keys).isDisjoint(with: before.keys)
            }
            for deployment in ["-n kube-system coredns", "-n default loaded", "-n restarts web"] {
                let words = deployment.split(separator: " ").map(String.init)
                try await world.kubectl(
                    words[0], words[1], "rollout", "status", "deployment/\(words[2])",
                    "--timeout=100s")
            }
            let page = try await world.devcluster("verify-image")
            #expect(page.exit == .code(0), "\(page.text)")
            try await world.kubectl("delete", "deployment", "loaded")
            try await world.kubectl("delete", "namespace", "restarts", "--wait=false")
        }
    }
}
