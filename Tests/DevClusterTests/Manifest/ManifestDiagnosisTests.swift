import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Settings
@testable import Tools
@testable import Vocabulary

/// kubectl reads the files, so only where it is installed can this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct `What is no manifest` {
    private let folder: TemporaryFolder
    private let web = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(web, to: "k8s/web.yaml")
    }

    private func read(_ sources: [String], spec: [String: JSONValue] = [:]) async throws
        -> [JSONValue]
    {
        var spec = spec
        spec["manifests"] = .array(sources.map { .string($0) })
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster", "spec": .object(spec),
            ], folder: folder.path)
        return try await ManifestReader(runner: SystemRunner()).distinctObjects(
            of: configuration.manifests, configuration: configuration, environment: [:])
    }

    private func refusal(_ source: String, spec: [String: JSONValue] = [:]) async throws
        -> DevClusterError
    {
        let error = await #expect(throws: DevClusterError.self) {
            try await read([source], spec: spec)
        }
        return try #require(error)
    }

    @Test(arguments: [
        ("values.yaml", "replicas: 2\n", "values for a Helm chart"),
        ("compose.yaml", "services: {web: {image: web}}\n", "a Compose file"),
        (
            "kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n",
            "a configuration of kind"
        ),
        (
            "catalog.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\n",
            "a catalogue of Backstage"
        ),
        ("config.yaml", "apiVersion: v1\nkind: Config\nclusters: []\n", "a kubeconfig"),
        (
            "skaffold.yaml", "apiVersion: skaffold/v4beta6\nkind: Config\n",
            "a configuration of Skaffold"
        ),
        ("ci.yml", "a: {b: c}\n", "a document without apiVersion and kind"),
        ("half.yaml", "apiVersion: v1\nmetadata: {name: x}\n", "an object without a kind"),
        ("list.yaml", "- a\n", "a list"),
    ])
    func `is named, with the files that are manifests`(name: String, text: String, what: String)
        async throws
    {
        try folder.write(text, to: "k8s/\(name)")
        let error = try await refusal("k8s/")
        #expect(error.code == .usage)
        #expect(error.message == "k8s/\(name) is no manifest but \(what)")
        #expect(
            error.hint == "in devcluster.yaml, in place of k8s/: manifests: [k8s/web.yaml]")
        #expect(try await read(["k8s/web.yaml"]).count == 1)
    }

    @Test func `is all named at once`() async throws {
        try folder.write("a: 1\n", to: "k8s/a.yaml")
        try folder.write("- b\n", to: "k8s/b.yaml")
        let error = try await refusal("k8s/*.yaml")
        #expect(
            error.message == """
                2 files of k8s/*.yaml are no manifests
                  k8s/a.yaml is no manifest but a document without apiVersion and kind
                  k8s/b.yaml is no manifest but a list
                """)
    }

    @Test func `does not show what may be secret in it`() async throws {
        try folder.write("password: hunter2\n", to: "k8s/values.yaml")
        let error = try await refusal("k8s/")
        #expect(error.cause == nil && !error.description.contains("hunter2"))
    }

    @Test(arguments: ["chart", "chart/templates/", "chart/templates/web.yaml", "."])
    func `a chart is to be rendered by Helm`(source: String) async throws {
        try FileManager.default.removeItem(atPath: folder.file("k8s"))
        try folder.write("apiVersion: v2\nname: web\nversion: 0.1.0\n", to: "chart/Chart.yaml")
        try folder.write("image: web\n", to: "chart/values.yaml")
        try folder.write(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n",
            to: "chart/templates/web.yaml")
        let error = try await refusal(source)
        #expect(error.message.contains("Helm chart"))
        #expect(
            error.hint
                == "in devcluster.yaml, in place of \(source): manifests: [{helm: {chart: chart}}]")
    }

    @Test func `a template of somebody else needs its program`() async throws {
        try folder.write("kind: Service\nmetadata:\n  name: {{ .Name }}\n", to: "k8s/web.yaml")
        let error = try await refusal("k8s/")
        #expect(
            error.message
                == "k8s/web.yaml is no manifest but a template: \"name: {{ .Name }}\" has to be filled in"
        )
        #expect(error.hint?.contains("render: [PROGRAM, ARGUMENT]") == true)
    }

    @Test func `a kustomization is named by its folder`() async throws {
        try folder.write("resources: [../../k8s/web.yaml]\n", to: "deploy/dev/kustomization.yaml")
        let error = try await refusal("deploy/**/*.yaml")
        #expect(error.message.hasSuffix("is no manifest but a kustomization"))
        #expect(error.hint?.hasSuffix("manifests: [deploy/dev/]") == true)
    }

    @Test func `broken YAML is shown in kubectl's words as before`() async throws {
        try folder.write("kind: [\n", to: "k8s/web.yaml")
        let error = try await refusal("k8s/")
        #expect(error.message == "\(folder.file("k8s")) is not readable as manifests")
        #expect(error.cause != nil)
    }

    @Test func `a name with a comma is one name`() async throws {
        try folder.write(web, to: "k8s/web.yaml,v1.yaml")
        #expect(try await read(["k8s/web.yaml,v1.yaml"]).count == 1)
    }
}
