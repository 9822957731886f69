import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import DevCluster

struct ManifestApplierTests {
    private let sample: SampleSession
    private var applier: ManifestApplier {
        ManifestApplier(session: sample.session, namespace: "demo")
    }

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

    private func object(_ kind: String, _ name: String, namespace: String? = nil) -> JSONValue {
        var object: JSONValue = ["kind": .string(kind), "metadata": ["name": .string(name)]]
        if let namespace { object["metadata"]?["namespace"] = .string(namespace) }
        return object
    }

    /// Names of the objects that each apply was given.
    private var applied: [[String]] {
        get throws {
            try sample.runner.calls.filter { $0.arguments.contains("apply") }.map { call in
                let items = try JSONValue(parsing: call.inputText)["items"]?.array ?? []
                return items.map { ManifestObject($0).name }
            }
        }
    }

    @Test func `objects go out in one call, in our context and namespace`() async throws {
        sample.runner.expectKubectl(
            ["apply", "--filename", "-"],
            returning: .ok("configmap/a created\nconfigmap/b unchanged\n"))
        let lines = try await applier.apply([object("ConfigMap", "a"), object("ConfigMap", "b")])
        #expect(lines == ["configmap/a created", "configmap/b unchanged"])
        #expect(try applied == [["a", "b"]])
        let call = sample.runner.calls[0]
        #expect(call.arguments.contains("kind-devcluster-demo"))
        #expect(call.arguments.contains(sample.place.kubeconfig))
        #expect(call.effect == .changes)
    }

    @Test func `objects of other namespaces go in a call of their own`() async throws {
        sample.runner.expectKubectl(["apply"], returning: .ok("a\n"), namespace: "demo")
        sample.runner.expectKubectl(["apply"], returning: .ok("b\n"))
        let lines = try await applier.apply([
            object("ConfigMap", "far", namespace: "other"), object("ConfigMap", "near"),
            object("ConfigMap", "same", namespace: "demo"),
        ])
        #expect(lines == ["a", "b"])
        #expect(try applied == [["near", "same"], ["far"]])
        #expect(!sample.runner.calls[1].arguments.contains("--namespace"))
    }

    @Test func `nothing to apply starts nothing`() async throws {
        #expect(try await applier.apply([]).isEmpty)
    }

    @Test func `kubectl's warnings are reported, other lines are not`() async throws {
        sample.runner.expectKubectl(
            ["apply"],
            returning: .ok(
                "ingress.extensions/rec created\n",
                stderr:
                    "Warning: extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in"
                    + " v1.22+; use networking.k8s.io/v1 Ingress\nI1121 something else\n"))
        _ = try await applier.apply([object("Ingress", "rec")])
        #expect(
            sample.activity.warnings == [
                "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use"
                    + " networking.k8s.io/v1 Ingress"
            ])
    }

    @Test func `a refusal keeps kubectl's words, and says what was done`() async {
        sample.runner.expectKubectl(
            ["apply"],
            returning: .failure(
                1, stderr: "The Job \"good\" is invalid: spec.template: field is immutable\n",
                output: "configmap/rec created\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Job", "good")])
        }
        #expect(error?.message == "the cluster refused the manifests")
        #expect((error?.cause as? InvocationError)?.tail.contains("field is immutable") == true)
        #expect(error?.hint?.contains("was applied") == true)
    }

    @Test func `an apply that hangs is no refusal`() async {
        sample.runner.expect("kubectl", throwing: .timedOut)
        let error = await #expect(throws: InvocationError.self) {
            try await applier.apply([object("Job", "good")])
        }
        #expect(error?.reason == .timedOut)
    }

    /// The recorded Job as it is in the cluster, with the label of a project.
    private func liveJob(project: String?) throws -> JSONValue {
        var job = try JSONValue(parsing: Fixture.cluster("job"))
        if let project {
            job["metadata"]?["labels"] = ["devcluster.dev/project": .string(project)]
        }
        return job
    }

    /// The manifest that was applied for the recorded Job, with another image or the same.
    private func job(_ image: String?) throws -> JSONValue {
        let annotations = try liveJob(project: nil)["metadata"]?["annotations"]
        let key = "kubectl.kubernetes.io/last-applied-configuration"
        var manifest = try JSONValue(parsing: try #require(annotations?[key]?.string))
        manifest["metadata"]?["namespace"] = nil
        if let image {
            manifest["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"] = .string(image)
        }
        return manifest
    }

    @Test func `a Job whose template is the same is left alone`() async throws {
        try await applier.replaceJobs(
            [job(nil)], live: [liveJob(project: "devcluster-demo")])
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `a Job of ours with another template is deleted first`() async throws {
        sample.runner.expectKubectl(["delete", "job", "good", "--wait=true"], namespace: "demo")
        try await applier.replaceJobs(
            [job("localhost:5051/web:2")], live: [liveJob(project: "devcluster-demo")])
        #expect(sample.runner.calls[0].effect == .changes)
    }

    @Test(arguments: [nil, "somebody-else"])
    func `a Job of others is never deleted`(project: String?) async throws {
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.replaceJobs(
                [job("localhost:5051/web:2")], live: [liveJob(project: project)])
        }
        #expect(error?.message.hasPrefix("Job/good has another template") == true)
        #expect(error?.hint?.contains("delete job good") == true)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `a Job that is new, or in another namespace, needs no deletion`() async throws {
        try await applier.replaceJobs([job("x")], live: [])
        var far = try job("x")
        far["metadata"]?["namespace"] = "other"
        try await applier.replaceJobs([far], live: [liveJob(project: "devcluster-demo")])
        #expect(sample.runner.calls.isEmpty)
    }
}
