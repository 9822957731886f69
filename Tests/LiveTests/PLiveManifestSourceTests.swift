import ChildProcess
import Foundation
import Testing

extension Live {
    /// Sources of manifests beside plain files.
    @Suite(.serialized) struct P_ManifestSources {
        private func makeFolder(_ name: String, _ world: LiveWorld) throws {
            try FileManager.default.createDirectory(
                atPath: "\(world.folder)/\(name)", withIntermediateDirectories: true)
        }

        /// A PATH with a helm that writes down how it is called, and prints the web application
        /// and a test.
        private func fakeHelm(_ world: LiveWorld) throws -> [String: String] {
            let manifest = LiveWorld.webManifest(image: "ghcr.io/acme/web:1.0")
            try makeFolder("fakehelm", world)
            try world.write(
                "fakehelm/helm",
                """
                #!/bin/sh
                printf '%s\\n' "$@" "$DEVCLUSTER_IMAGE_WEB" >'\(world.folder)/fakehelm/words'
                cat <<'END'
                ---
                # Source: web/templates/web.yaml
                \(manifest)
                ---
                # Source: web/templates/tests/test.yaml
                apiVersion: v1
                kind: Pod
                metadata: {name: shop-test, annotations: {"helm.sh/hook": test}}
                spec: {restartPolicy: Never, containers: [{name: test, image: nosuch}]}
                END
                """)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(world.folder)/fakehelm/helm")
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            return ["PATH": "\(world.folder)/fakehelm:\(path)"]
        }

        @Test func `a chart is rendered for this cluster, deployed and proven`() async throws {
            let world = try LiveWorld.current
            let environment = try fakeHelm(world)
            try world.configure(
                """
                  namespace: p-chart
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}, matches: [ghcr.io/acme/web]}]
                  manifests: [{helm: {chart: chart, values: [dev.yaml], set: {image.tag: "1.0"}}}]
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try makeFolder("app/chart", world)
            try world.write("app/chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n")
            try world.write("app/dev.yaml", "a: 1\n")
            let deploy = try await world.devcluster("deploy", environment: environment)
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            #expect(deploy.errorText.contains("Pod/shop-test (test)"))
            let words = try String(
                contentsOfFile: "\(world.folder)/fakehelm/words", encoding: .utf8
            )
            .split(separator: "\n").map(String.init)
            #expect(
                words.prefix(6) == [
                    "template", world.cluster, "\(world.folder)/app/chart", "--namespace",
                    "p-chart",
                    "--include-crds",
                ])
            #expect(words.contains("--kube-version") && words.contains(#"image.tag="1.0""#))
            #expect(words.last?.contains(":\(world.registryPort)/web:dev-") == true)
            try await world.kubectl("delete", "namespace", "p-chart", "--wait=false")
        }

        @Test func `a pattern is what it means, and what is no manifest is named`() async throws {
            let world = try LiveWorld.current
            try world.configure(
                """
                  namespace: p-pattern
                  images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
                  manifests: [k8s/*.yaml]
                """)
            try world.write("app/Containerfile", LiveWorld.containerfile)
            try makeFolder("app/k8s", world)
            try world.write("app/k8s/web.yaml", LiveWorld.webManifest(image: "web"))
            try world.write("app/k8s/values.yaml", "replicas: 2\n")
            let refused = try await world.devcluster("deploy")
            #expect(refused.exit == .code(64))
            #expect(
                refused.errorText.contains(
                    "k8s/values.yaml is no manifest but values for a Helm chart"))
            try FileManager.default.removeItem(atPath: "\(world.folder)/app/k8s/values.yaml")
            let deploy = try await world.devcluster("deploy")
            #expect(deploy.exit == .code(0), "\(deploy.errorText)")
            try FileManager.default.removeItem(atPath: "\(world.folder)/app/k8s")
            try await world.kubectl("delete", "namespace", "p-pattern", "--wait=false")
        }
    }
}
