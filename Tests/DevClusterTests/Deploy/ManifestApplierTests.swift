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
        let lines = try await applier.apply([
            object("ConfigMap", "a"), object("ConfigMap", "b"),
        ]).lines
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
        ]).lines
        #expect(lines == ["a", "b"])
        #expect(try applied == [["near", "same"], ["far"]])
        #expect(!sample.runner.calls[1].arguments.contains("--namespace"))
    }

    @Test func `nothing to apply starts nothing`() async throws {
        #expect(try await applier.apply([]).lines.isEmpty)
    }

    private static let deprecation =
        "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use"
        + " networking.k8s.io/v1 Ingress"

    private func ingress(_ name: String) -> JSONValue {
        var ingress = object("Ingress", name)
        ingress["apiVersion"] = "extensions/v1beta1"
        return ingress
    }

    @Test func `a warning is told of every object it is about, though kubectl says it once`()
        async throws
    {
        sample.runner.expectKubectl(
            ["apply"],
            returning: .ok(
                "ingress.extensions/rec created\n",
                stderr: "Warning: \(Self.deprecation)\nI1121 something else\n"))
        let warnings = try await applier.apply([
            ingress("rec"), object("ConfigMap", "a"), ingress("other"),
        ]).warnings
        #expect(warnings.map(\.object) == ["Ingress/rec", "Ingress/other"])
        #expect(
            sample.activity.warnings == [
                "Ingress/rec: \(Self.deprecation)", "Ingress/other: \(Self.deprecation)",
            ])
    }

    @Test func `a warning that names nothing is asked for object by object, changing nothing`()
        async throws
    {
        // A guess at what an admission webhook says.
        let text = "Warning: the team label is missing\n"
        sample.runner.expectKubectl(["apply"], returning: .ok("x\n", stderr: text + text))
        sample.runner.expectKubectl(["replace", "--dry-run=server"], times: 3) { call in
            .ok("", stderr: call.inputText.contains(#""b""#) ? text + text : "")
        }
        let warnings = try await applier.apply([
            object("ConfigMap", "a"), object("ConfigMap", "b"), object("Secret", "c"),
        ]).warnings
        #expect(warnings.map(\.text) == ["ConfigMap/b: the team label is missing"])
        #expect(sample.runner.calls.count { $0.effect == .changes } == 1)
    }

    @Test func `a warning that no object gets again is told all the same`() async throws {
        sample.runner.expectKubectl(
            ["apply"], returning: .ok("x\n", stderr: "Warning: only once\n"))
        sample.runner.expectKubectl(["replace", "--dry-run=server"])
        let warnings = try await applier.apply([object("ConfigMap", "a")]).warnings
        #expect(warnings == [APIWarning(object: nil, message: "only once")])
        #expect(sample.activity.warnings == ["only once"])
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
