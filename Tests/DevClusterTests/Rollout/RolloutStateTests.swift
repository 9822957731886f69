import Foundation
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

struct RolloutStateTests {
    private func state(_ workload: String, in recording: String) throws -> RolloutState {
        let objects = try Fixture.rollout(recording)
        let reference = try WorkloadReference(workload)
        return RolloutState.judge(try #require(objects.workload(reference)))
    }

    private func guess(_ text: String) throws -> RolloutState {
        RolloutState.judge(
            try JSONDecoder().decode(KubernetesWorkload.self, from: Data(text.utf8)))
    }

    @Test(arguments: [
        ("deployment/fine", "started", "0 of 1 available"),
        ("deployment/fine", "updating", "1 old still there"),
        ("deployment/configless", "settled", "0 of 1 available"),
        ("deployment/paused", "unobserved", "not yet seen by its controller"),
        ("statefulset/db", "started", "0 of 2 ready"),
        ("statefulset/db", "updating", "0 of 2 updated"),
        ("statefulset/db", "half-updated", "1 of 2 updated"),
        ("statefulset/partition", "strategies", "0 of 1 updated"),
        ("daemonset/agent", "started", "0 of 2 available"),
        ("daemonset/agent", "updating", "0 of 2 updated"),
        ("daemonset/agent", "half-updated", "1 of 2 updated"),
        ("job/good", "started", "0 of 1 completed"),
        ("job/bad", "started", "0 of 1 completed"),
    ]) func `what goes on is progress`(workload: String, recording: String, text: String) throws {
        #expect(try state(workload, in: recording) == .progressing(text))
    }

    @Test(arguments: [
        ("deployment/fine", "settled", "1/1"), ("statefulset/db", "settled", "2/2"),
        ("daemonset/agent", "settled", "2/2"), ("job/good", "settled", "completed"),
        ("daemonset/dsondelete", "strategies", "1/1 (OnDelete)"),
        (
            "statefulset/ondelete", "strategies",
            "2/2, 2 keep the old template until they are deleted (OnDelete)"
        ),
    ]) func `what is done is complete`(workload: String, recording: String, text: String) throws {
        #expect(try state(workload, in: recording) == .complete(text))
    }

    @Test(arguments: [
        ("job/bad", "Job has reached the specified backoff limit"),
        ("deployment/slow", "ReplicaSet \"slow-c7b758cf9\" has timed out progressing."),
        ("deployment/paused", "it is paused; 'kubectl rollout resume' lets it go on"),
    ]) func `what cannot end well has failed, with the cluster's reason`(
        workload: String, reason: String
    ) throws {
        #expect(try state(workload, in: "settled") == .failed(reason))
    }

    @Test(arguments: ["deployment/fine", "statefulset/db", "daemonset/agent"])
    func `a status of an earlier template says nothing of the new one`(workload: String) throws {
        let objects = try Fixture.rollout("settled")
        var changed = try #require(objects.workload(try WorkloadReference(workload)))
        changed.metadata.generation = (changed.status?.observedGeneration ?? 0).adding(1)
        #expect(
            RolloutState.judge(changed) == .progressing("not yet seen by its controller"))
    }

    // The rest are guesses: states that pass too quickly to be recorded, or need an idle cluster.

    @Test(arguments: [
        (#""parallelism": 0, "completions": 1"#, "parallelism is 0: it starts no pod"),
        (#""suspend": true"#, "suspended: it starts no pod"),
    ]) func `a job that is to start no pod is not waited for`(spec: String, words: String) throws {
        let text = """
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "generation": 1},
             "spec": {\(spec)}, "status": {}}
            """
        #expect(try guess(text) == .complete(words))
    }

    @Test func `no replicas wanted and none there is complete`() throws {
        let text = """
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "generation": 1},
             "spec": {"replicas": 0}, "status": {"observedGeneration": 1}}
            """
        #expect(try guess(text) == .complete("0/0"))
    }

    @Test func `a paused deployment that has its newest template is complete`() throws {
        let text = """
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "generation": 2},
             "spec": {"replicas": 1, "paused": true}, "status": {"observedGeneration": 2,
             "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}}
            """
        #expect(try guess(text) == .complete("1/1"))
    }

    @Test func `a partition that is reached is complete`() throws {
        let text = """
            {"kind": "StatefulSet", "metadata": {"name": "a", "generation": 2}, "spec": {"replicas":
             3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}},
             "status": {"observedGeneration": 2, "replicas": 3, "readyReplicas": 3,
             "updatedReplicas": 1, "currentRevision": "a-1", "updateRevision": "a-2"}}
            """
        #expect(try guess(text) == .complete("3/3"))
    }

    @Test func `an object without any status is not complete`() throws {
        for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
            let text = #"{"kind": "\#(kind)", "metadata": {"name": "a", "generation": 1}}"#
            #expect(try guess(text) == .progressing("not yet seen by its controller"))
        }
        let job = #"{"kind": "Job", "metadata": {"name": "a"}}"#
        #expect(try guess(job) == .progressing("0 of 1 completed"))
    }
}

struct RolloutObjectsTests {
    @Test func `pods belong to a deployment through its ReplicaSets`() throws {
        let objects = try Fixture.rollout("updating")
        let fine = try #require(objects.workload(try WorkloadReference("deployment/fine")))
        #expect(
            Set(objects.pods(of: fine).map(\.metadata.name)) == [
                "fine-6ddfdc67d6-xmzfp", "fine-7f955b76dd-4mh87",
            ])
        #expect(objects.currentPods(of: fine).map(\.metadata.name) == ["fine-7f955b76dd-4mh87"])
    }

    @Test func `a StatefulSet's current pods are those of its new revision`() throws {
        let objects = try Fixture.rollout("half-updated")
        let db = try #require(objects.workload(try WorkloadReference("statefulset/db")))
        #expect(objects.pods(of: db).count == 2)
        #expect(objects.currentPods(of: db).map(\.metadata.name) == ["db-1"])
    }

    @Test func `a workload is found by kind and name, not by name alone`() throws {
        let objects = try Fixture.rollout("settled")
        #expect(objects.workload(try WorkloadReference("statefulset/db")) != nil)
        #expect(objects.workload(try WorkloadReference("deployment/db")) == nil)
    }

    @Test func `a workload's pods are not those of another`() throws {
        let objects = try Fixture.rollout("settled")
        for workload in objects.workloads where workload.kind != "ReplicaSet" {
            let names = objects.pods(of: workload).map(\.metadata.name)
            #expect(names.allSatisfy { $0.hasPrefix(workload.metadata.name + "-") })
        }
    }
}
