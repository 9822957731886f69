import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct ManifestApplierTests: ApplySuite {
    let sample: SampleSession
    let time = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

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

    @Test func `objects of several namespaces go in one call, each with its own`() async throws {
        sample.runner.expectKubectl(["apply"], returning: .ok("a\nb\n"))
        _ = try await applier.apply([
            object("ConfigMap", "near"), object("ConfigMap", "far", namespace: "other"),
            object("StorageClass", "disk", apiVersion: "storage.k8s.io/v1"),
        ])
        #expect(try applied == [["near", "far", "disk"]])
        let call = sample.runner.calls[0]
        #expect(!call.arguments.contains("--namespace"))
        let items = try JSONValue(parsing: call.inputText)["items"]?.array ?? []
        #expect(items.map { ManifestObject($0).namespace } == ["demo", "other", nil])
    }

    @Test func `nobody knows whether a kind of others has a namespace, so it keeps ours`()
        async throws
    {
        sample.runner.expectKubectl(["apply"], returning: .ok("a\n"), namespace: "demo")
        sample.runner.expectKubectl(["apply"], returning: .ok("b\n"))
        let lines = try await applier.apply([
            object("ConfigMap", "far", namespace: "other"),
            object("Backup", "near", apiVersion: "example.com/v1"),
            object("ConfigMap", "same", namespace: "demo"),
        ]).lines
        #expect(lines == ["a", "b"])
        #expect(try applied == [["near", "same"], ["far"]])
        #expect(!sample.runner.calls[1].arguments.contains("--namespace"))
    }

    @Test func `the values of a Secret are applied and never shown`() async throws {
        var secret = object("Secret", "s")
        secret["stringData"] = ["p": "hunter2-hunter2"]
        secret["data"] = ["q": .string(Data("other-value".utf8).base64EncodedString())]
        sample.runner.expectKubectl(
            ["apply", "--filename", "-"],
            returning: .ok("secret/s created\nconfigmap/c created\n"))
        _ = try await applier.apply([secret, object("ConfigMap", "c")])
        let call = try #require(sample.runner.calls.first)
        #expect(call.inputText.contains("hunter2-hunter2"))
        let shown = call.shellQuoted
        #expect(shown.contains("ConfigMap"))
        for value in ["hunter2", "other-value", "b3RoZXItdmFsdWU="] {
            #expect(!shown.contains(value))
        }
    }

    @Test func `fields that server-side apply had set go when the object gets small`() async throws
    {
        // kubectl 1.32.4, of an object that was applied on the server before.
        let warning =
            "Warning: resource configmaps/big is missing the"
            + " kubectl.kubernetes.io/last-applied-configuration annotation which is required by"
            + " kubectl apply. kubectl apply should only be used on resources created"
            + " declaratively by either kubectl create --save-config or kubectl apply. The missing"
            + " annotation will be patched automatically.\n"
        sample.runner.expectKubectl(
            ["apply", "--filename", "-"],
            returning: .ok("configmap/big configured\n", stderr: warning))
        sample.runner.expectKubectl(["apply", "--server-side", "--force-conflicts"])
        let applied = try await applier.apply([object("ConfigMap", "big"), object("Pod", "p")])
        #expect(applied.warnings.isEmpty)
        let last = try #require(sample.runner.calls.last)
        let items = try JSONValue(parsing: last.inputText)["items"]?.array ?? []
        #expect(items.map { ManifestObject($0).name } == ["big"])
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

    private func large(_ name: String) -> JSONValue {
        var large = object("ConfigMap", name)
        large["data"] = ["board": .string(String(repeating: "x", count: 300_000))]
        return large
    }

    @Test func `what is too large for kubectl's copy is applied by the server`() async throws {
        sample.runner.expectKubectl(["apply", "--server-side", "--filename"])
        sample.runner.expectKubectl(["apply", "--filename"])
        _ = try await applier.apply([object("ConfigMap", "a"), large("boards")])
        #expect(try applied == [["boards"], ["a"]])
    }

    @Test func `what kubectl writes longer than it is counts as it is written`() throws {
        var object = object("ConfigMap", "pages")
        object["data"] = ["page": .string(String(repeating: "<b>", count: 25_000))]
        #expect(try Kubectl.isTooLargeToApply(object))
        object["data"] = ["page": .string(String(repeating: "xbx", count: 25_000))]
        #expect(try !Kubectl.isTooLargeToApply(object))
    }

    @Test func `an object that grew beyond the limit is handed over to the server first`()
        async throws
    {
        // Recorded with the object of 430 kB.
        let words =
            "The ConfigMap \"boards\" is invalid: metadata.annotations: Too long: must have at"
            + " most 262144 bytes\n"
        var live = object("ConfigMap", "boards")
        live["metadata"]?["annotations"] = [
            "kubectl.kubernetes.io/last-applied-configuration": "{}"
        ]
        live["metadata"]?["managedFields"] = [
            ["manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": ["f": 1]],
            ["manager": "somebody", "operation": "Update"],
        ]
        sample.runner.expectKubectl(
            ["apply", "--server-side"], returning: .failure(1, stderr: words))
        sample.runner.expectKubectl(
            ["get", "configmaps", "boards"], returning: .ok(try live.encoded()))
        sample.runner.expectKubectl(["patch", "configmaps", "boards", "--type", "json"]) { call in
            let patch = try JSONValue(parsing: call.inputText)
            #expect(
                patch[0]?["value"] == [
                    ["manager": "kubectl", "operation": "Apply", "fieldsV1": ["f": 1]],
                    ["manager": "somebody", "operation": "Update"],
                ])
            return .ok()
        }
        sample.runner.expectKubectl(["apply", "--server-side"])
        _ = try await applier.apply([large("boards")])
    }

    @Test func `a field that somebody else set is taken over, and told whose it was`()
        async throws
    {
        sample.runner.expectKubectl(
            ["apply", "--server-side", "--filename"], returning: try recorded("conflict"))
        sample.runner.expectKubectl(["apply", "--server-side", "--force-conflicts"])
        _ = try await applier.apply([large("boards")])
        #expect(
            sample.activity.warnings == [
                "ConfigMap/boards: conflict with \"kubectl-edit\" using v1: .data.board.json; as"
                    + " with every apply, the manifest's value replaces it"
            ])
    }

    @Test func `an object without a name is created, and its name is known then`() async throws {
        var seed = object("Job", "x")
        seed["metadata"] = ["generateName": "seed-"]
        sample.runner.expectKubectl(["apply", "--filename"])
        sample.runner.expectKubectl(
            ["create", "--filename"], returning: .ok("job.batch/seed-blzj5 created\n"))
        let done = try await applier.apply([seed, object("ConfigMap", "a")])
        #expect(done.created.map { ManifestObject($0).description } == ["Job/seed-blzj5"])
        #expect(done.lines == ["job.batch/seed-blzj5 created"])
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
        #expect(
            error?.message.hasPrefix(
                "the cluster of context kind-devcluster-demo does not answer\n") == true)
        #expect(error?.message.contains("not known to be applied: ") == true)
        #expect(error?.hint == "devcluster up")
    }

    @Test func `an API that is lost in the middle tells what was applied, and shows no patch`()
        async throws
    {
        // kubectl 1.32.4, put together of two runs.
        let words = """
            error when applying patch:
            {"data":{"password":"c2VjcmV0"}}
            to:
            Resource: "/v1, Resource=secrets", GroupVersionKind: "/v1, Kind=Secret"
            Name: "s", Namespace: "demo"
            for: "STDIN": error when patching "STDIN": Patch "https://127.0.0.1:1/api": http2: client \
            connection lost
            Unable to connect to the server: dial tcp 127.0.0.1:1: connect: connection refused

            """
        sample.runner.expectKubectl(
            ["apply"], returning: .failure(1, stderr: words, output: "job.batch/good created\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await applier.apply([object("Job", "good"), object("Job", "late")])
        }
        #expect(
            error?.message == """
                the cluster of context kind-devcluster-demo does not answer
                  | applied: Job/good
                  | not known to be applied: Job/late
                """)
        let shown = (error?.cause as? InvocationError)?.tail ?? ""
        #expect(shown.contains("connection refused"))
        #expect(!shown.contains("c2VjcmV0"))
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
}
