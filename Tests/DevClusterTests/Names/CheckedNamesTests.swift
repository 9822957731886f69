import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// Names that other programs print, which become arguments: none may be anything else there.
struct CheckedNamesTests {
    static let hostile = [
        "--all", "-A", "", ".", "..", "web/../other", "a b", "a\nb", "$(id)", "web;ls", "pod%2F",
        "\u{1B}[2J", "é",
    ]

    private func pods(_ name: String, namespace: String = "rec-a", container: String = "web")
        throws -> KubernetesList<KubernetesPod>
    {
        let pod: JSONValue = [
            "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": .string(namespace), "uid": "1"],
            "spec": ["containers": [["name": .string(container), "image": "web:1"]]],
        ]
        return try KubernetesList<KubernetesPod>(
            parsing: try (["items": [pod]] as JSONValue).encoded())
    }

    @Test(arguments: hostile) func `an object with such a name is refused`(name: String) {
        #expect(throws: DecodingError.self) { try pods(name) }
    }

    @Test(arguments: hostile) func `so is a container`(name: String) {
        #expect(throws: DecodingError.self) { try pods("web", container: name) }
    }

    @Test(arguments: hostile) func `so is a namespace`(name: String) {
        #expect(throws: DecodingError.self) { try pods("web", namespace: name) }
    }

    @Test(arguments: ["web-7f955b76dd-5qfb8", "v1.", "v1.apps", "system:node-proxier", "web.17af"])
    func `names as Kubernetes makes them are read`(name: String) throws {
        #expect(try pods(name).items.map(\.metadata.name) == [name])
    }

    @Test(arguments: ["--all", "-A", "", "..", "a/b", "a%b", "a\nb"])
    func `what is to be gone is not called so either`(name: String) throws {
        let object: JSONValue = [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(name), "uid": "1"],
        ]
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(RemainingObject.self, from: try object.encoded())
        }
    }

    @Test(arguments: [("--all", "v1"), ("Pod,Secret", "v1"), ("Pod", "--all"), ("Pod", "a/b/c")])
    func `nor of such a type`(kind: String, apiVersion: String) throws {
        let object: JSONValue = [
            "apiVersion": .string(apiVersion), "kind": .string(kind),
            "metadata": ["name": "a", "uid": "1"],
        ]
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(RemainingObject.self, from: try object.encoded())
        }
    }

    @Test(arguments: hostile) func `a forward's kubectl is given no such pod`(name: String) throws {
        let line = try #require(try SampleCluster.lines("list").first { $0.hasPrefix("|Pod|") })
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        #expect(KubectlWatch.item(line) != nil)
        let bad = line.replacing("|\(fields[3])|", with: "|\(name)|", maxReplacements: 1)
        #expect(KubectlWatch.item(bad) == nil)
    }

    @Test(arguments: ["--all", "a b", "../x", ""])
    func `an engine's container is called so by no engine`(name: String) async throws {
        let runner = ScriptedRunner()
        runner.expect("podman", ["ps"], returning: .ok("\(name)x\n--all\n"))
        await #expect(throws: DevClusterError.self) {
            try await Engine(.podman, runner: runner).nodes(ofCluster: "demo")
        }
        let text = try Fixture.text("podman-4.3.1-inspect-running.json")
        let found = try JSONDecoder().decode([Container].self, from: Data(text.utf8))
        let hostile = text.replacing("\"\(try #require(found.first).name)\"", with: "\"\(name)\"")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Container].self, from: Data(hostile.utf8))
        }
    }

    /// The recorded pods, and the name of one of them.
    private func recordedPods() throws -> (text: String, name: String) {
        let items = try JSONValue(parsing: Fixture.cluster("rollout-settled"))["items"]?.array
        let pods = (items ?? []).filter { $0["kind"]?.string == "Pod" }
        let name = try #require(pods.first?["metadata"]?["name"]?.string)
        let list = try (["items": .array(pods)] as JSONValue).encoded()
        return (String(decoding: list, as: UTF8.self), name)
    }

    /// The attack that this is about: `kubectl delete pod --all`.
    @Test func `a pod named --all lets nothing be deleted`() async throws {
        let sample = try SampleSession(["namespace": "rec-a"])
        try sample.remember()
        let (text, name) = try recordedPods()
        sample.runner.expectKubectl(
            ["get"], returning: .ok(text.replacing("\"\(name)\"", with: "\"--all\"")), times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await PodReplacement(session: sample.session, namespace: "rec-a")
                .run(["--all"], of: "node/worker")
        }
        #expect(error?.message == "kubectl printed something that is not the expected list")
        #expect(sample.runner.kubectlCalls.allSatisfy { $0.hasPrefix("get") })
    }

    @Test func `a pod is deleted by type and name`() async throws {
        let dry = try SampleSession(["namespace": "rec-a"], isDryRun: true)
        let (text, name) = try recordedPods()
        dry.runner.expectKubectl(["get"], returning: .ok(text))
        dry.runner.expectKubectl(["delete", "pod/\(name)", "--wait=false"])
        try await PodReplacement(session: dry.session, namespace: "rec-a")
            .run([name], of: "node/worker")
    }
}
