import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct K_Builds {
        /// docker's daemon would give the cache mount of an earlier run of the same name.
        private static let cacheFolder = "cache-\(UInt32.random(in: 0...UInt32.max))"

        /// Compiles as make does, which takes what is there for done.
        private static let cacheMount = """
            ARG BASE
            FROM ${BASE} AS build
            COPY www /src
            RUN --mount=type=cache,target=/\(cacheFolder) \\
                [ -e /\(cacheFolder)/page ] || cp /src/index.html /\(cacheFolder)/page; \\
                mkdir /out; cp /\(cacheFolder)/page /out/index.html
            FROM ${BASE}
            COPY --from=build /out /www
            CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]

            """

        private static let bindMount = """
            ARG BASE
            FROM ${BASE}
            RUN --mount=type=bind,source=www,target=/src mkdir /www; cp /src/index.html /www
            CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]

            """

        /// The page that a pod of the workload serves.
        private func page(_ world: LiveWorld, _ namespace: String) async throws -> String {
            try await world.kubectl(
                "exec", "-n", namespace, "deployment/web", "--", "cat", "/www/index.html")
        }

        /// Cache mounts of this test only.
        private func ownCache(_ world: LiveWorld) throws -> [String: String] {
            let folder = "\(world.folder)/tmp-\(UInt32.random(in: 0...UInt32.max))"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            return ["TMPDIR": folder]
        }

        @Test(
            arguments: [("cached", cacheMount)]
                + (LiveWorld.engine.mayMissBindMounts ? [("bound", bindMount)] : []))
        func `a mount that keeps an old result is noticed, and --no-cache cures it`(
            namespace: String, containerfile: String
        ) async throws {
            let world = try LiveWorld.current
            let cache = try ownCache(world)
            try world.configureWeb(namespace: namespace)
            try world.write("app/Containerfile", containerfile)
            try world.write("app/www/index.html", "old \(namespace)")
            let first = try await world.devcluster("deploy", environment: cache)
            #expect(first.exit == .code(0), "\(first.errorText)")
            #expect(!first.errorText.contains("stale"))
            #expect(try await page(world, namespace) == "old \(namespace)")

            try world.write("app/www/index.html", "new \(namespace)")
            let stale = try await world.devcluster("deploy", environment: cache)
            #expect(stale.exit == .code(0), "\(stale.errorText)")
            #expect(stale.errorText.contains("image 'web' is probably stale"))
            #expect(try await page(world, namespace) == "old \(namespace)")

            if let emptied = LiveWorld.engine.emptyCacheMounts {
                #expect(stale.errorText.contains("'\(LiveWorld.engine) builder prune --filter"))
                try await world.engine(emptied)
            }
            let cured = try await world.devcluster("deploy", "--no-cache", environment: cache)
            #expect(cured.exit == .code(0), "\(cured.errorText)")
            #expect(!cured.errorText.contains("probably stale"))
            #expect(try await page(world, namespace) == "new \(namespace)")
            let left = try FileManager.default.contentsOfDirectory(atPath: cache["TMPDIR"] ?? "")
            #expect(!left.contains { $0.hasPrefix("devcluster") }, "\(left)")
        }

        @Test func `an image is built on the newest build of another, and a moved tag is found`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure(
                """
                  namespace: layers
                  images:
                  - {name: ground, context: ground, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}
                  - {name: web}
                  manifests: [web.yaml]
                """)
            try FileManager.default.createDirectory(
                atPath: "\(world.folder)/app/ground/www", withIntermediateDirectories: true)
            try world.write("app/ground/Containerfile", "ARG BASE\nFROM ${BASE}\nCOPY www /www\n")
            try world.write("app/ground/www/index.html", "ground one")
            try world.write(
                "app/Containerfile",
                "FROM ground\nCMD [\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n")
            try world.write("app/web.yaml", LiveWorld.webManifest(image: "web"))
            _ = try await deploy(world)
            #expect(try await page(world, "layers") == "ground one")
            #expect(try await deploy(world).unchanged)

            try world.write("app/ground/www/index.html", "ground two")
            let second = try await deploy(world, "web")
            #expect(try await page(world, "layers") == "ground two")

            let reference = "localhost:\(world.registryPort)/web:\(second.tag)"
            try await world.push(LiveWorld.baseImage, as: reference)
            let verified = try await world.devcluster("verify-image")
            #expect(verified.exit == .code(2), "\(verified.text)")
            let third = try await deploy(world)
            #expect(third.tag != second.tag)
        }

        private func deploy(_ world: LiveWorld, _ arguments: String...) async throws
            -> (tag: String, unchanged: Bool, errors: String)
        {
            let outcome = try await world.runner.run(
                Invocation(
                    LiveWorld.executable, ["deploy", "--json"] + arguments,
                    environment: world.environment, directory: "\(world.folder)/app",
                    deadline: .seconds(400)))
            #expect(outcome.exit == .code(0), "\(outcome.errorText)\n\(outcome.text)")
            let report = try #require(try result(outcome)["report"] as? [String: Any])
            let image = try #require((report["images"] as? [[String: Any]])?.first)
            return (
                try #require(image["tag"] as? String),
                try #require(image["isUnchanged"] as? Bool), outcome.text
            )
        }

        private func configure(_ world: LiveWorld, policy: String) throws {
            try world.configure(
                """
                  namespace: policy
                  tagPolicy: \(policy)
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [web.yaml]
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try world.write("app/web.yaml", LiveWorld.webManifest(image: "web"))
        }

        @Test func `under gitCommit a tag is never moved, and what runs is always proven`()
            async throws
        {
            let world = try LiveWorld.current
            try configure(world, policy: "gitCommit")
            try world.write("app/www/index.html", "committed")
            let app = "\(world.folder)/app"
            defer { try? FileManager.default.removeItem(atPath: "\(app)/.git") }
            try await world.tool("git", "-C", app, "init", "--quiet")
            try await world.tool("git", "-C", app, "add", "-A")
            try await world.tool(
                "git", "-C", app, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit",
                "--quiet", "-m", "one")
            let clean = try await deploy(world)
            #expect(clean.tag.wholeMatch(of: /git-[0-9a-f]{12}/) != nil, "\(clean.tag)")
            #expect(clean.errors.contains("names the commit, not the content"))
            #expect(try await deploy(world).unchanged)

            try world.write("app/www/index.html", "edited")
            #expect(try await deploy(world).tag == clean.tag + "-dirty")
            #expect(try await page(world, "policy") == "edited")
            try world.write("app/www/index.html", "edited again")
            let again = try await deploy(world)
            #expect(again.tag.hasPrefix(clean.tag + "-dirty-2"), "\(again.tag)")
            #expect(try await page(world, "policy") == "edited again")
            #expect(try await deploy(world, "--unique-tag").tag.hasPrefix("dev-"))
        }

        @Test func `under inputDigest the same inputs are built once, and come back`() async throws
        {
            let world = try LiveWorld.current
            try configure(world, policy: "inputDigest")
            try world.write("app/www/index.html", "inputs one")
            let one = try await deploy(world)
            #expect(one.tag.wholeMatch(of: /in-[0-9a-f]{16}/) != nil, "\(one.tag)")
            let pods = {
                let names = try await world.kubectl("get", "pods", "-n", "policy", "-o", "name")
                return Set(names.split(separator: "\n"))
            }
            let before = try await pods()
            let same = try await deploy(world)
            #expect(same.unchanged && same.tag == one.tag)
            #expect(!same.errors.contains("build web"))
            // Those of the deploy before may still be on their way out.
            #expect(try await pods().isSubset(of: before))

            try world.write("app/www/index.html", "inputs two")
            let two = try await deploy(world)
            #expect(two.tag != one.tag && !two.unchanged)
            #expect(try await page(world, "policy") == "inputs two")
            try world.write("app/www/index.html", "inputs one")
            #expect(try await deploy(world).tag == one.tag)
            #expect(try await page(world, "policy") == "inputs one")
        }

        @Test func `every deploy is recorded, with its images, verdicts and times`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "recorded")
            try await world.devcluster("deploy").checked()
            try world.write(
                "app/web.yaml",
                LiveWorld.webManifest(image: "web")
                    .replacingOccurrences(of: "path: /,", with: "path: /none,"))
            let failed = try await world.devcluster(
                "deploy", environment: ["DEVCLUSTER_TIMEOUTS_ROLLOUT": "5s"])
            #expect(failed.exit != .code(0))
            let lines = try String(
                contentsOfFile:
                    "\(world.stateFolder)/records.jsonl",
                encoding: .utf8
            ).split(separator: "\n").suffix(2).map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(lines.last?["kind"] as? String == "deploy")
            let record = try #require(lines.last?["record"] as? [String: Any])
            #expect(record["namespace"] as? String == "recorded")
            #expect((record["error"] as? String)?.contains("web") == true)
            let steps = try #require(record["steps"] as? [[String: Any]])
            #expect(steps.contains { $0["name"] as? String == "rollout of deployment/web" })
        }
    }
}
