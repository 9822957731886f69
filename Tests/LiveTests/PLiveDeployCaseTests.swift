import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct P_DeployCases {
        private static let sleeps = #""command": ["sleep", "100000"]"#

        private func deployment(
            _ image: String, _ container: String = sleeps, label: String = "web",
            name: String = "web", replicas: Int = 1
        ) -> String {
            """
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "\(name)"},
             "spec": {"replicas": \(replicas), "selector": {"matchLabels": {"app": "\(label)"}},
              "template": {"metadata": {"labels": {"app": "\(label)"}}, "spec": {
               "terminationGracePeriodSeconds": 1, "containers": [
                {"name": "web", "image": "\(image)", \(container)}]}}}}
            """
        }

        /// Ready after so many seconds.
        private func slow(_ seconds: Int) -> String {
            #""command": ["sh", "-c", "sleep \#(seconds); touch /ready; exec sleep 100000"],"#
                + #" "readinessProbe": {"exec": {"command": ["test", "-e", "/ready"]},"#
                + #" "initialDelaySeconds": \#(seconds), "periodSeconds": 1}"#
        }

        private func configure(_ world: LiveWorld, _ namespace: String, _ manifest: String) throws {
            try world.configure("  namespace: \(namespace)\n  manifests: [case.json]")
            try world.write("app/case.json", manifest)
        }

        /// Starts a deploy, and waits until it waits for its rollout.
        private func deployInBackground(
            _ world: LiveWorld, environment: [String: String] = [:]
        ) async throws -> (deploy: ProcessIdentity, log: String) {
            let log = "\(world.folder)/case.log"
            try? FileManager.default.removeItem(atPath: log)
            let process = try spawnDetached(
                "sh",
                [
                    "-c",
                    "trap : INT; cd \(world.folder)/app; \(LiveWorld.executable) deploy;"
                        + " echo code=$?",
                ],
                environment: world.environment.merging(environment) { $1 }, output: log)
            try await world.eventually("it waits for its rollout") {
                text(log).contains("✓ apply")
            }
            return (process, log)
        }

        private func text(_ path: String) -> String {
            (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        }

        private func end(_ world: LiveWorld, _ log: String) async throws -> String {
            try await world.eventually("it ends", within: .seconds(120)) {
                text(log).contains("code=")
            }
            return text(log)
        }

        /// Lets nobody reach the API server any more, or everybody again.
        private func blockAPI(_ world: LiveWorld, _ isBlocked: Bool) async throws {
            try await world.inside(
                "\(world.cluster)-control-plane", "iptables",
                isBlocked ? "-I" : "-D", "INPUT", "-p", "tcp", "--dport", "6443", "-j", "REJECT",
                "--reject-with", "tcp-reset")
        }

        @Test func `an API server that is gone for 10 s is told, and the rollout goes on`()
            async throws
        {
            let world = try LiveWorld.current
            try configure(
                world, "p-api", deployment(try await world.pushedBase(), slow(4)))
            let (_, log) = try await deployInBackground(world)
            try await blockAPI(world, true)
            try await Task.sleep(for: .seconds(10))
            try await blockAPI(world, false)
            let said = try await end(world, log)
            #expect(said.contains("does not answer"), "\(said)")
            #expect(said.contains("the API answers again"))
            #expect(said.contains("code=0"))
            try await world.kubectl("delete", "namespace", "p-api", "--wait=false")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `an API server that is gone for good ends the wait after 30 s`() async throws {
            let world = try LiveWorld.current
            try configure(
                world, "p-gone", deployment(try await world.pushedBase(), slow(4)))
            let (_, log) = try await deployInBackground(world)
            try await blockAPI(world, true)
            let start = ContinuousClock.now
            let said = try await end(world, log)
            let lag = ContinuousClock.now - start
            try await blockAPI(world, false)
            print("given up after \(lag): \(said.suffix(600))")
            #expect((.seconds(29)..<(.seconds(50))).contains(lag))
            #expect(said.contains("code=1"))
            #expect(said.contains("deployment/web: 0 of 1 available"))
            #expect(said.contains("hint: devcluster up"))
            try await world.eventually("the API is back") {
                (try? await world.kubectl("delete", "ns", "p-gone", "--wait=false")) != nil
            }
        }

        /// A `kubectl` that hangs on reads while the flag is there.
        private func hangingKubectl(_ world: LiveWorld) throws -> (path: String, flag: String) {
            let flag = "\(world.folder)/hang"
            let real = try #require(findExecutable("kubectl", path: nil))
            try FileManager.default.createDirectory(
                atPath: "\(world.folder)/shim", withIntermediateDirectories: true)
            try world.write(
                "shim/kubectl",
                """
                #!/bin/sh
                case "$*" in *" get "*) [ ! -e \(flag) ] || exec sleep 1000 ;; esac
                exec \(real) "$@"

                """)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(world.folder)/shim/kubectl")
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            return ("\(world.folder)/shim:\(path)", flag)
        }

        @Test func `a kubectl that hangs is ended and asked anew`() async throws {
            let world = try LiveWorld.current
            let (path, flag) = try hangingKubectl(world)
            try configure(
                world, "p-hang", deployment(try await world.pushedBase(), slow(4)))
            let (_, log) = try await deployInBackground(world, environment: ["PATH": path])
            try world.write("hang", "")
            try await world.eventually("a read is late") { text(log).contains("does not answer") }
            try FileManager.default.removeItem(atPath: flag)
            let said = try await end(world, log)
            #expect(said.contains("code=0"), "\(said)")
            // Before the deploy there is no second try, but a hint.
            try world.write("hang", "")
            let deploy = try await world.devcluster("deploy", environment: ["PATH": path])
            try FileManager.default.removeItem(atPath: flag)
            #expect(deploy.exit == .code(75))
            #expect(deploy.errorText.contains("hint: devcluster up"), "\(deploy.errorText)")
            try await world.kubectl("delete", "namespace", "p-hang", "--wait=false")
        }

        private func job(_ image: String, _ command: String) -> String {
            """
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"},
             "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never",
              "containers": [{"name": "web", "image": "\(image)",
               "command": ["sh", "-c", "\(command)"]}]}}}}
            """
        }

        private func jobID(_ world: LiveWorld) async throws -> String {
            try await world.kubectl(
                "get", "job", "migrate", "-n", "p-job", "-o", "jsonpath={.metadata.uid}")
        }

        @Test func `a Job runs anew when its template changes or it failed, and not otherwise`()
            async throws
        {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            try configure(world, "p-job", job(image, "true"))
            #expect(try await world.devcluster("deploy").exit == .code(0))
            let first = try await jobID(world)
            #expect(try await world.devcluster("deploy").exit == .code(0))
            #expect(try await jobID(world) == first)
            try configure(world, "p-job", job(image, "echo no such table; exit 4"))
            for _ in 1...2 {
                let before = try await jobID(world)
                let failed = try await world.devcluster("deploy")
                #expect(failed.exit == .code(1))
                #expect(failed.errorText.contains("no such table"), "\(failed.errorText)")
                #expect(try await jobID(world) != before)
            }
            try await world.kubectl("delete", "namespace", "p-job", "--wait=false")
        }

        @Test func `a selector that cannot be changed is named, with the way out`() async throws {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            try configure(world, "p-selector", deployment(image))
            try await world.devcluster("deploy").checked()
            try configure(world, "p-selector", deployment(image, label: "other"))
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(1))
            #expect(
                deploy.errorText.contains("Deployment/web: spec.selector cannot be changed"),
                "\(deploy.errorText)")
            let hint = "--namespace p-selector delete deployment web'"
            #expect(deploy.errorText.contains(hint), "\(deploy.errorText)")
            try await world.kubectl("delete", "-n", "p-selector", "Deployment/web")
            try await world.devcluster("deploy").checked()
            try await world.kubectl("delete", "namespace", "p-selector", "--wait=false")
        }

        @Test func `of two deploys at once the second says who works, or waits`() async throws {
            let world = try LiveWorld.current
            try configure(
                world, "p-two", deployment(try await world.pushedBase(), slow(6)))
            let (_, log) = try await deployInBackground(world)
            let second = try await world.devcluster("deploy")
            #expect(second.exit == .code(1))
            #expect(second.errorText.contains("is working on"), "\(second.errorText)")
            let third = try await world.devcluster("deploy", "--wait-lock", "1m")
            #expect(third.exit == .code(0), "\(third.errorText)")
            #expect(try await end(world, log).contains("code=0"))
            try await world.kubectl("delete", "namespace", "p-two", "--wait=false")
        }

        @Test func `an interrupted rollout says how each workload was left, and goes on`()
            async throws
        {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            try configure(
                world, "p-stop",
                #"{"apiVersion": "v1", "kind": "List", "items": [\#(deployment(image)),"#
                    + deployment(image, slow(8), label: "slow", name: "slow") + "]}")
            let (deploy, log) = try await deployInBackground(world)
            try await world.eventually("one is complete") {
                text(log).contains("deployment/web  1/1")
            }
            // To the whole group, as a terminal does.
            kill(-deploy.pid, SIGINT)
            let said = try await end(world, log)
            #expect(said.contains("| deployment/web: complete, 1/1"), "\(said)")
            #expect(said.contains("| deployment/slow: 0 of 1 available"))
            #expect(said.contains("code=130"))
            let next = try await world.devcluster("deploy")
            #expect(next.exit == .code(0), "\(next.errorText)")
            try await world.kubectl("delete", "namespace", "p-stop", "--wait=false")
        }

        @Test(arguments: [
            ("[sh, -c, 'echo no chart here >&2; exit 3']", "no chart here"),
            ("[echo, 'Usage: helm [command]']", "is not readable as manifests"),
            ("['true']", "printed no manifests"), ("[nosuchrenderer]", "nosuchrenderer"),
        ])
        func `a program that renders nothing useful ends the deploy before anything is changed`(
            command: String, says: String
        ) async throws {
            let world = try LiveWorld.current
            try world.configure(
                "  namespace: p-render\n  manifests: [{render: \(command)}]")
            let deploy = try await world.devcluster("deploy")
            #expect(!deploy.succeeded)
            #expect(deploy.errorText.contains(says), "\(deploy.errorText)")
            let namespaces = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!namespaces.contains("p-render"))
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `two hundred workloads at once, most of them empty`() async throws {
            let world = try LiveWorld.current
            let image = try await world.pushedBase()
            let items = (1...200).map { number in
                deployment(
                    image, label: "w\(number)", name: "w\(number)", replicas: number <= 5 ? 1 : 0)
            }
            try configure(
                world, "p-many",
                #"{"apiVersion": "v1", "kind": "List", "items": [\#(items.joined(separator: ","))]}"#
            )
            let deploy = try await world.devcluster("deploy")
            print(deploy.errorText.suffix(400))
            #expect(deploy.exit == .code(0), "\(deploy.errorText.suffix(2000))")
            #expect(deploy.errorText.contains("✓ rollout of 200 workloads"))
            try await world.kubectl("delete", "namespace", "p-many", "--wait=false")
        }
    }
}
