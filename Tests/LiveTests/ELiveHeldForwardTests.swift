import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// Forwards whose pods, kubectls and supervisors go away.
    @Suite(.serialized) struct E_HeldForwards {
        private func page(_ port: Int, _ world: LiveWorld) async throws -> String {
            try await world.tool("curl", "-fsS", "--max-time", "60", "http://127.0.0.1:\(port)/")
        }

        private func forward(_ world: LiveWorld) async throws -> [String: Any] {
            let list = try result(try await world.devcluster("pf", "list", "--json"))
            let report = try #require(list["report"] as? [String: Any])
            let row = try #require((report["forwards"] as? [[String: Any]])?.first)
            return try #require(row["status"] as? [String: Any])
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

        @Test func `no client is refused while pods are replaced`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            for _ in 0..<3 {
                try await world.kubectl(
                    "-n", "plain", "delete", "pods", "-l", "app=web", "--wait=false")
                for _ in 0..<20 {
                    #expect(try await page(world.forwardPort, world) == "held")
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }

        @Test func `a client waits for a workload that is scaled to nothing and back`()
            async throws
        {
            let world = try LiveWorld.current
            try await start(world)
            try await world.kubectl("-n", "plain", "scale", "deployment/web", "--replicas=0")
            try await world.eventually("no pod is ready") {
                try await forward(world)["state"] as? String == "waiting"
            }
            async let answer = page(world.forwardPort, world)
            try await Task.sleep(for: .seconds(1))
            try await world.kubectl("-n", "plain", "scale", "deployment/web", "--replicas=1")
            #expect(try await answer == "held")
        }

        @Test func `what a killed supervisor left is ended, and its forwards go on`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            let folder = world.stateFolder
            let before = processesInheriting("DEVCLUSTER_FORWARD", folder)
            let supervisor = try #require(
                try await forward(world)["forward"].flatMap { $0 as? [String: Any] }?["supervisor"]
                    as? [String: Any])
            let pid = try #require(supervisor["pid"] as? Int)
            ProcessIdentity(pid: Int32(pid))?.send(SIGKILL)
            try await world.eventually("the list says so") {
                try await forward(world)["state"] as? String == "dead"
            }
            #expect(!processesInheriting("DEVCLUSTER_FORWARD", folder).isEmpty)
            try await world.devcluster("pf", "start").checked()
            #expect(try await page(world.forwardPort, world) == "held")
            #expect(processesInheriting("DEVCLUSTER_FORWARD", folder).count <= before.count)
            try await world.devcluster("pf", "cleanup").checked()
            #expect(processesInheriting("DEVCLUSTER_FORWARD", folder).isEmpty)
        }

        @Test func `a client of a program that starts late is not turned away`() async throws {
            let world = try LiveWorld.current
            try await start(world)
            try await world.kubectl(
                "-n", "plain", "apply", "-f", "-",
                input: """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: late}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers:
                      - name: late
                        image: \(try await image(world))
                        command: [sh, -c, "sleep 6; exec httpd -f -p 8080 -h /www"]

                    """)
            try await world.kubectl(
                "-n", "plain", "wait", "--for=condition=Ready", "pod/late", "--timeout=60s")
            let port = freePort()
            try await world.devcluster("pf", "start", "pod/late", "\(port):8080", "-n", "plain")
                .checked()
            #expect(try await page(port, world) == "held")
            try await world.kubectl("-n", "plain", "delete", "pod", "late")
        }

        private func image(_ world: LiveWorld) async throws -> String {
            try await world.kubectl(
                "-n", "plain", "get", "deployment", "web", "-o",
                "jsonpath={.spec.template.spec.containers[0].image}")
        }
    }
}
