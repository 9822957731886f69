import Foundation
import TestSupport
import Testing

@testable import DevCluster

struct ProjectScanTests {
    private let folder: TemporaryFolder
    private let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        spec:
          template:
            spec:
              containers:
              - image: "ghcr.io/acme/web:v1"  # comment
              - name: x
                image: busybox

        """

    init() throws { folder = try TemporaryFolder() }

    private func scan(_ files: [String: String]) throws -> ProjectScan {
        for (name, text) in files { try folder.write(text, to: name) }
        return ProjectScan(folder: folder.path)
    }

    private func draft(_ files: [String: String]) throws -> ConfigurationDraft {
        ConfigurationDraft(try scan(files), folder: "/home/me/My Shop")
    }

    @Test func `Containerfiles are found by every name that is usual`() throws {
        let names = [
            "Containerfile", "Dockerfile", "api/Dockerfile", "tool.Containerfile",
            "Dockerfile.worker",
        ]
        let others = [
            "Dockerfile.dockerignore", "node_modules/x/Dockerfile", ".hidden/Dockerfile",
            "target/Dockerfile", "Dockerfile.md.txt", "myDockerfile",
        ]
        let scan = try scan(Dictionary(uniqueKeysWithValues: (names + others).map { ($0, "") }))
        #expect(scan.containerfiles == names.sorted())
    }

    @Test func `images are named after their folder or file, in the grammar of repositories`()
        throws
    {
        let draft = try draft([
            "Containerfile": "", "Order_Service/Dockerfile": "", "x/Dockerfile.worker": "",
            "y/worker/Dockerfile": "",
        ])
        #expect(draft.name == "my-shop")
        #expect(draft.images.map(\.name) == ["my-shop", "order-service", "worker", "worker-2"])
        #expect(draft.images.map(\.context) == [".", "Order_Service", "x", "y/worker"])
        #expect(draft.images.map(\.containerfile) == [nil, nil, "x/Dockerfile.worker", nil])
    }

    @Test func `a manifest's reference to an image of this name means it`() throws {
        let draft = try draft(["web/Dockerfile": "", "k8s/web.yaml": deployment])
        #expect(draft.images.first?.matches == ["ghcr.io/acme/web"])
        #expect(draft.manifests == ["k8s/"])
    }

    @Test func `YAML of other tools is no manifest, and its folder is not applied whole`() throws {
        let draft = try draft([
            "k8s/web.yaml": deployment, "k8s/values.yaml": "a: 1",
            "kind.yaml": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
            "skaffold.yaml": "apiVersion: skaffold/v4beta1\nkind: Config\n",
            "compose.yaml": "services: {}", "app.yml": deployment,
        ])
        #expect(draft.manifests == ["app.yml", "k8s/web.yaml"])
    }

    @Test func `a chart is rendered, and what is in it is not applied`() throws {
        let draft = try draft([
            "deploy/chart/Chart.yaml": "apiVersion: v2\nname: x\n",
            "deploy/chart/templates/web.yaml": deployment,
        ])
        #expect(draft.manifests == [])
        #expect(draft.text.contains("- render: [helm, template, my-shop, deploy/chart/]"))
    }

    @Test func `of kustomizations, those that others take in are left out, and dev is preferred`()
        throws
    {
        let kustomization = "resources:\n- ../../base\n"
        let draft = try draft([
            "base/kustomization.yaml": "resources:\n- web.yaml\n", "base/web.yaml": deployment,
            "overlays/prod/kustomization.yaml": kustomization,
            "overlays/dev/kustomization.yaml": kustomization,
        ])
        #expect(draft.manifests == ["overlays/dev/"])
        #expect(draft.text.contains("    # - overlays/prod/"))
    }

    @Test func `an empty project gives a file that says what is missing`() throws {
        let text = try draft([:]).text
        #expect(text.contains("images: []"))
        #expect(text.contains("manifests: []"))
        #expect(text.contains("init --containerfile"))
    }

    @Test(arguments: [
        ("web", "web"), ("deploy/k8s/", "deploy/k8s/"), ("no", "\"no\""), ("1a", "\"1a\""),
        ("a b", "\"a b\""), ("a: \"#", "\"a: \\\"#\""), (".", "\".\""), ("@x", "\"@x\""),
    ]) func `text is quoted where YAML would read something else`(text: String, yaml: String) {
        #expect(ConfigurationDraft.yaml(text) == yaml)
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
