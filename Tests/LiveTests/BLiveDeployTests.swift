import ChildProcess
import Foundation
import Testing

extension Live {
    @Suite(.serialized) struct B_Deploy {
        @Test
        func `every kind of workload is deployed and proven, with several containers and images`()
            async throws
        {
            let world = try LiveWorld.current
            try world.configure(
                """
                  namespace: kinds
                  images:
                  - {name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}
                  - {name: team/tool, containerfile: tool.Containerfile,
                     buildArgs: {BASE: "\(LiveWorld.baseImage)"}, matches: [ghcr.io/acme/tool]}
                  manifests: [kinds.yaml]
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try world.write("app/tool.Containerfile", "ARG BASE\nFROM ${BASE}\nLABEL a=b\n")
            try world.write("app/kinds.yaml", Self.kinds(unrelated: LiveWorld.baseImage))
            let deploy = try await world.devcluster("deploy", "--unique-tag", "--json")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)\n\(deploy.text)")
            let report = try #require(try result(deploy)["report"] as? [String: Any])
            let verification = try #require(report["verification"] as? [String: Any])
            let containers = try #require(verification["containers"] as? [[String: Any]])
            // Deployment 1 init + 2, StatefulSet 1, DaemonSet 1 a node without taint, Job 1.
            #expect(containers.count == 6)
            #expect(containers.allSatisfy { $0["verdict"] as? String == "match" })
            let tag = try #require((report["images"] as? [[String: Any]])?[0]["tag"] as? String)
            #expect(tag.hasPrefix("dev-"))

            // A Job's template cannot be changed: deploying again replaces it.
            let again = try await world.devcluster("deploy", "--unique-tag")
            #expect(again.exit == .code(0), "\(again.errorText)")
        }

        @Test func `the usual check of config digest against imageID would be wrong`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            let verify = try await world.devcluster("verify-image")
            #expect(verify.exit == .code(0), "\(verify.errorText)\n\(verify.text)")
            #expect(verify.text.contains("match"))
            let pod = try await world.kubectl(
                "get", "pods", "-n", "plain", "-o",
                "jsonpath={.items[0].spec.containers[0].image} "
                    + "{.items[0].status.containerStatuses[0].imageID}")
            let words = pod.split(separator: " ").map(String.init)
            let config = try await world.engine("inspect", "-f", "{{.Id}}", words[0])
            #expect(!words[1].contains(config.trimmingCharacters(in: .newlines)))
        }

        @Test func `an image that did not change keeps its tag and its pods`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.devcluster("deploy").checked()
            let pods = { try await world.kubectl("get", "pods", "-n", "plain", "-o", "name") }
            let before = try await pods()
            let again = try await world.devcluster("deploy")
            #expect(again.exit == .code(0), "\(again.errorText)")
            #expect(try await pods() == before)
            let unique = try await world.devcluster("deploy", "--unique-tag")
            #expect(unique.exit == .code(0), "\(unique.errorText)")
            #expect(try await pods() != before)
        }

        @Test func `a digest that another tool pinned is replaced by what was built`() async throws
        {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.devcluster("deploy").checked()
            let imageID = try await world.kubectl(
                "get", "pods", "-n", "plain", "-o",
                "jsonpath={.items[0].status.containerStatuses[0].imageID}")
            let digest = try #require(imageID.split(separator: "@").last)
            let reference = "localhost:\(world.registryPort)/web:latest@\(digest)"
            try await world.kubectl(
                "set", "image", "-n", "plain", "deployment/web", "web=\(reference)")
            try world.write("app/www/index.html", "after the pin")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            let image = try await world.kubectl(
                "get", "deployment", "web", "-n", "plain", "-o",
                "jsonpath={.spec.template.spec.containers[0].image}")
            #expect(!image.contains("@"))
        }

        @Test func `without manifests the images of live workloads are set`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "plain")
            try await world.devcluster("deploy").checked()
            try world.configure(
                """
                  namespace: plain
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                """)
            try world.write("app/www/index.html", "set by image")
            let deploy = try await world.devcluster("deploy", "--unique-tag")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.text.contains("exactly what was built"))
        }

        @Test func `a dry run shows the commands and changes nothing`() async throws {
            let world = try LiveWorld.current
            try world.configureWeb(namespace: "never")
            let deploy = try await world.devcluster("deploy", "--unique-tag", "--dry-run")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(
                deploy.text.contains(
                    "\(LiveWorld.engine) build --tag localhost:\(world.registryPort)/web:dev-"))
            #expect(deploy.text.contains("kubectl"))
            let namespaces = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!namespaces.contains("namespace/never"))
        }

        static func kinds(unrelated: String) -> String {
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  initContainers:
                  - {name: first, image: "ghcr.io/acme/tool:v1", command: ["true"]}
                  containers:
                  - {name: web, image: web}
                  - {name: same, image: web, command: [sleep, "3600"]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: store}
            spec:
              serviceName: store
              selector: {matchLabels: {app: store}}
              template:
                metadata: {labels: {app: store}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: store, image: team/tool, command: [sleep, "3600"]}]
            ---
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: agent}
            spec:
              selector: {matchLabels: {app: agent}}
              template:
                metadata: {labels: {app: agent}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: agent, image: team/tool, command: [sleep, "3600"]}]
            ---
            apiVersion: batch/v1
            kind: Job
            metadata: {name: migrate}
            spec:
              template:
                spec:
                  restartPolicy: Never
                  containers: [{name: migrate, image: team/tool, command: ["true"]}]

            """
        }
    }
}
