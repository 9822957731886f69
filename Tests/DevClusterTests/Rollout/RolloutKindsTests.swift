import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import StateFiles
@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// What is waited for beyond the usual workloads, and in other namespaces than the project's.
struct RolloutKindsTests {
    private let sample: SampleSession
    private let clock = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "deploy-rec"]) }

    private func target(
        _ kind: WorkloadReference.Kind, _ name: String, in namespace: String? = nil
    ) throws -> WorkloadReference {
        WorkloadReference(kind, try ObjectName(name), elsewhere: namespace)
    }

    private func wait(_ targets: WorkloadReference...) async throws -> [RolloutResult] {
        try await wait(targets)
    }

    private func wait(_ targets: [WorkloadReference], since: Date = .distantPast) async throws
        -> [RolloutResult]
    {
        var wait = RolloutWait(
            session: sample.session, namespace: "deploy-rec", deadline: .seconds(60),
            clock: clock.clock)
        wait.since = since
        return try await wait.run(targets).results
    }

    private func failure(_ targets: WorkloadReference..., since: Date = .distantPast) async throws
        -> DevClusterError
    {
        let error = await #expect(throws: DevClusterError.self) {
            try await wait(targets, since: since)
        }
        return try #require(error)
    }

    private func expectRead(
        _ recording: String, in namespace: String, times: Int? = nil,
        replacing changes: [(String, String)] = []
    ) throws {
        var text = try Fixture.cluster("rollout-\(recording)")
        for (old, new) in changes { text = text.replacing(old, with: new) }
        sample.runner.expect(
            where: { call in
                call.tool == "kubectl" && call.arguments.contains("get")
                    && !call.arguments.contains("events") && call.arguments.contains(namespace)
            }, named: "read of \(recording)", times: times, answering: { [text] _ in .ok(text) })
    }

    private func expectWarnings(in namespace: String) {
        sample.runner.expectKubectl(
            ["get", "events", "--field-selector", "type=Warning"],
            returning: .ok(#"{"items": []}"#), times: nil, namespace: namespace)
    }

    private func expectEvents(_ recording: String?, times: Int? = nil) throws {
        let text =
            try recording.map { try Fixture.cluster("events-job-\($0)") } ?? #"{"items": []}"#
        sample.runner.expectKubectl(
            [
                "get", "events", "--field-selector",
                "involvedObject.kind=Job,involvedObject.name=\(recording ?? "")",
            ], returning: .ok(text), times: times, namespace: "deploy-rec2")
    }

    /// The recorded namespace, from which its Jobs were removed.
    private var withoutJobs: [(String, String)] { [(#""kind":"Job""#, #""kind":"ConfigMap""#)] }

    // Other kinds

    @Test func `each kind that has pods is waited for in its own way`() async throws {
        try expectRead("kinds", in: "deploy-rec")
        let results = try await wait(
            target(.pod, "ready"), target(.pod, "done"), target(.replicaset, "bare"),
            target(.replicationcontroller, "old"), target(.deployment, "none"),
            target(.cronjob, "nightly"), target(.cronjob, "often"))
        #expect(
            results.map { "\($0.workload) \($0.state)" } == [
                "pod/ready ready", "pod/done completed", "replicaset/bare 2/2",
                "replicationcontroller/old 1/1", "deployment/none 0/0",
                "cronjob/nightly starts its next job at '30 3 * * *'",
                "cronjob/often starts its next job at '* * * * *'; its last job"
                    + " often-1795687800: completed",
            ])
    }

    @Test func `only what is needed is read`() async throws {
        try expectRead("kinds", in: "deploy-rec")
        _ = try await wait(target(.pod, "ready"))
        #expect(sample.runner.kubectlCalls == ["get pods --output json"])
    }

    @Test func `a pod that failed for good says how its program ended`() async throws {
        try expectRead("kinds", in: "deploy-rec")
        expectWarnings(in: "deploy-rec")
        sample.runner.expectKubectl(["logs", "pod/failed"], returning: .ok("no config\n"))
        let error = try await failure(target(.pod, "failed"))
        #expect(error.code == .failed)
        #expect(error.message.hasPrefix("pod/failed: container main ended with exit code 4"))
        #expect(error.message.hasSuffix("  | no config"))
        #expect(clock.elapsed < .seconds(1))
    }

    @Test func `a pod that ends again and again is given up as any other`() async throws {
        let more = [(#""restartCount":3"#, #""restartCount":5"#)]
        try expectRead("kinds", in: "deploy-rec", replacing: more)
        expectWarnings(in: "deploy-rec")
        sample.runner.expectKubectl(
            ["logs", "pod/crash"], returning: .ok("no config\n"), times: nil)
        let error = try await failure(target(.pod, "crash"))
        #expect(error.message.contains("it ended with exit code 4"))
        #expect(error.message.contains("| no config"))
    }

    @Test func `a pod whose image was changed is not complete before the kubelet changed it`()
        async throws
    {
        let image = #""command":["sleep","100000"],"image":"localhost:5001/deploy-base:1""#
        let newer = (image, image.replacing("base:1", with: "base:2"))
        try expectRead("kinds", in: "deploy-rec", times: 3, replacing: [newer])
        try expectRead("kinds", in: "deploy-rec")
        expectWarnings(in: "deploy-rec")
        _ = try await wait([target(.pod, "ready")], since: Date())
        #expect(sample.activity.progress.first == "pod/ready: its container is not replaced yet")
        #expect(sample.activity.progress.last == "pod/ready: ready")
    }

    @Test func `a pod that runs the same content under another name is believed in the end`()
        async throws
    {
        let image = #""command":["sleep","100000"],"image":"localhost:5001/deploy-base:1""#
        let newer = (image, image.replacing("base:1", with: "base:2"))
        try expectRead("kinds", in: "deploy-rec", replacing: [newer])
        expectWarnings(in: "deploy-rec")
        let results = try await wait([target(.pod, "ready")], since: Date())
        #expect(results.map(\.state) == ["ready"])
        #expect(clock.elapsed >= .seconds(11), "its grace period is 1 s")
    }

    @Test func `a pod whose program was started anew runs its spec under whatever name`()
        async throws
    {
        let image = #""command":["sleep","100000"],"image":"localhost:5001/deploy-base:1""#
        let newer = (image, image.replacing("base:1", with: "base:2"))
        let start = (
            #""name":"main","ready":true,"restartCount":0"#,
            #""name":"main","ready":true,"restartCount":1"#
        )
        try expectRead("kinds", in: "deploy-rec", times: 3, replacing: [newer])
        try expectRead("kinds", in: "deploy-rec", replacing: [newer, start])
        expectWarnings(in: "deploy-rec")
        let results = try await wait([target(.pod, "ready")], since: Date())
        #expect(results.map(\.state) == ["ready"])
        #expect(clock.elapsed < .seconds(8), "what was started anew has run for 5 s")
    }

    @Test func `a pod that was just made runs its spec under whatever name`() async throws {
        let image = #""command":["sleep","100000"],"image":"localhost:5001/deploy-base:1""#
        let newer = (image, image.replacing("base:1", with: "base:2"))
        try expectRead("kinds", in: "deploy-rec", replacing: [newer])
        expectWarnings(in: "deploy-rec")
        let results = try await wait([target(.pod, "ready")], since: .distantPast)
        #expect(results.map(\.state) == ["ready"])
        #expect(clock.elapsed < .seconds(3))
    }

    @Test func `a cron job whose job runs is complete, and the job is named`() async throws {
        try expectRead("cronjob-running", in: "deploy-rec")
        let results = try await wait(target(.cronjob, "cj"))
        #expect(
            results.map(\.state) == [
                "starts its next job at '*/1 * * * *'; its last job cj-1795713240: 0 of 1 completed"
            ])
    }

    // Other namespaces

    @Test func `workloads of another namespace are waited for, and named with it`() async throws {
        try expectRead("kinds", in: "deploy-rec")
        try expectRead("elsewhere", in: "deploy-rec2")
        let results = try await wait(
            target(.deployment, "none"), target(.deployment, "ready", in: "deploy-rec2"))
        #expect(
            results.map(\.workload) == [
                "deployment/none", "deployment/ready (namespace deploy-rec2)",
            ])
    }

    @Test func `the same name in two namespaces means two workloads`() async throws {
        let there = (
            "\"name\":\"ready\",\"namespace\":\"deploy-rec2\"",
            "\"name\":\"none\",\"namespace\":\"deploy-rec2\""
        )
        try expectRead("kinds", in: "deploy-rec")
        try expectRead("elsewhere", in: "deploy-rec2", replacing: [there])
        let results = try await wait(
            target(.deployment, "none", in: "deploy-rec2"), target(.deployment, "none"))
        #expect(results.map(\.state) == ["1/1", "0/0"])
    }

    @Test func `what crashes in another namespace ends the wait with its words`() async throws {
        let more = [(#""restartCount":3"#, #""restartCount":6"#)]
        try expectRead("kinds", in: "deploy-rec")
        try expectRead("elsewhere", in: "deploy-rec2", replacing: more)
        expectWarnings(in: "deploy-rec")
        expectWarnings(in: "deploy-rec2")
        sample.runner.expectKubectl(
            ["logs"], returning: .ok("cannot reach queue\n"), times: nil, namespace: "deploy-rec2")
        let error = try await failure(
            target(.deployment, "none"), target(.deployment, "crash", in: "deploy-rec2"))
        #expect(error.message.hasPrefix("deployment/crash (namespace deploy-rec2) (pod crash-"))
        #expect(error.message.hasSuffix("| cannot reach queue"))
        #expect(error.hint?.contains("--namespace deploy-rec2 logs --previous crash-") == true)
    }

    @Test func `a workload that is gone from another namespace names that one`() async throws {
        try expectRead("elsewhere", in: "deploy-rec2")
        sample.runner.expectKubectl(
            ["get", "namespaces"],
            returning: .ok(
                #"{"items": [{"metadata": {"name": "deploy-rec2"}, "status": {"phase": "Active"}}]}"#
            ))
        let error = try await failure(target(.deployment, "gone", in: "deploy-rec2"))
        #expect(error.message == "deployment/gone is gone from namespace deploy-rec2")
    }

    // Jobs that are removed when they end

    @Test func `a Job that ended well and was removed is complete`() async throws {
        try expectRead("jobs", in: "deploy-rec2", replacing: withoutJobs)
        try expectEvents("good")
        let results = try await wait(target(.job, "good", in: "deploy-rec2"))
        #expect(results.map(\.state) == ["completed, and was removed"])
    }

    @Test func `a Job that was seen to have all it wants needs nobody's word`() async throws {
        // Its condition comes after the count, and it is removed in between.
        try expectRead(
            "jobs", in: "deploy-rec2", times: 1,
            replacing: [(#""type":"Complete""#, #""type":"New""#)])
        try expectRead("jobs", in: "deploy-rec2", replacing: withoutJobs)
        expectWarnings(in: "deploy-rec2")
        let results = try await wait(target(.job, "good", in: "deploy-rec2"))
        #expect(results.map(\.state) == ["completed, and was removed"])
    }

    @Test func `a Job that failed and was removed is no success`() async throws {
        try expectRead("jobs", in: "deploy-rec2", replacing: withoutJobs)
        try expectEvents("bad")
        let error = try await failure(target(.job, "bad", in: "deploy-rec2"))
        #expect(
            error.message == "job/bad (namespace deploy-rec2): it failed, and was removed: Job has"
                + " reached the specified backoff limit")
    }

    @Test func `what an earlier Job of the name came to says nothing`() async throws {
        try expectRead("jobs", in: "deploy-rec2", replacing: withoutJobs)
        try expectEvents("good")
        sample.runner.expectKubectl(
            ["get", "namespaces"],
            returning: .ok(
                #"{"items": [{"metadata": {"name": "deploy-rec2"}, "status": {"phase": "Active"}}]}"#
            ))
        let error = try await failure(
            target(.job, "good", in: "deploy-rec2"),
            since: try #require(Date(timestamp: "2026-11-26T10:09:20Z")))
        #expect(error.message == "job/good is gone from namespace deploy-rec2")
    }
}
