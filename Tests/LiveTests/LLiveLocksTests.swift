import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct L_Locks {
        @Test func `a deploy replaces a single writer, and leaves an unchanged one alone`()
            async throws
        {
            let writer = try SingleWriter(LiveWorld.current)
            try await writer.ensureRunning()
            for round in 1...(LiveWorld.isLong ? 20 : 1) {
                try await writer.configure(round: "\(round)")
                let deploy = try await writer.world.devcluster("deploy")
                #expect(deploy.exit == .code(0), "round \(round): \(deploy.errorText)")
                #expect(deploy.text.contains("lock cleared (its template changes)"))
            }
            let pods = try await writer.pods()
            let again = try await writer.world.devcluster("deploy")
            #expect(again.exit == .code(0), "\(again.errorText)")
            #expect(!again.text.contains("lock cleared"))
            #expect(try await writer.pods() == pods)
        }

        @Test func `a single writer that nobody knows is replaced in one run`() async throws {
            let writer = SingleWriter(try LiveWorld.current, SingleWriter.unknown)
            try await writer.ensureRunning()
            try await writer.configure(round: "second")
            let deploy = try await writer.world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.errorText.contains("of the same workload has hostPath"))
            #expect(deploy.text.contains("lock cleared (pod register-"))
        }

        @Test func `kubectl apply runs into the lock, which is named and cleared`() async throws {
            let writer = try SingleWriter(LiveWorld.current)
            let world = writer.world
            try await writer.ensureRunning()
            let image = try await writer.get(".spec.template.spec.containers[0].image")
            try await world.kubectl(
                "apply", "-n", "locks", "-f", "-",
                input: writer.manifest(image: image, round: "by hand"))
            try await world.eventually("the new pod runs into the lock") {
                try await world.devcluster("locks", "list").exit == .code(2)
            }
            let list = try await world.devcluster("locks", "list")
            #expect(list.text.contains("DBPathInUse: Unable to lock the lock file"))
            #expect(list.text.contains("strategy: {type: Recreate}"))
            let clear = try await world.devcluster("locks", "clear")
            #expect(clear.exit == .code(0), "\(clear.errorText)")
            #expect(try await world.devcluster("locks", "list").exit == .code(0))
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `a restart stops a single writer before it starts again`() async throws {
            let writer = try SingleWriter(LiveWorld.current)
            try await writer.ensureRunning()
            let before = try await writer.pods()
            let restart = try await writer.world.devcluster("restart", "deployment/mongodb")
            #expect(restart.exit == .code(0), "\(restart.errorText)")
            #expect(restart.text.contains("deployment/mongodb  1/1  1 pod replaced"))
            #expect(try await writer.pods() != before)
        }

        @Test func `killed between scaling down and up, the next deploy gives the pods back`()
            async throws
        {
            let writer = try SingleWriter(LiveWorld.current)
            let world = writer.world
            try await writer.ensureRunning()
            try await writer.configure(round: "killed")
            let process = try spawnDetached(
                "sh", ["-c", "cd \(world.folder)/app && exec \(LiveWorld.executable) deploy"],
                environment: world.environment, output: "\(world.folder)/killed.log")
            try await world.eventually("it is scaled to 0") {
                try await writer.get(".spec.replicas") == "0"
            }
            process.send(SIGKILL)
            try await world.eventually("it is dead") { !process.isAlive }
            #expect(try await writer.get(".spec.replicas") == "0")
            #expect(try await world.devcluster("locks", "list").exit == .code(2))
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.text.contains("lock cleared (the last clearing was interrupted)"))
            #expect(try await writer.get(".status.readyReplicas") == "1")
            #expect(
                try await writer.get(".metadata.annotations.devcluster\\.dev/replicas") == "")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `method delete makes it anew, and keeps its claim and what is in it`()
            async throws
        {
            let writer = try SingleWriter(LiveWorld.current, isClaim: true)
            let world = writer.world
            let locks = "locks: [{workload: deployment/mongodb, method: delete}]"
            try await writer.configure(round: "first", locks)
            try await world.devcluster("deploy").checked()
            try await world.kubectl(
                "exec", "-n", "locks", "deployment/mongodb", "--", "sh", "-c",
                "echo kept > /data/db/collection")
            let claim = try await writer.claim()
            let deployment = try await writer.get(".metadata.uid")
            try await writer.configure(round: "second", locks)
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.text.contains("lock cleared (its template changes)"))
            #expect(try await writer.get(".metadata.uid") != deployment)
            #expect(try await writer.claim() == claim)
            let content = try await world.kubectl(
                "exec", "-n", "locks", "deployment/mongodb", "--", "cat", "/data/db/collection")
            #expect(content == "kept\n")
            try await world.kubectl("delete", "namespace", "locks", "--wait=false")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `every row of the table is found by shape, by its words, and cleared`() async throws {
            let world = try LiveWorld.current
            try world.configure("  namespace: rows")
            _ = try? await world.kubectl("create", "namespace", "rows")
            for row in SingleWriter.rows {
                try await SingleWriter(world, row).push()
            }
            func apply(_ round: String) async throws {
                for row in SingleWriter.rows {
                    let writer = SingleWriter(world, row)
                    try await world.kubectl(
                        "apply", "-n", "rows", "-f", "-",
                        input: writer.manifest(image: writer.reference, round: round))
                }
            }
            func states() async throws -> [String: String] {
                let report = try result(try await world.devcluster("locks", "list", "--json"))
                let locks = (report["report"] as? [String: Any])?["locks"] as? [[String: Any]]
                let pairs = (locks ?? []).map {
                    ($0["workload"] as? String ?? "", $0["state"] as? String ?? "")
                }
                return Dictionary(pairs) { first, _ in first }
            }
            try await apply("first")
            for row in SingleWriter.rows {
                try await world.kubectl(
                    "rollout", "status", "-n", "rows", "deployment/\(row.name)", "--timeout=60s")
            }
            #expect(
                try await states() == [
                    "deployment/mongodb": "wouldBlock", "deployment/postgres": "wouldBlock",
                    "deployment/h2": "wouldBlock", "deployment/ledger": "mayBlock",
                    "deployment/cache": "mayBlock",
                ])
            try await apply("second")
            try await world.eventually("all run into their locks", within: .seconds(120)) {
                try await states().values.allSatisfy { $0 == "blocked" }
            }
            let list = try await world.devcluster("locks", "list")
            for name in ["MongoDB", "PostgreSQL", "H2", "RocksDB or LevelDB"] {
                #expect(list.text.contains(name))
            }
            let clear = try await world.devcluster("locks", "clear")
            #expect(clear.exit == .code(0), "\(clear.errorText)")
            #expect(try await !states().values.contains("blocked"))
            try await world.kubectl("delete", "namespace", "rows", "--wait=false")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `data in an emptyDir is given up only where the configuration names it`()
            async throws
        {
            let world = try LiveWorld.current
            let writer = SingleWriter(world, isEmptyDir: true)
            try await writer.configure(round: "first")
            try await world.devcluster("deploy").checked()
            // Its own earlier process still has the lock, as after a restart that came too early.
            try await world.kubectl(
                "exec", "-n", "locks", "deployment/mongodb", "--", "touch", "/data/db/held")
            let pods = try await writer.pods()
            try await world.kubectl(
                "exec", "-n", "locks", "deployment/mongodb", "--", "touch", "/data/db/end")
            try await world.eventually("the lock is found by its words") {
                try await world.devcluster("locks", "list").exit == .code(2)
            }
            let left = try await world.devcluster("locks", "clear")
            #expect(left.errorText.contains("name it in spec.locks if it may be lost"))
            #expect(left.text == "nothing is blocked by a lock\n")
            #expect(try await writer.pods() == pods)
            try await writer.configure(round: "first", "locks: [{workload: deployment/mongodb}]")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.text.contains("lock cleared (it blocks now)"))
            #expect(try await writer.pods() != pods)
            try await world.kubectl("delete", "namespace", "locks", "--wait=false")
        }
    }
}
