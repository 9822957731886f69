import Foundation
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// Reasons that stand in no status of a container that failed.
struct RolloutEvidenceTests {
    private func problem(_ name: String, changing: (inout RolloutObjects) -> Void = { _ in }) throws
        -> RolloutProblem
    {
        var objects = try Fixture.rollout("evidence", events: "evidence-events")
        changing(&objects)
        let found = try #require(objects.workload(try WorkloadReference("deployment/\(name)")))
        return try #require(RolloutDiagnosis(objects: objects).problem(of: found))
    }

    @Test func `an init container that runs is named, and awaited to the deadline`() throws {
        let problem = try problem("initwait")
        #expect(problem.kind == .initializing)
        #expect(problem.container == "wait-for-db")
        #expect(problem.message.hasPrefix("init container wait-for-db runs and has not ended"))
        #expect(RolloutPatience(problem) == .unlimited)
        #expect(problem.remedy("kubectl").contains("kubectl logs initwait-674777478c-m8nxw"))
    }

    @Test func `a sidecar runs by design`() throws {
        var objects = try Fixture.rollout("evidence")
        for index in objects.pods.indices where objects.pods[index].spec.initContainers != nil {
            objects.pods[index].spec.initContainers?[0].restartPolicy = "Always"
        }
        let found = try #require(objects.workload(try WorkloadReference("deployment/initwait")))
        #expect(RolloutDiagnosis(objects: objects).problem(of: found) == nil)
    }

    /// The shape of a sidecar's status is from Kubernetes' source; the event was recorded.
    @Test func `a sidecar's startup probe is told`() throws {
        var objects = try Fixture.rollout("evidence", events: "evidence-events")
        let pod = try #require(
            objects.pods.firstIndex { $0.metadata.name == "initwait-674777478c-m8nxw" })
        objects.pods[pod].spec.initContainers?[0].restartPolicy = "Always"
        objects.pods[pod].spec.initContainers?[0].startupProbe = .init(failureThreshold: 4)
        var event = try #require(objects.events.first { $0.reason == "Unhealthy" })
        event.involvedObject.name = objects.pods[pod].metadata.name
        event.involvedObject.uid = objects.pods[pod].metadata.uid
        event.involvedObject.fieldPath = "spec.initContainers{wait-for-db}"
        event.message = "Startup probe failed: connection refused"
        objects.events.append(event)
        let found = try #require(objects.workload(try WorkloadReference("deployment/initwait")))
        let problem = try #require(RolloutDiagnosis(objects: objects).problem(of: found))
        #expect(problem.kind == .probe(.startup(40)))
        #expect(problem.container == "wait-for-db")
    }

    @Test func `a Job's pod that did its work has no problem when its sidecar was ended`() throws {
        var objects = try Fixture.rollout("settled")
        let pod = try #require(
            objects.pods.firstIndex { $0.metadata.name.hasPrefix("bad-") })
        let found = try #require(objects.workload(try WorkloadReference("job/bad")))
        #expect(RolloutDiagnosis(objects: objects).problem(of: found) != nil)
        for index in objects.pods.indices where objects.pods[index].metadata.name.hasPrefix("bad-")
        {
            objects.pods[index].status?.phase = "Succeeded"
        }
        #expect(objects.pods[pod].isFinished)
        #expect(RolloutDiagnosis(objects: objects).problem(of: found) == nil)
    }

    @Test func `a readiness gate that nobody sets is named, with the way out`() throws {
        let problem = try problem("gate")
        #expect(problem.kind == .gated(["example.com/balanced"]))
        #expect(problem.message.contains(#"gate "example.com/balanced" does not exist"#))
        #expect(problem.remedy("kubectl").contains("take readinessGates out"))
        #expect(RolloutPatience(problem) == .unchanged(.seconds(30)))
    }

    /// The words are from Kubernetes' source.
    @Test func `a scheduling gate that nobody removes is named`() throws {
        let problem = try problem("gate") { objects in
            for index in objects.pods.indices {
                objects.pods[index].spec.schedulingGates = [.init(name: "example.com/quota")]
                objects.pods[index].status?.conditions = [
                    ObjectCondition(
                        type: "PodScheduled", status: "False", reason: "SchedulingGated",
                        message: "Scheduling is blocked due to non-empty scheduling gates")
                ]
            }
        }
        #expect(problem.kind == .gated(["example.com/quota"]))
        #expect(problem.message.hasSuffix("scheduling gates: example.com/quota"))
        #expect(problem.remedy("kubectl").contains("take schedulingGates out"))
    }

    @Test func `an image that may not be pulled is given up at once, with the advice`() throws {
        let problem = try problem("never")
        #expect(problem.kind == .neverPulled("localhost:5001/evidence-rec:absent"))
        #expect(RolloutPatience(problem) == .none)
        #expect(problem.remedy("kubectl").hasPrefix("take 'imagePullPolicy: Never' out"))
    }

    @Test func `a host port that another workload's pod has names that pod`() throws {
        let problem = try problem("entry") { objects in
            for index in objects.pods.indices
            where objects.pods[index].metadata.name.hasPrefix("entry-7") {
                objects.pods[index].metadata.ownerReferences = nil
            }
        }
        #expect(problem.kind == .unschedulable)
        #expect(
            problem.remedy("kubectl").hasPrefix(
                "another pod has the host port; pod entry-74f454fb47-5gd4v has host port 18081; "))
    }

    @Test func `old pods that use the quota of their successors are named with the way out`()
        throws
    {
        var objects = try Fixture.rollout("quota")
        let found = try #require(objects.workload(try WorkloadReference("deployment/d-quota")))
        let diagnosis = RolloutDiagnosis(objects: objects)
        #expect(diagnosis.problem(of: found)?.more == nil, "it has no old pods")
        let set = try #require(
            objects.workloads.firstIndex { $0.kind == "ReplicaSet" })
        // The recorded pod becomes one of an earlier template.
        var old = objects.workloads[set]
        old.metadata.uid = "old"
        old.metadata.annotations = ["deployment.kubernetes.io/revision": "0"]
        objects.workloads.append(old)
        objects.pods[0].metadata.ownerReferences?[0].uid = "old"
        let problem = try #require(RolloutDiagnosis(objects: objects).problem(of: found))
        #expect(problem.kind == .quota)
        #expect(problem.remedy("kubectl").contains("strategy: {type: Recreate}"))
    }

    /// Recorded with Kubernetes 1.20.
    @Test(arguments: [
        (
            #"pods "web-98d85d4d8-74j75" is forbidden: exceeded quota: tight, requested:"#
                + " pods=1,requests.cpu=200m, used: pods=1,requests.cpu=200m, limited:"
                + " pods=1,requests.cpu=300m",
            "quota tight leaves no room (pods: 1 of 1 used, 1 more needed; requests.cpu: 200m of"
                + " 300m used, 200m more needed): raise it with 'kubectl edit quota tight'"
        ),
        (
            #"create Pod nolimits-0 in StatefulSet nolimits failed error: pods "nolimits-0" is"#
                + " forbidden: failed quota: tight: must specify requests.cpu",
            "a quota wants every container to say requests.cpu"
        ),
        (
            #"pods "big-56c9f6bcdb-q8qgf" is forbidden: maximum memory usage per Container is 50Mi,"#
                + " but limit is 90Mi",
            "stay within the LimitRange"
        ),
    ]) func `a refusal says which limit, how much is missing, and what to do`(
        message: String, remedy: String
    ) {
        #expect(PodRefusal.remedy(message, "kubectl").hasPrefix(remedy))
    }
}
