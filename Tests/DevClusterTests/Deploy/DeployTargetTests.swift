import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Images
@testable import Tools
@testable import Vocabulary

struct DeployTargetTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }
    private var target: DeployTarget { DeployTarget(session: sample.session) }

    init() throws { sample = try SampleSession(["namespace": "demo"]) }

    /// kubectl lists all namespaces beside what is in ours: recorded with kubectl 1.32.4, where
    /// of each object only what stands here was kept.
    private func list(_ phase: String) -> String {
        """
        {"items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}, "status": {"phase":
        "Active"}}, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}, "status": {"phase":
        "\(phase)"}}, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hello"}}]}
        """
    }

    @Test func `namespace and workloads come from one read`() async throws {
        runner.expectKubectl(

            [
                "get",
                "namespaces,deployments.apps,statefulsets.apps,daemonsets.apps,jobs.batch,"
                    + "cronjobs.batch",
            ],
            returning: .ok(list("Active")), namespace: "demo")
        let state = try await target.read()
        #expect(state.phase == "Active")
        #expect(state.objects.map { ManifestObject($0).description } == ["Deployment/hello"])
    }

    @Test func `a namespace of another name is not ours`() async throws {
        runner.expectKubectl(
            ["get"], returning: .ok(list("Active").replacing("\"demo\"", with: "\"demo2\"")))
        #expect(try await target.read().phase == nil)
    }

    @Test func `a cluster that does not answer is an error that says what to do`() async {
        runner.expectKubectl(
            ["get"],
            returning: .failure(1, stderr: "The connection to the server was refused\n"))
        let error = await #expect(throws: DevClusterError.self) { try await target.read() }
        #expect(error?.message == "the cluster of context kind-devcluster-demo does not answer")
        #expect(error?.hint == "devcluster up")
        #expect((error?.cause as? InvocationError)?.tail.contains("refused") == true)
    }

    @Test func `a cluster that hangs is an error that says what to do`() async {
        runner.expect("kubectl", throwing: .timedOut)
        let error = await #expect(throws: DevClusterError.self) { try await target.read() }
        #expect(error?.code == .deadline)
        #expect(error?.hint == "devcluster up")
    }

    @Test func `an active namespace is left alone`() async throws {
        let state = DeployTarget.State(
            objects: [["apiVersion": .apiVersion(of: "Deployment"), "kind": "Deployment"]],
            phase: "Active")
        #expect(try await target.ensureNamespace(state).objects.count == 1)
        #expect(runner.calls.isEmpty)
    }

    @Test func `a missing namespace is made, with our labels`() async throws {
        runner.expectKubectl(["apply", "--filename", "-"])
        let state = try await target.ensureNamespace(DeployTarget.State(objects: [], phase: nil))
        #expect(state.phase == "Active")
        let object = try JSONValue(parsing: runner.calls[0].inputText)
        #expect(object["metadata"]?["name"]?.string == "demo")
        #expect(
            object["metadata"]?["labels"]?["devcluster.dev/project"]?.string == "devcluster-demo")
    }

    @Test func `a namespace that is being deleted is awaited, then made anew`() async throws {
        runner.expectKubectl(
            ["get", "namespace/demo"],
            returning: .ok(try Fixture.cluster("namespace-terminating")))
        runner.expectKubectl(["get", "namespace/demo", "--watch"])
        runner.expectKubectl(["get", "namespace/demo"])
        runner.expectKubectl(["apply"])
        let old = DeployTarget.State(
            objects: [["apiVersion": .apiVersion(of: "Deployment"), "kind": "Deployment"]],
            phase: "Terminating")
        let state = try await target.ensureNamespace(old)
        #expect(state.objects.isEmpty)
    }
}

