import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import DevCluster

struct RolloutWaitTests {
    private let sample: SampleSession

    init() throws { sample = try SampleSession(["namespace": "rec-a"]) }

    private func wait(_ workloads: String..., deadline: Duration = .seconds(30)) async throws
        -> [RolloutResult]
    {
        try await RolloutWait(session: sample.session, namespace: "rec-a", deadline: deadline)
            .run(workloads.map { try WorkloadReference($0) }).results
    }

    private func expectRead(_ recording: String, times: Int? = 1) throws {
        sample.runner.expectKubectl(
            ["get"],
            returning: .ok(try Fixture.cluster("rollout-\(recording)")), times: times,
            namespace: "rec-a")
    }

    @Test func `rollouts that are done are reported in the order asked for`() async throws {
        try expectRead("settled")
        let results = try await wait("job/good", "deployment/fine", "statefulset/db")
        #expect(results.map(\.workload) == ["job/good", "deployment/fine", "statefulset/db"])
        #expect(results.map(\.state) == ["completed", "1/1", "2/2"])
    }

    @Test func `nothing to wait for reads nothing`() async throws {
        #expect(try await wait().isEmpty)
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `a dry run waits for nothing`() async throws {
        let dry = try SampleSession(isDryRun: true)
        let results = try await RolloutWait(
            session: dry.session, namespace: "rec-a", deadline: .seconds(1)
        ).run([try WorkloadReference("deployment/fine")]).results
        #expect(results.isEmpty)
    }

    @Test func `progress is awaited and told`() async throws {
        try expectRead("half-updated")
        try expectRead("settled")
        #expect(try await wait("statefulset/db").map(\.state) == ["2/2"])
        #expect(sample.activity.progress == ["statefulset/db: 1 of 2 updated"])
    }

    @Test func `an image that the registry does not have ends the wait at once`() async throws {
        try expectRead("settled")
        sample.runner.expectCurl("head-404")
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/notfound")
        }
        #expect(error?.message.contains("deployment/notfound (pod notfound-") == true)
        #expect(error?.message.contains("ImagePullBackOff") == true)
        #expect(error?.hint?.hasPrefix("the registry has no hello:rec-missing; ") == true)
        #expect(error?.hint?.contains("kubectl --context kind-devcluster-demo") == true)
        #expect(sample.activity.warnings.isEmpty, "it is said once, as the error")
    }

    @Test(arguments: ["head-200", "refused"])
    func `a pull that the registry does not explain may still come right`(
        recording: String
    ) async throws {
        try expectRead("pulling")
        sample.runner.expectCurl(recording)
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/notfound", deadline: .zero)
        }
        #expect(error?.code == .deadline)
    }

    @Test func `a problem that stays is told once, also as a back-off`() async throws {
        try expectRead("pulling")
        try expectRead("settled")
        sample.runner.expectCurl("head-200", times: 2)
        await #expect(throws: DevClusterError.self) {
            try await wait("deployment/notfound", deadline: .milliseconds(100))
        }
        #expect(sample.activity.warnings.count == 1)
        #expect(sample.activity.warnings[0].contains("not found") == true)
    }

    @Test func `a workload that is gone ends the wait`() async throws {
        try expectRead("settled")
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/none")
        }
        #expect(error?.message == "deployment/none is gone from namespace rec-a")
    }

    @Test func `a crash loop ends the wait at its fourth restart`() async throws {
        try expectRead("settled")
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/crash")
        }
        #expect(error?.message.contains("CrashLoopBackOff: it ended with exit code 3") == true)
        #expect(error?.hint?.contains("kubectl logs --previous") == true)
    }

    @Test func `three restarts can still come right`() async throws {
        let text = try Fixture.cluster("rollout-settled")
            .replacing("\"restartCount\":5", with: "\"restartCount\":3")
        sample.runner.expectKubectl(["get"], returning: .ok(text))
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/crash", deadline: .zero)
        }
        #expect(error?.code == .deadline)
    }

    @Test(arguments: ["configless", "unschedulable"])
    func `what somebody may still put right is awaited`(name: String) async throws {
        try expectRead("settled")
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/\(name)", deadline: .zero)
        }
        #expect(error?.code == .deadline)
        #expect(error?.message.contains("deployment/\(name) (pod \(name)-") == true)
    }

    @Test func `an image's name that is none ends the wait`() async throws {
        try expectRead("settled")
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/badname")
        }
        #expect(error?.message.contains("InvalidImageName") == true)
    }

    @Test(arguments: [
        ("job/bad", "backoff limit"), ("deployment/slow", "timed out progressing"),
        ("deployment/paused", "it is paused"),
    ]) func `what has failed ends the wait with the cluster's words`(
        workload: String, words: String
    ) async throws {
        try expectRead("settled")
        let error = await #expect(throws: DevClusterError.self) { try await wait(workload) }
        #expect(error?.message.contains(words) == true)
    }

    @Test func `an API that does not answer is no information`() async throws {
        sample.runner.expectKubectl(
            ["get"],
            returning: .failure(
                1,
                stderr: "The connection to the server 127.0.0.1:43317 was refused - did you specify"
                    + " the right host or port?\n"))
        try expectRead("settled")
        #expect(try await wait("deployment/fine").map(\.state) == ["1/1"])
    }

    @Test func `the deadline names what is open, and not what is done`() async throws {
        try expectRead("settled")
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/fine", "deployment/configless", deadline: .zero)
        }
        #expect(error?.code == .deadline)
        #expect(error?.message.contains("deployment/configless") == true)
        #expect(error?.message.contains("configmap \"absent\" not found") == true)
        #expect(error?.message.contains("deployment/fine") == false)
        #expect(error?.hint?.contains("spec.timeouts.rollout") == true)
    }

    @Test func `waiting ends when the task is cancelled`() async throws {
        try expectRead("started", times: nil)
        let task = Task { [self] in try await wait("deployment/fine") }
        while sample.runner.calls.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
    }
}
