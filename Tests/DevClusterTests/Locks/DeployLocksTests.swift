import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct DeployLocksTests {
    private func sample(locks: JSONValue = []) throws -> SampleSession {
        let sample = try SampleSession(["namespace": "rec-db", "locks": locks])
        try sample.remember()
        return sample
    }

    private func live(_ changes: [String: String] = [:]) throws -> JSONValue {
        let text = try Fixture.cluster("locks-blocked").replacing(changes)
        let items = try JSONValue(parsing: Data(text.utf8))["items"]?.array ?? []
        return try #require(items.first { $0["kind"]?.string == "Deployment" })
    }

    /// The manifest in which the round is this.
    private func planned(round: String, replicas: Int64? = nil) throws -> JSONValue {
        var object = try live()
        object["status"] = nil
        object["spec"]?["template"]?["metadata"]?["annotations"] = ["round": .string(round)]
        object["spec"]?["replicas"] = replicas.map { .integer($0) }
        return object
    }

    private func around(
        _ sample: SampleSession, _ planned: JSONValue, live: JSONValue,
        failing: Bool = false, areComplete: Bool = true
    ) async throws -> AppliedDeploy {
        try await DeployLocks(session: sample.session, namespace: "rec-db").around(
            [planned], live: [live], areComplete: areComplete
        ) {
            _ = try await sample.session.kubectl.run(["apply"], effect: .changes)
            if failing { throw DevClusterError(.failed, "refused") }
            return AppliedDeploy(
                lines: ["deployment.apps/mongodb unchanged"], workloads: [], changed: [])
        }
    }

    /// No pod is left, and the controller has seen the new count.
    private func expectPodsGone(_ sample: SampleSession) throws {
        let owner = try live()
        sample.runner.expectKubectl(
            ["get", "deployments.apps,replicasets.apps,pods"],
            returning: .ok(
                String(
                    decoding: try (["items": [owner]] as JSONValue).encoded(), as: UTF8.self)))
    }

    private static func scale(_ replicas: Int, kept: String) -> String {
        "patch deployments.apps/mongodb --type=merge --patch {\"metadata\":{\"annotations\":"
            + "{\"devcluster.dev/replicas\":\(kept)}},\"spec\":{\"replicas\":\(replicas)}}"
    }

    @Test func `a database whose template changes is stopped while it is applied`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(["patch"], times: 2)
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        let applied = try await around(sample, planned(round: "new"), live: live())
        #expect(applied.locks.map(\.workload) == ["deployment/mongodb"])
        #expect(applied.locks.map(\.replicas) == [1])
        let calls = sample.runner.kubectlCalls.filter {
            $0.hasPrefix("patch") || $0.hasPrefix("apply")
        }
        #expect(calls == [Self.scale(0, kept: "\"1\""), "apply", Self.scale(1, kept: "null")])
        #expect(sample.activity.notes.first?.contains("strategy: {type: Recreate}") == true)
    }

    @Test func `an unchanged database keeps its pod`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample, replacing: LockSurveyTests.firstEnd)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(["apply"])
        let applied = try await around(sample, planned(round: "x"), live: live())
        #expect(applied.locks.isEmpty)
    }

    @Test func `one that is blocked now is stopped also when nothing changes`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        try LockSurveyTests.expectLog(sample)
        sample.runner.expectKubectl(["patch"], times: 2)
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        let applied = try await around(sample, planned(round: "x"), live: live())
        #expect(applied.locks.map(\.reason) == ["it blocks now"])
    }

    @Test func `the manifest's own count wins over the one that was kept`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(["patch"], times: 2)
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        let applied = try await around(
            sample, planned(round: "new", replicas: 2), live: live())
        #expect(applied.locks.map(\.replicas) == [2])
        #expect(sample.runner.kubectlCalls.last == Self.scale(2, kept: "null"))
    }

    @Test func `a clearing that was killed is finished by the next deploy`() async throws {
        let changes = [
            "\"deployment.kubernetes.io/revision\": \"2\"":
                "\"deployment.kubernetes.io/revision\": \"2\", \"devcluster.dev/replicas\": \"1\"",
            "\"replicas\": 1,\n                \"revisionHistoryLimit\"":
                "\"replicas\": 0,\n                \"revisionHistoryLimit\"",
        ]
        let sample = try sample()
        let stopped = try live(changes)
        #expect(stopped["spec"]?["replicas"]?.integer == 0)
        try LockSurveyTests.expectSurvey(sample, replacing: changes)
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        sample.runner.expectKubectl(["patch"])
        let applied = try await around(sample, planned(round: "x"), live: stopped)
        #expect(applied.locks.map(\.reason) == ["the last clearing was interrupted"])
        #expect(sample.runner.kubectlCalls.last == Self.scale(1, kept: "null"))
    }

    @Test func `an apply that is refused gives the pods back`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(["patch"], times: 2)
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        await #expect(throws: DevClusterError.self) {
            try await around(sample, planned(round: "new"), live: live(), failing: true)
        }
        #expect(sample.runner.kubectlCalls.last == Self.scale(1, kept: "null"))
    }

    @Test func `a manifest that the cluster will refuse stops nothing`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample, replacing: LockSurveyTests.firstEnd)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(
            ["apply", "--dry-run=server"],
            returning: .failure(
                1,
                stderr: "The Deployment \"mongodb\" is invalid: spec.selector: Invalid value: "
                    + "v1.LabelSelector{}: field is immutable\n"))
        sample.runner.expectKubectl(["apply"])
        await #expect(throws: DevClusterError.self) {
            try await around(
                sample, planned(round: "new"), live: live(), failing: true, areComplete: false)
        }
        #expect(!sample.runner.kubectlCalls.contains { $0.hasPrefix("patch") })
    }

    /// The webhook's message is a guess, from the API server's source.
    @Test(arguments: [("x", false), ("new", true)])
    func `where a webhook knows no dry run, what was applied last is compared`(
        round: String, isCleared: Bool
    ) async throws {
        let sample = try sample()
        var planned = try #require(ManifestObject(try live()).lastApplied)
        planned["spec"]?["template"]?["metadata"]?["annotations"] = ["round": .string(round)]
        try LockSurveyTests.expectSurvey(sample, replacing: LockSurveyTests.firstEnd)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(
            ["apply", "--dry-run=server"],
            returning: .failure(
                1,
                stderr: "Error from server (BadRequest): admission webhook \"w.example.com\" does"
                    + " not support dry run\n"))
        if isCleared {
            sample.runner.expectKubectl(["patch"], times: 2)
            try expectPodsGone(sample)
        }
        sample.runner.expectKubectl(["apply"])
        let applied = try await around(sample, planned, live: live(), areComplete: false)
        #expect(applied.locks.isEmpty != isCleared)
    }

    @Test func `a pod whose ReplicaSet is gone already still has the data`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(["patch"], times: 2)
        let items = try JSONValue(parsing: Data(try Fixture.cluster("locks-blocked").utf8))["items"]
        let others = (items?.array ?? []).filter { $0["kind"]?.string != "ReplicaSet" }
        sample.runner.expectKubectl(
            ["get", "deployments.apps,replicasets.apps,pods"],
            returning: .ok(
                String(
                    decoding: try (["items": .array(others)] as JSONValue).encoded(),
                    as: UTF8.self)))
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        _ = try await around(sample, planned(round: "new"), live: live())
        #expect(sample.activity.progress.contains("2 pods left"))
    }

    @Test func `what stays without pods is told, with what gives them back`() async throws {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        sample.runner.expectKubectl(["patch"])
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        sample.runner.expectKubectl(["patch"], returning: .failure(1, stderr: "refused\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await around(sample, planned(round: "new"), live: live(), failing: true)
        }
        #expect(error?.message == "refused", "the reason itself is not lost")
        let told = sample.activity.warnings.last
        #expect(told?.hasPrefix("deployment/mongodb still has no pods: ") == true)
        #expect(told?.hasSuffix("'devcluster locks clear', gives them back") == true)
    }

    @Test func `what was stopped is waited for, also where the manifests do not name it`()
        async throws
    {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample)
        try LockSurveyTests.expectLog(sample)
        sample.runner.expectKubectl(["patch"], times: 2)
        try expectPodsGone(sample)
        sample.runner.expectKubectl(["apply"])
        let other: JSONValue = ["kind": "ConfigMap", "metadata": ["name": "settings"]]
        let applied = try await around(sample, other, live: live())
        #expect(applied.workloads.map(\.description) == ["deployment/mongodb"])
    }

    @Test func `a workload of others is stopped only where its own log names the lock`()
        async throws
    {
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample, replacing: ["/mongodb:dev": "/writer:dev"])
        sample.runner.expectKubectl(["logs"], returning: .ok("bye\n"), times: 2)
        sample.runner.expectKubectl(["apply"])
        let other: JSONValue = ["kind": "ConfigMap", "metadata": ["name": "settings"]]
        let applied = try await around(sample, other, live: live())
        #expect(applied.locks.isEmpty)
        #expect(sample.activity.warnings.first?.contains("it is not of this deploy") == true)
    }

    @Test func `data in an emptyDir is given up only where the configuration names it`()
        async throws
    {
        let changes = ["\"hostPath\": {": "\"emptyDir\": {"]
        let own = try live(changes)
        #expect(WorkloadStorage(own).hasEmptyDir)
        let sample = try sample()
        try LockSurveyTests.expectSurvey(sample, replacing: changes)
        try LockSurveyTests.expectLog(sample)
        sample.runner.expectKubectl(["apply"])
        let applied = try await around(sample, own, live: own)
        #expect(applied.locks.isEmpty)
        #expect(sample.activity.warnings.first?.contains("spec.locks has to name it") == true)

        let named = try self.sample(locks: [["workload": "deployment/mongodb"]])
        try LockSurveyTests.expectSurvey(named, replacing: changes)
        try LockSurveyTests.expectLog(named)
        named.runner.expectKubectl(["patch"], times: 2)
        try expectPodsGone(named)
        named.runner.expectKubectl(["apply"])
        #expect(try await around(named, own, live: own).locks.count == 1)
    }

    @Test func `without anything that looks like a lock nothing more is read`() async throws {
        let sample = try sample()
        sample.runner.expectKubectl(["apply"])
        var web = try live(["/mongodb:dev": "/web:dev"])
        web["status"] = ["readyReplicas": 1]
        _ = try await around(sample, web, live: web)
        #expect(sample.runner.kubectlCalls == ["apply"])
    }
}
