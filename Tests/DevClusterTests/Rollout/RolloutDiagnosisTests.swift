import Foundation
import Testing

@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// Every diagnosis, from what the cluster said when it was provoked.
struct RolloutDiagnosisTests {
    private func problem(
        _ workload: String, in recording: String = "diagnoses",
        events: String? = "diagnoses-events"
    ) throws -> RolloutProblem? {
        let objects = try Fixture.rollout(recording, events: events)
        let found = try #require(objects.workload(try WorkloadReference(workload)))
        return RolloutDiagnosis(objects: objects).problem(of: found)
    }

    @Test(arguments: [
        ("notfound", PullFailure.notFound, "has no base:gone"),
        ("digest", .notFound, "the spec pins a digest"),
        ("unauthorized", .unauthorized, "docker-server=localhost:5999"),
        ("refused", .unreachable, "nothing answers at localhost:5998"),
        ("scheme", .plainHTTP, "10.89.0.4:5000 speaks plain HTTP"),
        ("nohost", .unknownHost, "no address for registry.invalid"),
    ]) func `an image that cannot be pulled says why, also as a back-off`(
        name: String, failure: PullFailure, remedy: String
    ) throws {
        let problem = try #require(try problem("deployment/d-\(name)"))
        guard case .imagePull(_, failure) = problem.kind else {
            Issue.record("\(problem)")
            return
        }
        #expect(!problem.message.hasPrefix("Back-off"))
        #expect(problem.remedy("kubectl").contains(remedy))
    }

    @Test(arguments: [
        ("notfound", RolloutPatience.none), ("unauthorized", .none), ("scheme", .none),
        ("nohost", .unchanged(.seconds(10))), ("refused", .unchanged(.seconds(30))),
    ]) func `a registry that answered is not waited for, and one that may come back is`(
        name: String, patience: RolloutPatience
    ) throws {
        let problem = try #require(try problem("deployment/d-\(name)"))
        #expect(RolloutPatience(problem) == patience)
    }

