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

            let tag = try #require(
                try await world.kubectl(
                    "get", "deployment", "web", "-n", "history", "-o",
                    "jsonpath={.spec.template.spec.containers[0].image}"
                ).split(separator: ":").last)
            try world.write("app/www/index.html", "pushed over")
            try await world.tool(
                "podman", "build", "-t", "localhost:\(world.registryPort)/web:\(tag)",
                "--build-arg", "BASE=\(LiveWorld.baseImage)", "\(world.folder)/app")
            try await world.tool(
                "podman", "push", "--tls-verify=false", "localhost:\(world.registryPort)/web:\(tag)"
            )
            let refused = try await world.devcluster("rollback", "1")
            #expect(refused.exit == .code(1))
            #expect(refused.errorText.contains("cannot be repeated: the registry serves "))
            try await world.kubectl("delete", "namespace", "history", "--wait=false")
        }

        @Test func `a restart asks the disruption budget where the strategy keeps pods`()
            async throws
        {
            let world = try LiveWorld.current
            let forms = ImageForms(world: world)
            try world.configureWeb(namespace: "restart")
            _ = try? await world.kubectl("create", "namespace", "restart")
            try await forms.push("restart-1", "restart:1")
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
                    apiVersion: policy/v1beta1
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
