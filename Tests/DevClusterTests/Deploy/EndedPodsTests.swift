import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Vocabulary

/// On the recorded pods, of which kubectl's annotation and our label were not kept.
struct EndedPodsTests {
    private let sample: SampleSession

    init() throws { sample = try SampleSession(["namespace": "deploy-rec"]) }

    private func live(_ name: String, applied image: String = "web:1", isOurs: Bool = true) throws
        -> JSONValue
    {
        let list = try JSONValue(parsing: Fixture.cluster("rollout-kinds"))
        var pod = try #require(
            list["items"]?.array?.first {
                $0["kind"]?.string == "Pod" && $0["metadata"]?["name"]?.string == name
            })
        let text = String(decoding: try manifest(name, image).encoded(), as: UTF8.self)
        pod["metadata"]?["annotations"] = [
            "kubectl.kubernetes.io/last-applied-configuration": .string(text)
        ]
        if isOurs {
            pod["metadata"]?["labels"] = ["devcluster.dev/project": "devcluster-demo"]
        }
        return pod
    }

    private func manifest(_ name: String, _ image: String = "web:1") -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": ["containers": [["name": "main", "image": .string(image)]]],
        ]
    }

    private func replace(_ object: JSONValue, _ live: JSONValue) async throws {
        try await EndedPods(session: sample.session, namespace: "deploy-rec").replace(
            [object], live: [live])
    }

    @Test(arguments: [("failed", "web:1"), ("failed", "web:2"), ("done", "web:2")])
    func `a pod that failed, or ended and shall run something else, is made anew`(
        name: String, image: String
    ) async throws {
        sample.runner.expectKubectl(
            ["delete", "pod", name, "--wait=true"], namespace: "deploy-rec")
        try await replace(manifest(name, image), live(name))
        let word = name == "failed" ? "failed" : "ended"
        #expect(sample.activity.notes == ["Pod/\(name) \(word) before, and runs anew"])
    }

    @Test(arguments: ["done", "ready", "crash"])
    func `one that ended well, or still runs, is left alone`(name: String) async throws {
        try await replace(manifest(name, name == "done" ? "web:1" : "web:2"), live(name))
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `one that others applied is not deleted`() async throws {
        let error = await #expect(throws: DevClusterError.self) {
            try await replace(manifest("done", "web:2"), live("done", isOurs: false))
        }
        #expect(error?.message.contains("was not applied by this project") == true)
        #expect(error?.hint?.contains("--namespace deploy-rec delete pod done") == true)
        #expect(sample.runner.calls.isEmpty)
    }
}
