import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct N_History {
        @Test func `a rollback runs again what ran before, and proves it`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "history")
            try world.write("app/www/index.html", "good")
            try await world.devcluster("deploy").checked()
            try world.write("app/www/index.html", "bad")
            let second = try await world.devcluster("deploy").checked()
            #expect(second.text.contains("slowest: "))
            let back = try await world.devcluster("rollback")
            #expect(back.exit == .code(0), "\(back.errorText)")
            #expect(back.text.contains("running exactly what was built"))
            let page = try await world.kubectl(
                "exec", "-n", "history", "deployment/web", "--", "cat", "/www/index.html")
            #expect(page == "good")
            let history = try await world.devcluster("history")
            #expect(history.text.contains("proven rollback"))
            let full = try await world.devcluster("history", "2")
            #expect(full.text.hasPrefix("deploy 2 to namespace history: proven, "))
            #expect(full.text.contains("  sha256:"))
            #expect(full.text.contains("\ncontainers: 1 match"))
            #expect(full.text.contains("\nbuild web "))

            let tag = try #require(
                try await world.kubectl(
                    "get", "deployment", "web", "-n", "history", "-o",
                    "jsonpath={.spec.template.spec.containers[0].image}"
                ).split(separator: ":").last)
            try world.write("app/www/index.html", "pushed over")
            let reference = "localhost:\(world.registryPort)/web:\(tag)"
            try await world.build(
                reference, "\(world.folder)/app", ["--build-arg", "BASE=\(LiveWorld.baseImage)"])
            try await world.push(reference)
            let refused = try await world.devcluster("rollback", "1")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("cannot be repeated: the registry serves "))
            let manifests = "http://localhost:\(world.registryPort)/v2/web/manifests"
            let answer = try await world.tool(
                "curl", "-sfI", "-H", "Accept: application/vnd.oci.image.manifest.v1+json", "-H",
                "Accept: application/vnd.docker.distribution.manifest.v2+json",
                "\(manifests)/\(tag)")
            let digest = try #require(
                answer.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("sha256:") })
            try await world.tool("curl", "-sf", "-X", "DELETE", "\(manifests)/\(digest)")
            let gone = try await world.devcluster("rollback", "1")
            #expect(gone.exit == .code(1))
            #expect(gone.errorText.contains("the registry no longer has web:\(tag)"))
            try await world.kubectl("delete", "namespace", "history", "--wait=false")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `a step that takes longer than usual is told`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "slow")
            for round in 1...3 {
                try world.write("app/www/index.html", "slow \(round)")
                let deploy = try await world.devcluster("deploy").checked()
                #expect(!deploy.text.contains("slower than usual: build web"))
            }
            try world.write(
                "app/Containerfile",
                LiveWorld.containerfile.replacing("COPY www", with: "RUN sleep 20\nCOPY www"))
            try world.write("app/www/index.html", "slow 4")
            let slow = try await world.devcluster("deploy").checked()
            #expect(slow.text.contains("slower than usual: build web took "), "\(slow.text)")
            try await world.kubectl("delete", "namespace", "slow", "--wait=false")
        }

        @Test(.enabled(if: LiveWorld.isLong))
        func `every kind of workload gets new pods`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "kinds")
            try await world.devcluster("deploy").checked()
            let image = try await world.kubectl(
                "get", "deployment", "web", "-n", "kinds", "-o",
                "jsonpath={.spec.template.spec.containers[0].image}")
            func manifest(_ kind: String, _ name: String, _ more: String) -> String {
                """
                apiVersion: apps/v1
                kind: \(kind)
                metadata: {name: \(name)}
                spec:
                  \(more)
                  selector: {matchLabels: {app: \(name)}}
                  template:
                    metadata: {labels: {app: \(name)}}
                    spec:
                      terminationGracePeriodSeconds: 0
                      containers: [{name: main, image: "\(image)"}]
                ---

                """
            }
            let onDelete = "updateStrategy: {type: OnDelete}"
            try await world.kubectl(
                "apply", "-n", "kinds", "-f", "-",
                input: manifest("StatefulSet", "db", "serviceName: db\n  replicas: 2")
                    + manifest("DaemonSet", "agent", "")
                    + manifest("DaemonSet", "manual", onDelete))
            for name in ["statefulset/db", "daemonset/agent"] {
                try await world.kubectl(
                    "rollout", "status", "-n", "kinds", name, "--timeout=60s")
            }
            func uids() async throws -> Set<Substring> {
                Set(
                    try await world.kubectl(
                        "get", "pods", "-n", "kinds", "-o", "jsonpath={.items[*].metadata.uid}"
                    ).split(separator: " "))
            }
            let before = try await uids()
            let restart = try await world.devcluster(
                "restart", "deployment/web", "sts/db", "ds/agent", "ds/manual")
            #expect(restart.exit == .code(0), "\(restart.errorText)")
            #expect(restart.text.contains("✓ every pod is new, "))
            try await world.eventually("the old pods are gone") {
                try await uids().isDisjoint(with: before)
            }
            try await world.kubectl("delete", "namespace", "kinds", "--wait=false")
        }

        @Test func `a restart asks the disruption budget where the strategy keeps pods`()
            async throws
        {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configureWeb(namespace: "restart")
            _ = try? await world.kubectl("create", "namespace", "restart")
            try await forms.push("restart-1", "restart:1")
            let budgets = try await world.version(
                of: "poddisruptionbudgets", "policy/v1", "policy/v1beta1")
            try await world.kubectl(
                "apply", "-n", "restart", "-f", "-",
                input: """
                    apiVersion: apps/v1
                    kind: StatefulSet
                    metadata: {name: db}
                    spec:
                      serviceName: db
                      replicas: 2
                      updateStrategy: {type: OnDelete}
                      selector: {matchLabels: {app: db}}
                      template:
                        metadata: {labels: {app: db}}
                        spec:
                          terminationGracePeriodSeconds: 0
                          containers:
                          - {name: main, image: "\(forms.host)/restart:1", command: [sleep, "100000"]}
                    ---
                    apiVersion: \(budgets)
                    kind: PodDisruptionBudget
                    metadata: {name: db}
                    spec: {minAvailable: 2, selector: {matchLabels: {app: db}}}

                    """)
            try await world.eventually("both pods are ready, as the budget knows") {
                try await world.kubectl(
                    "get", "pdb", "db", "-n", "restart", "-o", "jsonpath={.status.currentHealthy}")
                    == "2"
            }
            func uids() async throws -> Set<Substring> {
                Set(
                    try await world.kubectl(
                        "get", "pods", "-n", "restart", "-o", "jsonpath={.items[*].metadata.uid}"
                    ).split(separator: " "))
            }
            let before = try await uids()
            let refused = try await world.devcluster(
                "restart", "sts/db", environment: ["DEVCLUSTER_TIMEOUTS_ROLLOUT": "4s"])
            #expect(refused.exit == .code(75))
            #expect(refused.errorText.contains("disruption budget"))
            #expect(try await uids() == before)
            try await world.kubectl(
                "patch", "pdb", "db", "-n", "restart", "--type=merge", "-p",
                #"{"spec":{"minAvailable":1}}"#)
            let restart = try await world.devcluster("restart", "sts/db")
            #expect(restart.exit == .code(0), "\(restart.errorText)")
            #expect(restart.text.contains("statefulset/db  2/2  2 pods replaced"))
            #expect(try await uids().isDisjoint(with: before))
            try await world.kubectl("delete", "namespace", "restart", "--wait=false")
        }
    }
}
