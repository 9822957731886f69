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
                1,
                stderr: "The Deployment \"web\" is invalid: spec.template.metadata.labels: Invalid"
                    + " value: map[string]string{\"app\":\"y\"}: `selector` does not match template"
                    + " `labels`\n",
                output: "configmap/rec created\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Job", "good")])
        }
        #expect(error?.message == "the cluster refused the manifests")
        #expect((error?.cause as? InvocationError)?.tail.contains("does not match") == true)
        #expect(error?.hint?.contains("was applied") == true)
    }

    @Test func `what cannot be changed is named, with the command that makes room`() async {
        // A guess at two objects; the line itself is recorded with kubectl 1.32.4.
        let line =
            #"spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string"#
            + #"{"app":"other"}}: field is immutable"#
        sample.runner.expectKubectl(
            ["apply"],
            returning: .failure(
                1,
                stderr: "The Deployment \"web\" is invalid: \(line)\n"
                    + "The DaemonSet \"agent\" is invalid: \(line)\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Deployment", "web"), object("DaemonSet", "agent")])
        }
        #expect(error?.message.contains("Deployment/web, DaemonSet/agent") == true)
        #expect(
            error?.hint?.contains("--namespace demo delete Deployment/web DaemonSet/agent") == true)
    }

    @Test(arguments: [
        "The connection to the server 127.0.0.1:43317 was refused - did you specify the right"
            + " host or port?",
        "error: error validating \"STDIN\": error validating data: Get"
            + " \"https://127.0.0.1:39895/openapi/v2?timeout=32s\": dial tcp 127.0.0.1:39895:"
            + " connect: connection refused; if you choose to ignore these errors, turn validation"
            + " off with --validate=false",
        "Unable to connect to the server: context deadline exceeded",
    ]) func `a cluster that does not answer refuses nothing`(words: String) async {
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: words + "\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Job", "good")])
        }
        #expect(error?.message == "the cluster of context kind-devcluster-demo does not answer")
        #expect(error?.hint == "devcluster up")
    }

    @Test func `a namespace that somebody deletes meanwhile is no fault of the manifests`() async {
        let words =
            "Error from server (Forbidden): error when creating \"STDIN\": deployments.apps \"web\""
            + " is forbidden: unable to create new content in namespace r-gone because it is being"
            + " terminated"
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: words + "\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Deployment", "web")])
        }
        #expect(error?.message == "a namespace that the manifests go to is being deleted")
        #expect(error?.hint?.contains("deploy again") == true)
    }

    @Test func `a webhook that cannot be reached is an answer`() async {
        let words =
            "Error from server (InternalError): error when creating \"STDIN\": Internal error"
            + " occurred: failed calling webhook \"guard.example.com\": Post"
            + " \"https://absent.default.svc:443/?timeout=2s\": dial tcp 10.96.0.1:443: connect:"
            + " connection refused"
        sample.runner.expectKubectl(["apply"], returning: .failure(1, stderr: words + "\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Job", "good")])
        }
        #expect(error?.message == "the cluster refused the manifests")
    }

    @Test func `an apply that hangs is no refusal`() async {
        sample.runner.expect("kubectl", throwing: .timedOut)
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Job", "good")])
        }
        #expect(error?.code == .deadline)
        #expect(error?.hint == "devcluster up")
    }

    @Test func `a warning whose object is not found out in time is told without it`() async throws {
        sample.runner.expectKubectl(
            ["apply"], returning: .ok("x\n", stderr: "Warning: only once\n"))
        sample.runner.expect("kubectl", throwing: .timedOut)
        _ = try await applier.apply([object("ConfigMap", "a")])
        #expect(sample.activity.warnings == ["only once"])
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

    /// The recorded Job as it is after its last try.
    private func failedJob(project: String?) throws -> JSONValue {
        var job = try liveJob(project: project)
        job["status"] = ["conditions": [["type": "Failed", "status": "True"]]]
        return job
    }

    @Test func `a Job of ours that failed runs anew`() async throws {
        sample.runner.expectKubectl(["delete", "job", "good", "--wait=true"], namespace: "demo")
        try await applier.replaceJobs([job(nil)], live: [failedJob(project: "devcluster-demo")])
        #expect(sample.activity.notes == ["Job/good failed before, and runs anew"])
    }

    @Test func `a failed Job of others stays as it is`() async throws {
        try await applier.replaceJobs([job(nil)], live: [failedJob(project: nil)])
        #expect(sample.runner.calls.isEmpty)
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