    @Test(arguments: [
        ("noconfigmap", #"configmap "absent" not found"#),
        ("nosecret", #"secret "absent" not found"#),
        ("nokey", "couldn't find key k in ConfigMap rec/junk"),
        ("nocommand", "executable file not found in $PATH"),
    ]) func `what a container cannot be made without is named`(
        name: String, words: String
    ) throws {
        let problem = try #require(try problem("deployment/d-\(name)"))
        #expect(problem.kind == .configuration)
        #expect(problem.message.contains(words))
        #expect(RolloutPatience(problem) == .unchanged(.seconds(10)))
    }

    @Test func `a kubelet that was too busy to read a Secret is no problem of the pod`() throws {
        var objects = try Fixture.rollout("diagnoses", events: "diagnoses-events")
        for index in objects.events.indices where objects.events[index].reason == "FailedMount" {
            // Recorded with Kubernetes 1.20 on a busy machine; seconds later the pods ran.
            objects.events[index].message =
                #"MountVolume.SetUp failed for volume "default-token-slgtm" : failed to sync"#
                + " secret cache: timed out waiting for the condition"
        }
        let found = try #require(objects.workload(try WorkloadReference("deployment/d-nomount")))
        #expect(RolloutDiagnosis(objects: objects).problem(of: found) == nil)
    }

    @Test(arguments: [
        ("nomount", #"configmap "absent" not found"#), ("nohostpath", "/nosuch is not a directory"),
    ]) func `a volume that cannot be mounted is named, though no status says it`(
        name: String, words: String
    ) throws {
        let problem = try #require(try problem("deployment/d-\(name)"))
        #expect(problem.kind == .mount)
        #expect(problem.message.contains(words))
        #expect(try self.problem("deployment/d-\(name)", events: nil) == nil)
    }

    @Test func `a pull through a proxy that does not answer leads to doctor, not to up`() {
        // containerd 1.6 on a node that kind gave HTTP_PROXY
        let message =
            "failed to do request: Head \"http://registry:5000/v2/web/manifests/1\":"
            + " proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused"
        let problem = RolloutProblem(
            kind: .imagePull("localhost:5001/web:1", PullFailure(message: message)),
            reason: "ErrImagePull", message: message)
        #expect(problem.remedy("kubectl").hasPrefix("the node asks a proxy that does not answer"))
        #expect(problem.remedy("kubectl").contains("'devcluster doctor'"))
    }

    @Test(arguments: [
        ("cpu", "Insufficient cpu", "that much cpu left"),
        ("selector", "node affinity", "nodeSelector"),
        ("noclaim", #"persistentvolumeclaim "absent" not found"#, "create the claim"),
        ("unbound", "unbound immediate", "the claim has no volume"),
        ("taint", "taint {maintenance: yes}", "kubectl taint nodes"),
    ]) func `a pod that no node takes says what is missing, and what to do`(
        name: String, words: String, remedy: String
    ) throws {
        // The taint, which came last, is what the scheduler says of all that were waiting then.
        let isEarlier = ["cpu", "selector"].contains(name)
        let problem = try #require(
            try problem(
                "deployment/d-\(name)", in: isEarlier ? "unschedulable" : "diagnoses"))
        #expect(problem.kind == .unschedulable)
        #expect(problem.message.contains(words))
        #expect(problem.remedy("kubectl").contains(remedy))
    }

    @Test(arguments: [
        ("probe404", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
        ("proberefused", "connect: connection refused"),
        ("probeexec", "Readiness probe failed: migrations pending"),
    ]) func `a probe that fails is told with its answer`(name: String, words: String) throws {
        let problem = try #require(try problem("deployment/d-\(name)"))
        #expect(problem.kind == .probe(.readiness))
        #expect(problem.message.hasSuffix(words))
    }

    @Test func `a startup probe has the time that it sets itself`() throws {
        var objects = try Fixture.rollout("diagnoses", events: "diagnoses-events")
        let index = try #require(
            objects.pods.firstIndex { $0.metadata.name.hasPrefix("d-startup-") })
        let found = try #require(objects.workload(try WorkloadReference("deployment/d-startup")))
        for (allowed, patience) in [(60, 70), (4, 30)] as [(BoundedInteger, Int)] {
            objects.pods[index].spec.containers[0].startupProbe?.failureThreshold = allowed
            let problem = try #require(RolloutDiagnosis(objects: objects).problem(of: found))
            #expect(problem.kind == .probe(.startup(allowed)))
            #expect(RolloutPatience(problem) == .unchanged(.seconds(patience)))
        }
    }

    @Test func `a container that its liveness probe ends is no crash of its program`() throws {
        let problem = try #require(try problem("deployment/d-liveness"))
        guard case .crash(let crash) = problem.kind else {
            Issue.record("\(problem)")
            return
        }
        #expect(crash.isByProbe)
        #expect(problem.message.contains("Liveness probe failed: HTTP probe failed"))
        #expect(problem.remedy("kubectl").hasPrefix("correct the probe"))
    }

    @Test func `a container that runs out of memory is told to have more`() throws {
        let problem = try #require(try problem("deployment/d-oom"))
        #expect(problem.message == "it ended with exit code 137 (OOMKilled)")
        #expect(problem.remedy("kubectl").contains("resources.limits.memory"))
    }

    @Test func `an init container that fails is named`() throws {
        let problem = try #require(try problem("deployment/d-init"))
        #expect(problem.container == "migrate")
        #expect(problem.message == "it ended with exit code 7")
    }

    @Test(arguments: [
        "deployment/d-noaccount", "statefulset/s-noaccount", "daemonset/a-noaccount",
        "job/j-noaccount",
    ]) func `pods that the API refuses are told of for every kind of workload`(
        workload: String
    ) throws {
        // A DaemonSet wants no pods while its only node is tainted.
        let recording = workload.hasPrefix("daemonset") ? "unschedulable" : "diagnoses"
        let problem = try #require(try problem(workload, in: recording))
        #expect(problem.kind == .refused)
        #expect(problem.pod == nil)
        #expect(problem.message.contains(#"serviceaccount "absent" not found"#))
        #expect(RolloutPatience(problem) == .none)
    }

    @Test func `a refusal from before the rollout began is none`() throws {
        var objects = try Fixture.rollout("diagnoses", events: "diagnoses-events")
        let known = Dictionary(
            uniqueKeysWithValues: objects.events.compactMap { event in
                event.metadata.uid.map { ($0, event.times) }
            })
        let index = try #require(
            objects.workloads.firstIndex { $0.metadata.name == "s-noaccount" })
        objects.workloads[index].metadata.generation = 2
        let set = objects.workloads[index]
        #expect(RolloutDiagnosis(objects: objects, known: known).problem(of: set) == nil)
        #expect(RolloutDiagnosis(objects: objects).problem(of: set) != nil)
    }

    @Test func `a StatefulSet whose first pod is refused is told of, though it has no status`()
        throws
    {
        var objects = try Fixture.rollout("diagnoses", events: "diagnoses-events")
        let index = try #require(
            objects.workloads.firstIndex { $0.metadata.name == "s-noaccount" })
        objects.workloads[index].status = nil
        let set = objects.workloads[index]
        #expect(RolloutDiagnosis(objects: objects).problem(of: set)?.kind == .refused)
    }

    @Test func `the pods of a StatefulSet that was not seen yet are those of the old template`()
        throws
    {
        var objects = try Fixture.rollout("diagnoses", events: "diagnoses-events")
        let index = try #require(objects.workloads.firstIndex { $0.metadata.name == "s-blocked" })
        let observed = objects.workloads[index].status?.observedGeneration ?? 0
        objects.workloads[index].metadata.generation = observed.adding(1)
        let set = objects.workloads[index]
        #expect(RolloutDiagnosis(objects: objects).problem(of: set) == nil)
    }

    @Test func `a used up quota is told, unless pods that are going still use it`() throws {
        let problem = try #require(try problem("deployment/d-quota", in: "quota", events: nil))
        #expect(problem.kind == .quota)
        #expect(problem.message.contains("exceeded quota: tight"))
        var objects = try Fixture.rollout("quota")
        objects.pods[0].metadata.deletionTimestamp = "2026-11-21T15:53:00Z"
        let workload = try #require(objects.workload(try WorkloadReference("deployment/d-quota")))
        #expect(RolloutDiagnosis(objects: objects).problem(of: workload) == nil)
    }

    @Test func `a webhook that refuses is named`() throws {
        let problem = try #require(try problem("deployment/d-webhook", in: "webhook", events: nil))
        #expect(problem.kind == .refused)
        #expect(problem.message.contains(#"failed calling webhook "guard.example.com""#))
        // It did not answer, which its own rollout may mend.
        #expect(RolloutPatience(problem) == .unchanged(.seconds(60)))
        #expect(problem.remedy("kubectl").contains("validatingwebhookconfigurations"))
    }

    @Test func `an old pod that holds up a StatefulSet is named, with the way out`() throws {
        let problem = try #require(try problem("statefulset/s-blocked"))
        #expect(problem.kind == .blocked)
        #expect(problem.remedy("kubectl").hasPrefix("delete it: 'kubectl delete pod s-blocked-0'"))
    }

    @Test(arguments: ["d-fine", "x-401"])
    func `what runs, or just takes its time, has no problem`(name: String) throws {
        #expect(try problem("deployment/\(name)") == nil)
    }

    @Test func `a pod on a node that does not answer says so`() throws {
        var objects = try Fixture.rollout("diagnoses")
        let index = try #require(
            objects.nodes[0].status?.conditions?.firstIndex { $0.type == "Ready" })
        // A guess at the words; the fields are those recorded.
        objects.nodes[0].status?.conditions?[index].status = "Unknown"
        objects.nodes[0].status?.conditions?[index].message = "Kubelet stopped posting node status."
        let workload = try #require(objects.workload(try WorkloadReference("deployment/d-crash")))
        let problem = try #require(RolloutDiagnosis(objects: objects).problem(of: workload))
        #expect(problem.kind == .node)
        #expect(problem.message.contains("Kubelet stopped posting node status"))
    }
}