/// What is read of custom resources and ConfigMaps, recorded with kubectl 1.32 and Kubernetes 1.20.
struct NamingObjectsTests {
    private let sample: SampleSession
    private let objects: [JSONValue] = [
        [
            "apiVersion": "e.com/v1", "kind": "Site", "metadata": ["name": "blog"],
            "spec": ["image": "web"],
        ],
        [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "m", "namespace": "far"],
            "data": ["API_IMAGE": "api"],
        ],
        ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "other"]],
    ]

    init() throws {
        sample = try SampleSession([
            "namespace": "demo", "images": [["name": "web"], ["name": "api"]],
        ])
    }

    private func read(beside built: Set<String>) async throws -> [JSONValue] {
        try await DeployTarget(session: sample.session).readNaming(
            imagesBeside: built, in: objects)
    }

    @Test func `nothing is read when everything is built`() async throws {
        #expect(try await read(beside: ["web", "api"]).isEmpty)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `only objects that name what is not built are read, each in its namespace`()
        async throws
    {
        sample.runner.expectKubectl(
            ["get", "--filename", "-", "--ignore-not-found", "--output", "json"],
            returning: .ok(#"{"kind":"Site","metadata":{"name":"blog"}}"#))
        #expect(try await read(beside: ["api"]).map { $0["kind"] } == ["Site"])
        guard case .bytes(let input)? = sample.runner.calls.last?.input else {
            Issue.record("nothing was given to kubectl")
            return
        }
        let asked = try JSONValue(parsing: input)["items"]?.array ?? []
        #expect(asked.map { $0["metadata"] } == [["name": "blog", "namespace": "demo"]])
    }

    @Test func `of a kind that the cluster does not know there is nothing`() async throws {
        sample.runner.expectKubectl(
            ["get", "--filename"],
            returning: .failure(
                1,
                stderr: "error: unable to recognize no matches for kind \"Site\" in version"
                    + " \"e.com/v1\"\n"))
        #expect(try await read(beside: []).isEmpty)
    }

    @Test func `any other failure is no answer`() async throws {
        sample.runner.expectKubectl(
            ["get", "--filename"],
            returning: .failure(1, stderr: "Error from server (Forbidden): no\n"))
        await #expect(throws: DevClusterError.self) { try await read(beside: []) }
    }
}

struct SetImagesTests {
    private let sample: SampleSession

    init() throws {
        sample = try SampleSession(["namespace": "demo", "images": [["name": "web"]]])
    }

    private func workload(_ kind: String, _ name: String, _ image: String) -> JSONValue {
        [
            "apiVersion": .apiVersion(of: kind), "kind": .string(kind),
            "metadata": ["name": .string(name)],
            "spec": [
                "template": ["spec": ["containers": [["name": "main", "image": .string(image)]]]]
            ],
        ]
    }

    private func set(_ live: [JSONValue]) async throws -> AppliedDeploy {
        let built = BuiltImage(
            name: "web", reference: "localhost:5051/web:dev-2", tag: "dev-2", imageID: "",
            digest: nil, buildSeconds: 0, pushSeconds: 0, isUnchanged: false)
        return try await SetImages(session: sample.session).run([built], live: live)
    }

    @Test func `every workload that uses the image gets it`() async throws {
        sample.runner.expectKubectl(
            ["set", "image", "deployments.apps/a", "main=localhost:5051/web:dev-2"],
            returning: .ok("deployment.apps/a image updated\n"), namespace: "demo")
        let result = try await set([
            workload("Deployment", "a", "localhost:5051/web:dev-1"),
            workload("Deployment", "b", "redis:7"), workload("Job", "c", "web"),
        ])
        #expect(result.lines == ["deployment.apps/a image updated"])
        #expect(result.workloads.map(\.description) == ["deployment/a"])
    }

    @Test func `an image in a variable is set together with those of containers`() async throws {
        var live = workload("Deployment", "a", "localhost:5051/web:dev-1")
        live["spec"]?["template"]?["spec"]?["containers"]?[0]?["env"] = [
            ["name": "MODE", "value": "web"],
            ["name": "WEB_IMAGE", "value": "localhost:5051/web:dev-1"],
        ]
        sample.runner.expectKubectl(
            ["patch", "deployments.apps/a", "--type", "json", "--patch"], namespace: "demo")
        _ = try await set([live])
        let patch = try JSONValue(parsing: sample.runner.calls.last?.arguments.last ?? "")
        let changed = (patch.array ?? []).filter { $0["op"] == "replace" }
        #expect(
            changed.map { $0["path"] } == [
                "/spec/template/spec/containers/0/env/1/value",
                "/spec/template/spec/containers/0/image",
            ])
        #expect(changed.allSatisfy { $0["value"] == "localhost:5051/web:dev-2" })
    }

    @Test func `a container whose name is an option of kubectl is refused`() async throws {
        var hostile = workload("Deployment", "a", "localhost:5051/web:dev-1")
        hostile["spec"]?["template"]?["spec"]?["containers"]?[0]?["name"] = "--all"
        await #expect(throws: DevClusterError.self) { try await set([hostile]) }
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `the API's warnings are told with their workload`() async throws {
        sample.runner.expectKubectl(
            ["set", "image"],
            returning: .ok(
                "deployment.apps/a image updated\n",
                stderr: "Warning: would violate PodSecurity\n"))
        let result = try await set([workload("Deployment", "a", "localhost:5051/web:dev-1")])
        #expect(result.warnings.map(\.object) == ["Deployment/a"])
        #expect(sample.activity.warnings == ["Deployment/a: would violate PodSecurity"])
    }

    @Test func `only what rolls out and can be changed is set`() {
        let kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service"]
        let settable = SetImages.settable(kinds.map { workload($0, "a", "web") })
        #expect(
            settable.map { ManifestObject($0).kind } == [
                "Deployment", "StatefulSet", "DaemonSet", "CronJob",
            ])
    }

    @Test func `a CronJob gets the image for its next job, suspended or not`() async throws {
        // Tried with kubectl 1.32.4 and Kubernetes 1.20.2.
        sample.runner.expectKubectl(
            ["set", "image", "cronjobs.batch/nightly", "main=localhost:5051/web:dev-2"],
            returning: .ok("cronjob.batch/nightly image updated\n"), namespace: "demo")
        let template = workload("Job", "x", "localhost:5051/web:dev-1")["spec"]?["template"]
        let result = try await set([
            [
                "apiVersion": "batch/v1", "kind": "CronJob", "metadata": ["name": "nightly"],
                "spec": [
                    "suspend": true, "jobTemplate": ["spec": ["template": template ?? .null]],
                ],
            ]
        ])
        #expect(result.workloads.map(\.description) == ["cronjob/nightly"])
    }
}
