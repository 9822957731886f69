import ChildProcess
import Foundation
import TestSupport
import Testing

extension Live {
    /// Projects in the style of those that people have: more than one namespace, kinds of their
    /// own, webhooks and hooks.
    @Suite(.serialized) struct U_Projects {
        @Test func `a chart with hooks, a CRD and a webhook`() async throws {
            let project = try LiveProject("chart", in: .current)
            try await project.addPython(to: ".")
            try project.write("first", to: "page.txt")
            try project.configure(
                """
                  images: [{name: shop, matches: [ghcr.io/acme/shop]}]
                  manifests: [rendered.yaml]
                """)
            let first = try await project.deploy("from nothing")
            #expect(first.errorText.contains("shop-wipe"), "a hook that did not run is not named")
            let widget = try await project.world.kubectl(
                "get", "widgets.\(project.namespace).shop.example.com", "-n", project.namespace,
                "-o", "name")
            #expect(widget.contains("/first"))
            try await expectRefused(project)
            let oldImage = try await image(project, "deployment/shop")

            try project.write("second", to: "page.txt")
            try await project.deploy("redeployed")
            #expect(try await image(project, "deployment/shop") != oldImage)
            let jobs = try await project.world.kubectl(
                "get", "jobs,pods", "-n", project.namespace, "-o", "name")
            #expect(!jobs.contains("shop-wipe") && !jobs.contains("shop-test-connection"))
            #expect(!jobs.contains("shop-certgen"), "hook-succeeded deletes it: \(jobs)")

            try await project.expectFound(
                "app.kubernetes.io/component=web", container: "web", image: oldImage)
            let back = try await project.devcluster("rollback")
            #expect(back.exit == .code(0), "\(back.text)\(back.errorText)")
            #expect(try await image(project, "deployment/shop") == oldImage)
            try await delete(project)
        }

        private func expectRefused(_ project: LiveProject) async throws {
            let widget = """
                {"apiVersion": "\(project.namespace).shop.example.com/v1", "kind": "Widget",
                 "metadata": {"name": "bad"}, "spec": {"size": 0}}
                """
            await #expect(throws: ToolFailure.self) {
                try await project.world.kubectl(
                    "create", "-n", project.namespace, "-f", "-", input: widget)
            }
        }

        @Test func `a kustomize base with two overlays in two namespaces`() async throws {
            let project = try LiveProject("kustomize", in: .current)
            let world = project.world
            try project.configure(
                """
                  images:
                  - {name: web, context: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}
                  - {name: worker, context: worker, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}
                  manifests: [k8s]
                """)
            try project.write(LiveWorld.containerfile, to: "web/Containerfile")
            try project.write("first", to: "web/www/index.html")
            try project.write(
                "ARG BASE\nFROM ${BASE}\nCMD [\"sleep\", \"100000\"]\n", to: "worker/Containerfile")
            try await project.deploy("from nothing")
            let namespaces = ["dev", "stage"].map { "\(project.namespace)-\($0)" }
            var old: [String] = []
            for namespace in namespaces {
                old.append(try await image(project, "deployment/web", namespace))
            }
            #expect(Set(old).count == 1)

            try project.write("second", to: "web/www/index.html")
            let second = try await project.deploy("redeployed")
            for namespace in namespaces {
                #expect(try await image(project, "deployment/web", namespace) != old[0])
                #expect(second.text.contains(namespace), "\(second.text)")
                try await project.expectFound(
                    "app=web", container: "web", image: old[0], namespace: namespace)
            }
            let back = try await project.devcluster("rollback")
            #expect(back.exit == .code(0), "\(back.text)\(back.errorText)")
            for namespace in namespaces {
                #expect(try await image(project, "deployment/web", namespace) == old[0])
            }
            let gone = try await project.devcluster("delete", "--filename", "k8s", "--yes")
            #expect(gone.exit == .code(0), "\(gone.text)\(gone.errorText)")
            let left = try await world.kubectl("get", "namespaces", "-o", "name")
            #expect(!namespaces.contains { left.contains($0) })
        }

        @Test func `an operator with images in its environment and a resource that names one`()
            async throws
        {
            let project = try LiveProject("operator", in: .current)
            let world = project.world
            try await project.addPython(to: ".")
            try project.write(LiveWorld.containerfile, to: "site/Containerfile")
            try project.write("first", to: "site/www/index.html")
            try project.configure(
                """
                  images:
                  - name: operator
                    containerfile: operator.Containerfile
                    matches: [ghcr.io/acme/operator]
                  - name: site
                    context: site
                    matches: [ghcr.io/acme/site]
                    buildArgs: {BASE: "\(LiveWorld.baseImage)"}
                  manifests: [manifests.yaml]
                """)
            let shown = try await project.devcluster("deploy", "--dry-run")
            #expect(
                shown.text.contains("env[RELATED_IMAGE_SITE].value: ghcr.io/acme/site:v2 → local"),
                "\(shown.text)\(shown.errorText)")
            try await project.deploy("from nothing")
            let old = try await image(project, "deployment/site-blog")

            try project.write("second", to: "site/www/index.html")
            let second = try await project.deploy("redeployed")
            #expect(second.text.contains("3 containers running exactly"), "\(second.text)")
            #expect(try await image(project, "deployment/site-blog") != old)
            try await project.expectFound("site=blog", container: "site", image: old)

            let back = try await project.devcluster("rollback")
            #expect(back.exit == .code(0), "\(back.text)\(back.errorText)")
            #expect(try await image(project, "deployment/site-blog") == old)

            // An operator that does not do its work: what it made is of an earlier build.
            try project.write("third", to: "site/www/index.html")
            let manifests = try project.read("manifests.yaml")
            try project.write(
                manifests.replacing(
                    "spec:\n  selector: {matchLabels: {app: operator}}",
                    with:
                        "spec:\n  replicas: 0\n  selector: {matchLabels: {app: operator}}"),
                to: "manifests.yaml")
            let stale = try await project.devcluster("deploy")
            #expect(stale.exit == .code(2), "\(stale.text)\(stale.errorText)")
            #expect(stale.text.contains("did not replace it"), "\(stale.text)")
            let gone = try await project.devcluster(
                "delete", "--filename", "manifests.yaml", "--yes")
            #expect(gone.exit == .code(0), "\(gone.text)\(gone.errorText)")
            try await world.kubectl("delete", "namespace", project.namespace)
        }

        /// What a workload's first container is to run.
        private func image(_ project: LiveProject, _ workload: String, _ namespace: String? = nil)
            async throws -> String
        {
            try await project.world.kubectl(
                "get", workload, "-n", namespace ?? project.namespace, "-o",
                "jsonpath={.spec.template.spec.containers[0].image}")
        }

        private func delete(_ project: LiveProject) async throws {
            let gone = try await project.devcluster(
                "delete", "--filename", "rendered.yaml", "--yes")
            #expect(gone.exit == .code(0), "\(gone.text)\(gone.errorText)")
            try await project.world.kubectl("delete", "namespace", project.namespace)
        }
    }
}
