import ChildProcess
import Foundation
import Testing

extension Live {
    /// What fills up, and what is removed.
    @Suite(.serialized) struct J_Registry {
        /// An application whose image no other suite has: their pods would keep its tags.
        private func configure(_ world: LiveWorld, tags: Int, namespace: String = "filling")
            throws
        {
            try world.configure(
                """
                  namespace: \(namespace)
                  retention: {tags: \(tags)}
                  images: [{name: filling, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [web.yaml]
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try world.write(
                "app/web.yaml",
                LiveWorld.webManifest(image: "filling").replacing(
                    "spec:\n  selector: {m",
                    with: "spec:\n  revisionHistoryLimit: 0\n  selector: {m",
                    maxReplacements: 1))
        }

        /// Deploys a web page of half a megabyte that was never there before.
        private func deployNew(_ world: LiveWorld) async throws -> (tag: String, text: String) {
            try world.write("app/www/index.html", "\(UInt64.random(in: 0...UInt64.max))")
            let noise = Data(
                (0..<65_536).flatMap { _ in
                    withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max)) { Array($0) }
                })
            try noise.write(to: URL(filePath: "\(world.folder)/app/www/noise"))
            let deploy = try await world.devcluster("deploy", "--unique-tag", "--json")
            try #require(deploy.exit == .code(0), "\(deploy.errorText)\n\(deploy.text)")
            let report = try #require(try result(deploy)["report"] as? [String: Any])
            let images = try #require(report["images"] as? [[String: Any]])
            return (try #require(images.first?["tag"] as? String), deploy.text)
        }

        /// A pod that is still ending names its tag, which is kept for it. A kubelet that is busy takes
        /// more than a minute to remove one.
        private func waitUntilOldPodsAreGone(_ world: LiveWorld) async throws {
            try await world.eventually("old pods are gone", within: .seconds(180)) {
                try await world.kubectl("get", "pods", "-n", "filling", "-o", "name")
                    .split(separator: "\n").count == 1
            }
        }

        private func list(_ world: LiveWorld) async throws -> [String: Any] {
            let outcome = try await world.devcluster("registry", "list", "--json")
            try #require(outcome.exit == .code(0), "\(outcome.errorText)")
            return try #require(try result(outcome)["report"] as? [String: Any])
        }

        /// The tags of a repository, newest first.
        private func tags(_ world: LiveWorld, of repository: String = "filling") async throws
            -> [String]
        {
            let repositories = try await list(world)["repositories"] as? [[String: Any]]
            let found = repositories?.first { $0["name"] as? String == repository }
            return (found?["tags"] as? [[String: Any]] ?? []).compactMap { $0["tag"] as? String }
        }

        private func prune(_ world: LiveWorld, _ arguments: String...) async throws
            -> [String: Any]
        {
            let outcome = try await world.runner.run(
                Invocation(
                    LiveWorld.executable, ["registry", "prune", "--yes", "--json"] + arguments,
                    environment: world.environment, directory: "\(world.folder)/app",
                    deadline: .seconds(120)))
            try #require(outcome.exit == .code(0), "\(outcome.errorText)\n\(outcome.text)")
            return try #require(try result(outcome)["report"] as? [String: Any])
        }

        private func removed(_ report: [String: Any]) -> [String] {
            (report["removed"] as? [[String: Any]] ?? []).compactMap {
                guard let repository = $0["repository"], let tag = $0["tag"] else { return nil }
                return "\(repository):\(tag)"
            }
        }

        private func freed(_ report: [String: Any]) throws -> Int {
            let before = try #require(report["bytesBefore"] as? Int)
            return before - (try #require(report["bytesAfter"] as? Int))
        }

        /// A tag of our format, older than any other.
        private func oldTag(_ number: Int) -> String {
            "dev-nogit-2020010\(number)T000000000Z"
        }

        /// Pushes an image of its own under a tag, and returns its digest.
        private func push(_ world: LiveWorld, _ name: String) async throws -> String {
            let reference = "localhost:\(world.registryPort)/\(name)"
            let folder = "\(world.folder)/push-\(UInt64.random(in: 0...UInt64.max))"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let noise = Data((0..<131_072).map { _ in UInt8.random(in: 0...255) })
            try noise.write(to: URL(filePath: "\(folder)/noise"))
            try "FROM \(LiveWorld.baseImage)\nCOPY noise /\nCMD [\"sleep\", \"3600\"]\n".write(
                toFile: "\(folder)/Containerfile", atomically: true, encoding: .utf8)
            try await world.build(reference, folder)
            return try await world.push(reference)
        }

        private func status(_ world: LiveWorld, _ manifest: String) async throws -> String {
            try await world.tool(
                "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}",
                "--header",
                "Accept: application/vnd.oci.image.index.v1+json,"
                    + " application/vnd.oci.image.manifest.v1+json,"
                    + " application/vnd.docker.distribution.manifest.v2+json",
                "http://127.0.0.1:\(world.registryPort)/v2/\(manifest)")
        }

        @Test func `what a pod names by tag or digest stays, the rest goes and frees its bytes`()
            async throws
        {
            let world = try LiveWorld.current
            try configure(world, tags: 1)
            let current = try await deployNew(world).tag
            for namespace in ["by-tag", "by-digest"] {
                try await world.kubectl("create", "namespace", namespace)
            }
            let host = "localhost:\(world.registryPort)"
            _ = try await push(world, "tool:\(oldTag(1))")
            let digest = try await push(world, "tool:\(oldTag(2))")
            let unused = try await push(world, "tool:\(oldTag(3))")
            _ = try await push(world, "tool:\(oldTag(4))")
            _ = try await push(world, "tool:latest")
            try await world.kubectl(
                "run", "-n", "by-tag", "tool", "--image", "\(host)/tool:\(oldTag(1))")
            try await world.kubectl(
                "run", "-n", "by-digest", "tool", "--image", "\(host)/tool@\(digest)")
            for namespace in ["by-tag", "by-digest"] {
                try await world.kubectl(
                    "wait", "-n", namespace, "pod/tool", "--for=condition=Ready",
                    "--timeout=60s")
            }
            let report = try await prune(world)
            let gone = removed(report)
            #expect(gone.filter { $0.hasPrefix("tool:") } == ["tool:\(oldTag(3))"])
            #expect(!gone.contains("filling:\(current)"))
            #expect(
                Set(try await tags(world, of: "tool"))
                    == ["latest", oldTag(4), oldTag(2), oldTag(1)])
            #expect(try freed(report) >= 131_072)
            #expect(try await status(world, "tool/manifests/\(unused)") == "404")
            #expect(try await status(world, "tool/manifests/\(digest)") == "200")

            // Pushed again, the same image is whole again.
            let again = "\(host)/tool:\(oldTag(3))"
            try await world.push(again)
            try await world.engine("rmi", again)
            try await world.pull(again)
            try await world.kubectl("delete", "namespace", "by-tag", "by-digest", "--wait=false")
        }

        @Test func `an index keeps its children, and takes them along when it goes`() async throws {
            let world = try LiveWorld.current
            try configure(world, tags: 1)
            let host = "localhost:\(world.registryPort)"
            var digests: [String: String] = [:]
            for (index, children) in [("v1", "ab"), (oldTag(1), "bc"), (oldTag(2), "cd")] {
                for child in children.map(String.init) {
                    if digests[child] == nil {
                        digests[child] = try await push(world, "multi-\(child):1")
                    }
                }
                try await world.pushIndex(
                    of: children.map { ("\(host)/multi-\($0):1", nil) },
                    as: "\(host)/multi:\(index)")
            }
            let before = try await children(world, of: "v1")
            let report = try await prune(world)
            #expect(removed(report).filter { $0.hasPrefix("multi:") } == ["multi:\(oldTag(1))"])
            // c stays for the index of the newer tag, a and b for v1.
            let kept = try await children(world, of: "v1")
            #expect(kept == before && kept.count == 2)
            for digest in kept + (try await children(world, of: oldTag(2))) {
                try await world.pull("\(host)/multi@\(digest)")
            }
            try await world.tool(
                "curl", "--fail", "--silent", "--show-error", "--request", "DELETE",
                "http://127.0.0.1:\(world.registryPort)/v2/multi/manifests/"
                    + (try await digest(world, "multi/manifests/v1")))
            // Old enough that nobody can be pushing their index just now.
            try await world.inside(
                world.registry, "sh", "-c",
                "find /var/lib/registry -name link -exec touch -d '2020-01-01 00:00' {} +")
            let second = try await prune(world)
            #expect(second["manifestsDeleted"] as? Int ?? 0 >= 2)
            #expect(try await status(world, "multi/manifests/\(kept[0])") == "404")
            #expect(try await children(world, of: oldTag(2)).count == 2)
        }

        private func children(_ world: LiveWorld, of tag: String) async throws -> [String] {
            let text = try await world.tool(
                "curl", "--silent", "--header",
                "Accept: application/vnd.oci.image.index.v1+json",
                "http://127.0.0.1:\(world.registryPort)/v2/multi/manifests/\(tag)")
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let manifests = object?["manifests"] as? [[String: Any]] ?? []
            return manifests.compactMap { $0["digest"] as? String }
        }

        private func digest(_ world: LiveWorld, _ manifest: String) async throws -> String {
            let text = try await world.tool(
                "curl", "--silent", "--head", "--header",
                "Accept: application/vnd.oci.image.index.v1+json,"
                    + " application/vnd.oci.image.manifest.v1+json,"
                    + " application/vnd.docker.distribution.manifest.v2+json",
                "http://127.0.0.1:\(world.registryPort)/v2/\(manifest)")
            let line = text.split(whereSeparator: \.isNewline).first {
                $0.lowercased().hasPrefix("docker-content-digest:")
            }
            return try #require(line).split(separator: " ").last.map(String.init) ?? ""
        }

        @Test func `tags of an image that did not change are counted and removed one by one`()
            async throws
        {
            let world = try LiveWorld.current
            try configure(world, tags: 2)
            _ = try await deployNew(world)
            for _ in 0..<3 { try await world.devcluster("deploy", "--unique-tag").checked() }
            try await waitUntilOldPodsAreGone(world)
            let newest = try await tags(world).prefix(2)
            _ = try await prune(world)
            #expect(try await tags(world) == Array(newest))
            let verify = try await world.devcluster("verify-image")
            #expect(verify.exit == .code(0), "\(verify.errorText)\n\(verify.text)")
        }

        @Test func `deploys leave as many tags as are kept, in registry, engine and nodes`()
            async throws
        {
            let world = try LiveWorld.current
            let kept = LiveWorld.isLong ? 3 : 2
            let deploys = LiveWorld.isLong ? 30 : 6
            try configure(world, tags: kept)
            var last = ""
            for _ in 0..<deploys { last = try await deployNew(world).text }
            #expect(last.contains(#""name":"retention""#), "\(last)")
            try await waitUntilOldPodsAreGone(world)
            try await world.devcluster("deploy", "--unique-tag").checked()
            #expect(try await tags(world).count > deploys)
            let report = try await prune(world)
            #expect(removed(report).count > deploys - kept)
            #expect(try await tags(world).count == kept)
            var counts = "registry \(kept)"
            let engine = try await world.engine(
                "images", "--format", "{{.Repository}}:{{.Tag}}")
            let mine = engine.split(separator: "\n").filter {
                $0.hasPrefix("localhost:\(world.registryPort)/filling:dev-")
            }
            #expect(mine.count == kept)
            counts += ", engine \(mine.count)"
            for node in ["control-plane", "worker"] {
                let images = try await world.inside(
                    "\(world.cluster)-\(node)", "ctr", "-n", "k8s.io", "images",
                    "ls", "-q")
                let count = images.split(separator: "\n").count {
                    $0.hasPrefix("localhost:\(world.registryPort)/filling:dev-")
                }
                #expect(count <= kept, "\(node)")
                counts += ", \(node) \(count)"
            }
            print(
                "tags after \(deploys) deploys, a prune and one more deploy with \(kept) kept: \(counts)"
            )
        }

        @Test func `a cluster that cannot be read stops it, unless it is left out`() async throws {
            let world = try LiveWorld.current
            try configure(world, tags: 1)
            _ = try await push(world, "tool:\(oldTag(1))")
            _ = try await push(world, "tool:\(oldTag(2))")
            let node = "\(world.cluster)-control-plane"
            try await world.stop(node, after: 0)
            let refused = try await world.devcluster("registry", "prune", "--yes")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("--ignore-cluster \(world.cluster)"))
            #expect(try await tags(world, of: "tool").contains(oldTag(1)))
            let report = try await prune(world, "--ignore-cluster", world.cluster)
            #expect(removed(report).contains("tool:\(oldTag(1))"))
            try await world.devcluster("up").checked()
        }

        @Test(arguments: ["up", "registry"])
        func `a prune that was killed while it collected is finished by the next command`(
            _ next: String
        ) async throws {
            let world = try LiveWorld.current
            try configure(world, tags: 1)
            _ = try await push(world, "tool:\(oldTag(5))")
            _ = try await push(world, "tool:\(oldTag(6))")
            let process = try spawnDetached(
                "sh",
                [
                    "-c",
                    "cd \(world.folder)/app && exec \(LiveWorld.executable) registry prune --yes",
                ],
                environment: world.environment, output: "\(world.folder)/prune.log")
            try await world.eventually("the registry is stopped", within: .seconds(20)) {
                try await world.engine(
                    "inspect", "--format", "{{.State.Status}}", world.registry
                ).hasPrefix("exited") || !process.isAlive
            }
            process.send(SIGKILL)
            try await world.eventually("it is gone", within: .seconds(5)) { !process.isAlive }
            if next == "up" {
                try await world.devcluster("up").checked()
            } else {
                _ = try await prune(world)
            }
            #expect(!(try await tags(world, of: "tool")).contains(oldTag(5)))
            let containers = try await world.containers(all: true)
            #expect(!containers.contains { $0.contains("garbage-collection") })
            let deploy = try await world.devcluster("deploy", "--unique-tag")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
        }

        @Test func `a deploy and a prune at the same time wait for each other`() async throws {
            let world = try LiveWorld.current
            try configure(world, tags: 1)
            _ = try await push(world, "tool:\(oldTag(7))")
            _ = try await push(world, "tool:\(oldTag(8))")
            async let deployed = deployNew(world)
            var pruned = 0
            for _ in 0..<3 {
                let outcome = try await world.devcluster("registry", "prune", "--yes")
                #expect(outcome.exit == .code(0), "\(outcome.errorText)")
                pruned += 1
            }
            let tag = try await deployed.tag
            #expect(pruned == 3)
            #expect(try await tags(world).contains(tag))
            let verify = try await world.devcluster("verify-image")
            #expect(verify.exit == .code(0), "\(verify.errorText)\n\(verify.text)")
        }
    }
}
