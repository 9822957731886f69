import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import GettingStarted
@testable import Images
@testable import Settings
@testable import Vocabulary

/// YAML is read through kubectl, so only where that is installed can this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct ConfigurationDraftTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func deployment(_ name: String, _ image: String, port: Int = 8080) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name)}
        spec:
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec: {containers: [{name: \(name), image: "\(image)", ports: [{containerPort: \(port)}]}]}

        """
    }

    private func draft(
        _ files: [String: String], isFree: @escaping @Sendable (Int) -> Bool = { _ in true }
    ) async throws -> ConfigurationDraft {
        for (name, text) in files { try folder.write(text, to: name) }
        let survey = try await ProjectSurvey(
            files: ProjectFiles(folder: folder.path), project: "my-shop", runner: SystemRunner())
        return ConfigurationDraft(survey, isFree: isFree)
    }

    private func built(_ draft: ConfigurationDraft) -> [ConfigurationDraft.Image] {
        draft.images.filter { $0.problem == nil }
    }

    @Test func `images are named after their folder or file, in the grammar of repositories`()
        async throws
    {
        let draft = try await draft([
            "Containerfile": "", "Order_Service/Dockerfile": "", "x/Dockerfile.worker": "",
            "y/worker/Dockerfile": "",
        ])
        #expect(built(draft).map(\.name) == ["my-shop", "order-service", "worker", "worker-2"])
        #expect(built(draft).map(\.finding.context) == ["", "Order_Service", "x", "y/worker"])
        #expect(built(draft).map(\.containerfile) == [nil, nil, "x/Dockerfile.worker", nil])
    }

    @Test func `YAML of other tools is no manifest, and its folder is not applied whole`()
        async throws
    {
        let draft = try await draft([
            "k8s/web.yaml": Self.deployment("web", "web"), "k8s/values.yaml": "a: 1",
            "kind.yaml": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
            "cluster.yaml": "apiVersion: v1\nkind: Config\ncurrent-context: x\n",
            "compose.yaml": "services: {}", "broken.yaml": "apiVersion: v1\nkind: [",
        ])
        #expect(draft.manifestPaths == ["k8s/web.yaml"])
        #expect(draft.leftOut.contains("kind.yaml is no manifest (Cluster.kind.x-k8s.io)"))
        #expect(draft.leftOut.contains("cluster.yaml is no manifest (Config)"))
        #expect(draft.leftOut.contains("broken.yaml is not readable as YAML"))
    }

    @Test func `a chart beside plain manifests is a comment, and alone it is what is applied`()
        async throws
    {
        let chart = [
            "deploy/chart/Chart.yaml": "apiVersion: v2\nname: shop\n",
            "deploy/chart/values.yaml": "web: {image: {registry: ghcr.io, repository: a/web}}\n",
            "deploy/chart/templates/web.yaml": Self.deployment("web", "{{ .Values.image }}"),
            "web/Dockerfile": "",
        ]
        let alone = try await draft(chart)
        #expect(alone.manifestPaths == ["deploy/chart/"])
        #expect(alone.text.contains(/\n    - [^\n]*helm.*deploy\/chart/))
        #expect(built(alone).map(\.matches) == [["ghcr.io/a/web"]])
        let both = try await draft(["k8s/web.yaml": Self.deployment("web", "ghcr.io/a/web:1")])
        #expect(both.manifestPaths == ["k8s/"])
        #expect(both.text.contains(/\n    # - [^\n]*helm.*deploy\/chart/))
    }

    @Test func `an empty project gives a file that says what is missing`() async throws {
        let draft = try await draft([:])
        #expect(draft.text.contains("images: []"))
        #expect(draft.text.contains("manifests: []"))
        #expect(draft.text.contains("init --containerfile"))
    }

    @Test
    func `an object of a type that only its definition elsewhere in the folder makes is kept`()
        async throws
    {
        let definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: caches.example.com}
            spec: {group: example.com, names: {kind: Cache, plural: caches}}

            """
        let draft = try await draft([
            "k8s/a.yaml": "apiVersion: example.com/v1\nkind: Cache\nmetadata: {name: c}\n",
            "k8s/crd.yaml": definition,
            "k8s/m.yaml":
                "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m}\n",
        ])
        #expect(draft.manifestPaths == ["k8s/a.yaml", "k8s/crd.yaml"])
        #expect(
            draft.leftOut.contains(
                "k8s/m.yaml: a new cluster has no ServiceMonitor.monitoring.coreos.com"))
    }

    @Test func `a manifest that some program has to fill in is not applied`() async throws {
        let draft = try await draft([
            "k8s/a.yaml": Self.deployment("a", "${IMAGE}"),
            "k8s/b.yaml": Self.deployment("b", "acme/b"), "b/Dockerfile": "",
        ])
        #expect(draft.manifestPaths == ["k8s/b.yaml"])
        #expect(draft.leftOut.contains("k8s/a.yaml: some program has to fill in ${IMAGE}"))
    }

    @Test func `of two tools that build one Containerfile the image is one, with both names`()
        async throws
    {
        let draft = try await draft([
            "web/Dockerfile": "",
            "skaffold.yaml": """
            apiVersion: skaffold/v2beta29
            kind: Config
            build: {artifacts: [{image: gcr.io/acme/web, context: web}]}
            deploy: {kubectl: {manifests: [k8s/*.yaml]}}
            """,
            "compose.yaml": """
            services: {front: {build: web, image: "acme/front:${TAG}", ports: ["80:8080"]}}
            """,
            "k8s/web.yaml": Self.deployment("web", "gcr.io/acme/web"),
        ])
        #expect(built(draft).map(\.name) == ["web"])
        #expect(built(draft).map(\.matches) == [["gcr.io/acme/web"]])
        #expect(draft.forwards.map(\.target) == ["deployment/web"])
        // Ports below 1024 are root's.
        #expect(draft.forwards.map(\.port) == [8080])
    }

    @Test func `a target that skaffold leaves empty is none`() async throws {
        let draft = try await draft([
            "web/Dockerfile": "",
            "skaffold.yaml": """
            apiVersion: skaffold/v2beta29
            kind: Config
            build:
              artifacts: [{image: gcr.io/acme/web, context: web, docker: {target: ""}}]
            deploy: {kubectl: {manifests: [k8s/*.yaml]}}
            """,
            "k8s/web.yaml": Self.deployment("web", "gcr.io/acme/web"),
        ])
        #expect(built(draft).map(\.name) == ["web"])
        #expect(!draft.text.contains(#"target: """#))
    }

    @Test func `what skaffold sets in a chart is set in the configuration`() async throws {
        let draft = try await draft([
            "web/Dockerfile": "",
            "skaffold.yaml": """
            apiVersion: skaffold/v4beta7
            kind: Config
            build: {artifacts: [{image: gcr.io/acme/web, context: web}]}
            manifests:
              helm:
                releases:
                - name: shop
                  chartPath: chart
                  overrides: {service: {port: 8080}}
                  setValues: {replicas: "2", debug: "true", "ingress.host": "shop.example"}
                  setValueTemplates:
                    image.repository: "{{.IMAGE_REPO_gcr_io_acme_web}}"
                    image.tag: "{{.IMAGE_TAG_gcr_io_acme_web}}@{{.IMAGE_DIGEST_gcr_io_acme_web}}"
                    user: "{{.USER}}"
            """,
            "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
            "chart/values.yaml": "image: {repository: x, tag: y}\n",
        ])
        #expect(
            draft.text.contains(
                "- helm: {chart: chart, release: shop, set: {debug: true, image.repository:"
                    + " gcr.io/acme/web, image.tag: dev, ingress.host: shop.example, replicas: 2,"
                    + " service.port: 8080}}"), "\(draft.text)")
        #expect(built(draft).map(\.matches) == [["gcr.io/acme/web"]])
        #expect(draft.leftOut.contains("skaffold.yaml: the chart chart gets computed values: user"))
    }

    @Test func `a port that is in use is a comment, for the deploy would fail`() async throws {
        let files = [
            "web/Dockerfile": "", "k8s/web.yaml": Self.deployment("web", "web"),
            "compose.yaml": "services: {web: {build: web, ports: [\"9000:8080\", \"9001:8080\"]}}",
        ]
        let draft = try await draft(files) { $0 != 9000 }
        #expect(draft.forwards.map(\.problem) == ["port 9000 is in use", nil])
        #expect(draft.text.contains("    # - {name: web, target: deployment/web, port: 9000,"))
        #expect(draft.text.contains("    - {name: web-9001, target: deployment/web, port: 9001,"))
    }

    @Test func `what is in a compose file's environment never gets into the configuration`()
        async throws
    {
        let draft = try await draft([
            "Dockerfile": "", ".env": "TOKEN=secret\nOWNER=acme\n",
            "docker-compose.yml": """
            services:
              web:
                image: ${OWNER}/web:${TAG:-1}
                build: {context: ., args: ["TOKEN=$TOKEN", "MODE=${MODE:-dev}", "HOME"]}
            """,
        ])
        #expect(!draft.text.contains("secret"))
        #expect(built(draft).map(\.name) == ["web"])
        #expect(built(draft).map(\.finding.buildArgs) == [["MODE": "dev"]])
        let remark = "docker-compose.yml: service web: its build argument"
        #expect(draft.leftOut.contains("\(remark) TOKEN comes from the environment"))
        #expect(draft.leftOut.contains("\(remark) HOME comes from the environment"))
    }

    @Test func `a Containerfile with nothing beside it is built from the folder it copies from`()
        async throws
    {
        let draft = try await draft([
            "docker/api/Dockerfile": "FROM x\nCOPY go.mod .\nCOPY . .\n", "go.mod": "",
            "main.go": "",
            "web/docker/Dockerfile": "FROM x\nCOPY . .\n", "web/index.js": "",
        ])
        #expect(built(draft).map(\.name) == ["api", "web"])
        #expect(built(draft).map(\.finding.context) == ["", "web"])
    }

    @Test func `whatever stands in the files, the configuration can be loaded`() async throws {
        let draft = try await draft([
            "web/Dockerfile": "", "a'b\"c/Dockerfile": "FROM x AS y\n",
            "compose.yaml": """
            services:
              web:
                build: {context: web, target: "no: #", args: {a.b: 1, "x y": 2, N: null, OK: "#"}}
                image: "Not A Reference"
                ports: ["", "99999:80", "x:y", "1-2:3-4", "53:53/udp", {target: 1}, "8080:99999"]
              nothing:
            """,
            "k8s/x.yaml": "apiVersion: /\nkind: X\nmetadata: {name: x}\n---\n"
                + Self.deployment("web", "web"),
            "k8s/list.yaml": "apiVersion: v1\nkind: List\nitems: []\n", "skaffold.yaml": "[]",
            "Tiltfile": "docker_build(", "kustomization.yaml": "", "Chart.yaml": "- x\n",
            "deploy/kustomization.yaml": "resources: [missing.yaml]\n",
        ])
        let file = try folder.write(draft.text, to: "devcluster.yaml")
        let configuration = try await ConfigurationLoader(
            runner: SystemRunner(), environment: [:], cacheFolder: nil
        ).load(explicitPath: file, workingDirectory: folder.path).configuration
        #expect(configuration.images.map(\.name.description).contains("web"))
        #expect(configuration.images.first?.buildArgs == ["OK": "#"])
        #expect(configuration.images.first?.target == "no: #")
        #expect(draft.leftOut.contains("web/Dockerfile: no ARG can be called a.b"))
        #expect(draft.leftOut.contains("deploy/: kubectl does not render it"))
    }

    @Test func `a kustomization of a type that is not there is applied whole, with a warning`()
        async throws
    {
        let draft = try await draft([
            "Dockerfile": "", "config/default/kustomization.yaml": "resources: [../web, ../cert]\n",
            "config/web/kustomization.yaml": "resources: [web.yaml]\n",
            "config/web/web.yaml": Self.deployment("web", "controller"),
            "config/cert/kustomization.yaml": "resources: [cert.yaml]\n",
            "config/cert/cert.yaml":
                "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c}\n",
        ])
        #expect(draft.manifestPaths == ["config/default/"])
        #expect(
            draft.leftOut == [
                "Certificate.cert-manager.io is applied, and a new cluster has no such type:"
                    + " install it first"
            ])
    }

    @Test func `a reference that could mean two images means none, and is left to the user`()
        async throws
    {
        let draft = try await draft([
            "a/web/Dockerfile": "", "b/web/Dockerfile": "", "c/api/Dockerfile": "",
            "k8s/x.yaml": Self.deployment("x", "acme/shop-web") + "---\n"
                + Self.deployment("api", "acme/shop-api"),
        ])
        #expect(built(draft).map(\.name) == ["shop-api"])
    }

    @Test func `what a built image is built on is built, under the name of its Containerfile`()
        async throws
    {
        let draft = try await draft([
            "base/Dockerfile": "FROM debian\n", "web/Dockerfile": "FROM acme/base:1\n",
            "other/Dockerfile": "FROM debian\n",
            "compose.yaml": """
            services:
              common: {image: "acme/base:1", build: base}
              web: {build: web}
              other: {build: other}
            """, "k8s/web.yaml": Self.deployment("web", "web"),
        ])
        #expect(built(draft).map(\.name) == ["base", "web"])
        #expect(built(draft).map(\.matches) == [["acme/base"], []])
    }

    @Test func `skaffold's required images are build arguments`() async throws {
        let draft = try await draft([
            "svc/Dockerfile": "FROM debian\n",
            "web/Dockerfile": "ARG BASE\nFROM $BASE\n",
            "skaffold.yaml": """
            apiVersion: skaffold/v4beta6
            kind: Config
            build:
              artifacts:
              - {image: gcr.io/proj/svc, context: svc}
              - {image: web, context: web, requires: [{image: gcr.io/proj/svc, alias: BASE}]}
            """, "k8s/web.yaml": Self.deployment("web", "web"),
        ])
        let images = built(draft)
        #expect(images.map(\.name) == ["svc", "web"])
        #expect(images.map(\.matches) == [["gcr.io/proj/svc"], []])
        #expect(images.map(\.finding.buildArgs) == [[:], ["BASE": "gcr.io/proj/svc"]])
    }

    @Test func `what podman calls localhost NAME is the image that is built in the folder NAME`()
        async throws
    {
        let draft = try await draft([
            "base/Containerfile": "FROM debian\n",
            "web/Containerfile": "FROM localhost/base:1\n",
            "k8s/web.yaml": Self.deployment("web", "web"),
        ])
        #expect(built(draft).map(\.name).sorted() == ["base", "web"])
        #expect(built(draft).map(\.matches) == [[], []])
    }

    @Test func `what skaffold applies is not given up for files that use an image of a profile`()
        async throws
    {
        let draft = try await draft([
            "web/Dockerfile": "FROM debian\n", "tools/Dockerfile": "FROM debian\n",
            "skaffold.yaml": """
            apiVersion: skaffold/v4beta6
            kind: Config
            build: {artifacts: [{image: web, context: web}]}
            manifests: {rawYaml: ["k8s/app*.yaml"]}
            profiles: [{name: dev, build: {artifacts: [{image: tools, context: tools}]}}]
            """, "k8s/app.yaml": Self.deployment("web", "web"),
            "k8s/prod.yaml": Self.deployment("tools", "tools"),
        ])
        #expect(draft.manifestPaths == ["k8s/app.yaml"])
        #expect(built(draft).map(\.name) == ["web"])
    }

    @Test
    func `what compose takes from other files, folders and ranges of ports is left out aloud`()
        async throws
    {
        let draft = try await draft([
            "base/Dockerfile": "FROM debian\n", "web/Dockerfile": "FROM parent\n",
            "compose.yaml": """
            include: [more.yaml, "${DIR:-worker}/compose.yaml", {path: [a.yaml, b.yaml]}]
            services:
              common: {build: base}
              web:
                extends: {file: common.yml, service: x}
                build:
                  context: web
                  additional_contexts: {parent: "service:common", docs: ../docs}
                ports: ["9000-9001:9000-9001"]
            """, "k8s/web.yaml": Self.deployment("web", "web"),
            "worker/compose.yaml": "services: {}\n",
        ])
        #expect(!draft.leftOut.contains { $0.contains("worker/compose.yaml") })
        #expect(built(draft).map(\.name) == ["common", "web"])
        #expect(built(draft).map(\.matches) == [["parent"], []])
        for words in [
            "include: more.yaml is not read", "include: b.yaml is not read",
            "what it takes from common.yml is not read",
            "its additional context docs, ../docs, is not given to the build",
            "its ports 9000-9001:9000-9001 are a range",
        ] {
            #expect(draft.leftOut.contains { $0.hasSuffix(words) }, "\(words)")
        }
    }

    @Test func `well-known images of others are nobody's build`() async throws {
        let draft = try await draft([
            "src/Dockerfile": "",
            "k8s/x.yaml": Self.deployment("db", "bitnami/postgresql:16")
                + "---\n" + Self.deployment("app", "registry.acme.test/team/thing:1"),
        ])
        #expect(built(draft).map(\.matches) == [["registry.acme.test/team/thing"]])
    }

    @Test(arguments: [
        ("web", "web"), ("deploy/k8s/", "deploy/k8s/"), ("no", "\"no\""), ("1a", "\"1a\""),
        ("a b", "\"a b\""), ("a: \"#", "\"a: \\\"#\""), (".", "\".\""), ("@x", "\"@x\""),
    ]) func `text is quoted where YAML would read something else`(text: String, yaml: String) {
        #expect(YAMLText.scalar(text) == yaml)
    }

    @Test(arguments: [
        ("Web", "web"), ("My_App.v2", "my-app-v2"), ("--", "app"), ("日本", "app"), ("", "app"),
    ]) func `any folder's name becomes a name for an image`(text: String, name: String) {
        #expect(ConfigurationDraft.imageName(text) == name)
    }

    @Test func `a name of a hundred characters becomes one that a cluster can have`() {
        let name = ConfigurationDraft.clusterName(String(repeating: "long-", count: 20))
        #expect((try? ClusterName(name)) != nil)
    }
}
