import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct WorkloadRestartTests {
    private let sample: SampleSession

    init() throws {
        sample = try SampleSession(["namespace": "rec-a", "timeouts": ["rollout": "2s"]])
        try sample.remember()
    }

    private func restart(_ workloads: String...) async throws -> RestartReport {
        try await WorkloadRestart(session: sample.session).run(
            workloads.map { try WorkloadReference($0) })
    }

    @Test func `a workload that is not there ends it before anything changes`() async throws {
        sample.runner.expectKubectl(
            ["get"], returning: .ok(try Fixture.cluster("rollout-settled")))
        let error = await #expect(throws: DevClusterError.self) {
            try await restart("deployment/fine", "deployment/none")
        }
        #expect(error?.message == "there is no deployment/none in namespace rec-a")
        #expect(!sample.runner.kubectlCalls.contains { $0.hasPrefix("rollout") })
    }

    @Test func `a Job cannot be restarted`() async throws {
        let error = await #expect(throws: DevClusterError.self) { try await restart("job/good") }
        #expect(error?.code == .usage)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `pods that stay the old ones are no restart`() async throws {
        sample.runner.expectKubectl(
            ["get"], returning: .ok(try Fixture.cluster("rollout-settled")), times: nil)
        sample.runner.expectKubectl(["rollout", "restart", "deployments.apps/fine"])
        let error = await #expect(throws: DevClusterError.self) {
            try await restart("deployment/fine")
        }
        #expect(error?.code == .deadline)
        #expect(
            error?.message.hasPrefix("after 2s these pods are old, or not ready: fine-") == true)
    }

    @Test func `new pods are proven and named`() async throws {
        let text = try Fixture.cluster("rollout-settled")
        sample.runner.expectKubectl(["get"], returning: .ok(try withEndingPods(text)))
        sample.runner.expectKubectl(["rollout", "restart", "deployments.apps/fine"])
        let objects = try Fixture.rollout("settled")
        let owner = try #require(objects.workload(try WorkloadReference("deployment/fine")))
        let pod = try #require(objects.pods(of: owner).first)
        let uid = try #require(pod.metadata.uid)
        sample.runner.expectKubectl(
            ["get"], returning: .ok(text.replacing(uid, with: "another")), times: nil)
        sample.runner.expectCurl("head-200", times: nil)
        let report = try await restart("deployment/fine")
        #expect(
            report.workloads.map(\.replaced) == [[pod.metadata.name]],
            "what was ending anyway is not replaced by this")
        #expect(report.workloads.map(\.state) == ["1/1"])
        #expect(report.verification != nil)
    }

    /// The objects with a second pod beside each, which is ending.
    private func withEndingPods(_ text: String) throws -> String {
        var list = try JSONValue(parsing: Data(text.utf8))
        let items = list["items"]?.array ?? []
        let ending = items.filter { $0["kind"]?.string == "Pod" }.map { pod in
            var pod = pod
            let name = pod["metadata"]?["name"]?.string ?? ""
            pod["metadata"]?["name"] = .string("ending-\(name)")
            pod["metadata"]?["uid"] = .string("ending-\(name)")
            pod["metadata"]?["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            return pod
        }
        list["items"] = .array(items + ending)
        return String(decoding: try list.encoded(), as: UTF8.self)
    }

    @Test func `a database that only one pod may have open is stopped before it starts`()
        async throws
    {
        let text = try Fixture.cluster("locks-blocked")
        let all = try JSONValue(parsing: Data(text.utf8))["items"]?.array ?? []
        let withoutPods: JSONValue = ["items": .array(all.filter { $0["kind"]?.string != "Pod" })]
        sample.runner.expectKubectl(["get"], returning: .ok(text), times: 2)
        sample.runner.expectKubectl(["patch"], times: 2)
        sample.runner.expectKubectl(
            ["get"], returning: .ok(String(decoding: try withoutPods.encoded(), as: UTF8.self)),
            times: nil)
        sample.runner.expectKubectl(["logs"], times: nil)
        // The recorded rollout never ends.
        await #expect(throws: DevClusterError.self) { try await restart("deployment/mongodb") }
        let changes = sample.runner.kubectlCalls.filter {
            $0.hasPrefix("patch") || $0.hasPrefix("rollout")
        }
        #expect(changes.map { $0.contains(#""replicas":0"#) } == [true, false])
        #expect(changes.allSatisfy { $0.hasPrefix("patch deployments.apps/mongodb ") })
    }

    @Test func `an eviction that a budget refuses is waited for, of either API version`()
        async throws
    {
        let kubectl = sample.session.kubectl
        sample.runner.expectKubectl(
            ["create", "--raw", "/api/v1/namespaces/rec-a/pods/db-1/eviction"],
            returning: .failure(
                1,
                stderr:
                    "Error from server (BadRequest): Eviction in version \"v1\" cannot be handled"
                    + " as a Eviction: no kind \"Eviction\" is registered for version \"policy/v1\" in"
                    + " scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\"\n"))
        sample.runner.expectKubectl(
            ["create", "--raw"],
            returning: .failure(
                1,
                stderr: "Error from server (TooManyRequests): Cannot evict pod as it would violate"
                    + " the pod's disruption budget.\n"))
        #expect(
            try await kubectl.evict("db-1", namespace: "rec-a")
                == "Cannot evict pod as it would violate the pod's disruption budget.")
        #expect(sample.runner.calls.last?.inputText.contains("policy/v1beta1") == true)
        sample.runner.expectKubectl(["create", "--raw"])
        #expect(try await kubectl.evict("db-1", namespace: "rec-a") == nil)
    }
}
