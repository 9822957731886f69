import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import GettingStarted
@testable import Settings
@testable import Tools
@testable import Vocabulary

struct ManifestReaderTests {
    private let runner = ScriptedRunner()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(
        _ sources: Configuration.ManifestSource..., environment: [String: String] = [:]
    )
        async throws -> [JSONValue]
    {
        let configuration = try Configuration(
            document: ["apiVersion": "devcluster.dev/v1", "kind": "DevCluster"], folder: folder.path
        )
        return try await ManifestReader(runner: runner).objects(
            of: sources, configuration: configuration, environment: environment)
    }

    private var recorded: Outcome {
        get throws { .ok(try Fixture.text("kubectl-1.32.4-annotate-folder.txt")) }
    }

    @Test func `a folder is read with its subfolders, lists taken apart`() async throws {
        try folder.write("", to: "deploy/a.yaml")
        runner.expect("kubectl", ["annotate", "--local", "--recursive"], returning: try recorded)
        let objects = try await read(.path("deploy"))
        #expect(
            objects.map { ManifestObject($0).description }
                == ["Deployment/web", "ConfigMap/one", "Sample/big", "ConfigMap/sub"])
        #expect(runner.calls[0].arguments.contains(folder.file("deploy")))
    }

    @Test(arguments: [("--all", "v1"), ("Pod,Secret", "v1"), ("ConfigMap", "-v1"), ("", "v1")])
    func `an object of a type that cannot be one is refused`(kind: String, version: String)
        async throws
    {
        try folder.write("", to: "a.yaml")
        runner.expect(
            "kubectl",
            returning: .ok(
                #"{"apiVersion":"\#(version)","kind":"\#(kind)","metadata":{"name":"a"}}"# + "\n"))
        let error = await #expect(throws: DevClusterError.self) { try await read(.path("a.yaml")) }
        #expect(error?.message.contains("a.yaml holds an object whose") == true)
    }

    @Test func `the cluster and the user's kubeconfig are not asked`() async throws {
        try folder.write("", to: "a.yaml")
        runner.expect("kubectl", returning: try recorded)
        _ = try await read(.path("a.yaml"))
        #expect(runner.calls[0].environment["KUBECONFIG"] == "/dev/null")
        #expect(runner.calls[0].arguments.contains("--local"))
    }

    @Test func `empty annotations that reading adds are gone, real ones stay`() async throws {
        try folder.write("", to: "a.yaml")
        runner.expect("kubectl", returning: try recorded)
        let objects = try await read(.path("a.yaml"))
        #expect(objects[0]["metadata"] == ["name": "web"])
        #expect(objects[1]["metadata"]?["annotations"] == ["a": "b"])
    }

    @Test func `integers that a double cannot hold survive`() async throws {
        try folder.write("", to: "a.yaml")
        runner.expect("kubectl", returning: try recorded)
        let spec = try await read(.path("a.yaml"))[2]["spec"]
        #expect(spec?["seed"] == .integer(9_007_199_254_740_993))
    }

    @Test func `an unreadable file is shown in kubectl's words`() async throws {
        try folder.write("", to: "bad.yaml")
        runner.expect(
            "kubectl",
            returning: .failure(
                1,
                stderr: "error: error parsing /tmp/rec/manifest/bad.yaml: error converting YAML to"
                    + " JSON: yaml: line 3: did not find expected ',' or '}'\n",
                output: "{\"kind\":\"half\"}\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await read(.path("bad.yaml"))
        }
        #expect(error?.message == "\(folder.file("bad.yaml")) is not readable as manifests")
        #expect((error?.cause as? InvocationError)?.tail.contains("yaml: line 3") == true)
    }

    @Test func `a folder without manifests is shown in kubectl's words`() async throws {
        try folder.write("", to: "empty/README")
        runner.expect(
            "kubectl",
            returning: .failure(
                1,
                stderr: "error: error reading [/tmp/rec/manifest/empty]: recognized file extensions"
                    + " are [.json .yaml .yml]\n"))
        let error = await #expect(throws: DevClusterError.self) { try await read(.path("empty")) }
        #expect((error?.cause as? InvocationError)?.tail.contains(".yaml") == true)
    }

    @Test func `a path that is not there is an error before anything starts`() async {
        let error = await #expect(throws: DevClusterError.self) { try await read(.path("none")) }
        #expect(error?.message == "there are no manifests at none")
        #expect(error?.hint == "looked for \(folder.file("none"))")
        #expect(runner.calls.isEmpty)
    }

    @Test(arguments: ["kustomization.yaml", "kustomization.yml", "Kustomization"])
    func `a kustomization is rendered`(name: String) async throws {
        try folder.write("", to: "deploy/\(name)")
        let path = folder.file("deploy")
        runner.expect("kubectl", ["kustomize", path], returning: .ok("rendered"))
        runner.expect(
            "kubectl", ["annotate", "--local", "--filename", "-"], returning: try recorded)
        #expect(try await read(.path("deploy")).count == 4)
        #expect(runner.calls[1].inputText == "rendered")
    }

    @Test func `a kustomization that fails is shown in kubectl's words`() async throws {
        try folder.write("", to: "k/kustomization.yaml")
        // kubectl 1.32.4, shortened.
        runner.expect(
            "kubectl", ["kustomize"],
            returning: .failure(
                1,
                stderr:
                    "E1121 12:07:59.798318 13451 run.go:72] \"command failed\" err=\"accumulating"
                    + " resources: evalsymlink failure on 'absent.yaml'\"\n"))
        let error = await #expect(throws: DevClusterError.self) { try await read(.path("k")) }
        #expect(error?.message.contains("did not render its manifests") == true)
        #expect((error?.cause as? InvocationError)?.tail.contains("absent.yaml") == true)
    }

    @Test func `a program renders in the configuration's folder, with the images' names`()
        async throws
    {
        runner.expect("helm", ["template", "."], returning: .ok("rendered"))
        runner.expect("kubectl", returning: try recorded)
        let objects = try await read(
            .render(["helm", "template", "."]), environment: ["DEVCLUSTER_IMAGE_WEB": "x/web:1"])
        #expect(objects.count == 4)
        #expect(runner.calls[0].directory == folder.path)
        #expect(runner.calls[0].environment == ["DEVCLUSTER_IMAGE_WEB": "x/web:1"])
    }

    @Test func `a program that fails is an error with its last words`() async {
        runner.expect("./render", returning: .failure(3, stderr: "no chart\n", output: "kind: X"))
        let error = await #expect(throws: DevClusterError.self) {
            try await read(.render(["./render", "a b"]))
        }
        #expect(error?.message == "'./render a b' did not render its manifests")
        #expect((error?.cause as? InvocationError)?.tail == "no chart")
    }

    @Test func `a program that prints nothing is an error, not an empty deploy`() async {
        runner.expect("./render")
        runner.expect("kubectl")
        let error = await #expect(throws: DevClusterError.self) {
            try await read(.render(["./render"]))
        }
        #expect(error?.message == "'./render' printed no manifests")
    }

    @Test func `a program that prints something else is shown in kubectl's words`() async {
        runner.expect("./render", returning: .ok("hello\n"))
        runner.expect(
            "kubectl",
            returning: .failure(
                1,
                stderr: "error: unable to decode \"STDIN\": json: cannot unmarshal string into Go"
                    + " value of type unstructured.detector\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await read(.render(["./render"]))
        }
        #expect(error?.message == "'./render' is not readable as manifests")
    }

    @Test func `an empty file is no manifests`() async throws {
        try folder.write("", to: "empty.yaml")
        runner.expect("kubectl")
        #expect(try await read(.path("empty.yaml")).isEmpty)
    }

    @Test func `sources keep their order`() async throws {
        try folder.write("", to: "one.yaml")
        runner.expect("kubectl", returning: .ok("{\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n"))
        runner.expect("./render")
        runner.expect("kubectl", returning: .ok("{\"kind\":\"B\",\"metadata\":{\"name\":\"b\"}}\n"))
        let objects = try await read(.path("one.yaml"), .render(["./render"]))
        #expect(objects.map { ManifestObject($0).kind } == ["A", "B"])
    }

    @Test func `a file of two documents is not the one that is wanted`() async throws {
        runner.expect("kubectl", returning: try recorded)
        let error = await #expect(throws: DevClusterError.self) {
            try await ManifestReader(runner: runner).document(at: "/repo/kind.yaml")
        }
        #expect(error?.message == "/repo/kind.yaml holds 4 documents instead of one")
    }
}
