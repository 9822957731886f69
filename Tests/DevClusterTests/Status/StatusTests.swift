import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

struct ComponentCountTests {
    private func components(_ recording: String, annotation: String? = nil) throws
        -> [ComponentStatus]
    {
        ComponentCount(
            objects: try Fixture.rollout(recording), annotation: annotation
        ).components()
    }

    @Test func `a template that names another image is counted as stale`() throws {
        let objects = try Fixture.rollout("cronjob-running")
        let template = try #require(VerificationSubject.templates(in: objects).first)
        let components = ComponentCount(objects: objects, annotation: nil).components([
            JudgedContainer(template.container, .stale, nil)
        ])
        #expect(components.first { $0.name == "cronjob/cj" }?.stale == 1)
    }

    @Test func `each workload is counted with its pods`() throws {
        let found = try components("settled")
        let fine = try #require(found.first { $0.name == "deployment/fine" })
        #expect(fine.desired == 1)
        #expect(fine.ready == 1)
        #expect(fine.problems.isEmpty)
        #expect(!found.contains { $0.name.hasPrefix("replicaset/") })
        #expect(!found.contains { $0.name.hasPrefix("pod/fine") })
    }

    @Test func `what does not come up says why`() throws {
        let found = try components("diagnoses")
        let missing = try #require(found.first { $0.name == "deployment/d-noconfigmap" })
        #expect(BoundedInteger(missing.ready) < missing.desired)
        #expect(missing.problems.first?.contains(#"configmap "absent" not found"#) == true)
    }

    @Test func `workloads with the same annotation are one component`() throws {
        var objects = try Fixture.rollout("settled")
        let each = try components("settled")
        for index in objects.workloads.indices where objects.workloads[index].kind != "ReplicaSet" {
            objects.workloads[index].metadata.annotations = ["example.com/part": "shop"]
        }
        let found = ComponentCount(objects: objects, annotation: "example.com/part").components()
        let shop = try #require(found.first { $0.name == "shop" })
        let workloads = each.filter { !$0.name.hasPrefix("pod/") }
        #expect(workloads.count > 1)
        #expect(shop.desired == workloads.map(\.desired).sum())
        #expect(shop.ready == workloads.reduce(0) { $0 + $1.ready })
    }

    @Test func `a pod that nothing owns is counted by itself`() throws {
        var objects = try Fixture.rollout("settled")
        objects.workloads = []
        let found = ComponentCount(objects: objects, annotation: nil).components()
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { $0.name.hasPrefix("pod/") && $0.desired == 1 })
    }
}

struct ComponentPlaceTests {
    @Test func `what is in another namespace is named with it, and counted by itself`() throws {
        var objects = try Fixture.rollout("kinds")
        objects.add(try Fixture.rollout("elsewhere"))
        let found = ComponentCount(objects: objects, annotation: nil, home: "deploy-rec")
            .components()
        let ready = found.filter { $0.name.contains("/ready") }
        #expect(
            ready.map(\.name) == ["deployment/ready (namespace deploy-rec2)", "pod/ready"])
        #expect(ready.allSatisfy { $0.ready == 1 && $0.desired == 1 && $0.problems.isEmpty })
    }

    @Test func `a job that just runs is nothing wrong`() throws {
        let found = ComponentCount(
            objects: try Fixture.rollout("cronjob-running"), annotation: nil, home: "rec-hand"
        ).components()
        let job = try #require(found.first { $0.name.hasPrefix("job/cj-") })
        #expect(job.ready == 1 && job.problems.isEmpty)
    }

    @Test func `every kind that was applied is there, and a pod that failed says why`() throws {
        let found = ComponentCount(
            objects: try Fixture.rollout("kinds"), annotation: nil, home: "deploy-rec"
        ).components()
        #expect(
            found.map(\.name) == [
                "cronjob/nightly", "cronjob/often", "deployment/none", "pod/crash", "pod/failed",
                "pod/ready", "replicaset/bare", "replicationcontroller/old",
            ])
        let failed = try #require(found.first { $0.name == "pod/failed" })
        #expect(failed.problems == ["pod/failed, container main: Error: it ended with exit code 4"])
    }
}

struct ClusterStatusTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession(["cluster": ["workers": 1]])
        engine.install(sample.runner)
    }

    private func status() async throws -> StatusReport {
        try await ClusterStatus(session: sample.session).run()
    }

    @Test func `without a cluster there is nothing to show`() async throws {
        let error = await #expect(throws: DevClusterError.self) { try await status() }
        #expect(error?.message.contains("there is no cluster") == true)
        #expect(error?.hint == "devcluster up; or name a configuration with --config")
    }

    @Test func `an API that is silent leaves what engine and registry say`() async throws {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        let refused = "The connection to the server 127.0.0.1:43317 was refused\n"
        runner.expect(
            where: { $0.tool == "kubectl" }, named: "kubectl", times: nil
        ) { _ in .failure(1, stderr: refused) }
        runner.expectCurl("refused", times: nil)
        let report = try await status()
        #expect(report.exitCode == 2)
        #expect(report.nodes.map(\.state) == ["unknown", "exited"])
        #expect(
            report.problems.first?.hasPrefix(
                "the cluster of context kind-devcluster-demo does not answer; ") == true)
        #expect(
            report.problems.contains { $0.hasPrefix("the registry does not answer: ") })
        #expect(report.problems.contains("node devcluster-demo-worker is exited"))
        #expect(report.storage == nil)
    }

    @Test func `an answer that is too large is not called a silent API`() async throws {
        try sample.remember()
        runner.expect(
            where: { $0.tool == "kubectl" }, named: "kubectl", times: nil
        ) { throw InvocationError(.outputLimitExceeded, $0) }
        runner.expectCurl("refused", times: nil)
        let report = try await status()
        #expect(
            report.problems.first
                == "too many objects to be looked at: kubectl was ended after printing more than"
                + " 64 MiB")
        #expect(report.nodes.map(\.state) == ["unknown", "unknown"])
        #expect(!report.problems.contains { $0.hasPrefix("node ") })
    }
}
