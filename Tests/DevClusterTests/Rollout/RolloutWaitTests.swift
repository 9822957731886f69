import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Sessions
@testable import Vocabulary
@testable import Workloads

/// A clock whose time passes only while somebody waits by it.
final class ManualClock: Sendable {
    private let passed = Mutex(Duration.zero)
    private let start = ContinuousClock.now

    /// How long was waited.
    var elapsed: Duration { passed.withLock { $0 } }

    var clock: WaitClock {
        WaitClock(
            now: { [self] in start + elapsed },
            sleep: { [self] duration in
                try Task.checkCancellation()
                passed.withLock { $0 += duration }
            })
    }
}

struct RolloutWaitTests {
    private let sample: SampleSession
    private let clock = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "rec-a"]) }

    private func wait(
        _ workloads: String..., deadline: Duration = .seconds(300), maxRestarts: Int = 4
    ) async throws -> [RolloutResult] {
        try await RolloutWait(
            session: sample.session, namespace: "rec-a", deadline: deadline,
            maxRestarts: maxRestarts, clock: clock.clock
        ).run(workloads.map { try WorkloadReference($0) }).results
    }

    /// Lets the reads see this recording, each as often as given; nil is any number of times.
    private func expectRead(
        _ recording: String, times: Int? = nil, replacing changes: [(String, String)] = []
    ) throws {
        var text = try Fixture.cluster("rollout-\(recording)")
        for (old, new) in changes { text = text.replacing(old, with: new) }
        sample.runner.expect(
            where: { call in
                call.tool == "kubectl" && call.arguments.contains("get")
                    && !call.arguments.contains("events")
                    && call.arguments.contains("rec-a")
            }, named: "read of \(recording)", times: times, answering: { [text] _ in .ok(text) })
    }

    /// Lets the reads of warnings see this recording; nil is that there are none.
    private func expectEvents(_ recording: String? = nil) throws {
        let text =
            try recording.map { try Fixture.cluster("rollout-\($0)") } ?? #"{"items": []}"#
        sample.runner.expectKubectl(
            ["get", "events"], returning: .ok(text), times: nil, namespace: "rec-a")
    }

    private func expectLog(_ text: String = "", times: Int? = 1) {
        sample.runner.expectKubectl(["logs"], returning: .ok(text), times: times)
    }

    private func failure(
        _ workloads: String..., deadline: Duration = .seconds(300)
    ) async throws -> DevClusterError {
        let wait = RolloutWait(
            session: sample.session, namespace: "rec-a", deadline: deadline, clock: clock.clock)
        let error = await #expect(throws: DevClusterError.self) {
            try await wait.run(workloads.map { try WorkloadReference($0) })
        }
        return try #require(error)
    }

    private var reads: Int {
        sample.runner.calls.count { $0.arguments.contains("get") }
    }

    @Test func `rollouts that are done are reported in the order asked for`() async throws {
        try expectRead("settled", times: 1)
        let results = try await wait("job/good", "deployment/fine", "statefulset/db")
        #expect(results.map(\.workload) == ["job/good", "deployment/fine", "statefulset/db"])
        #expect(results.map(\.state) == ["completed", "1/1", "2/2"])
        #expect(reads == 1, "what is unchanged costs a single read")
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
        try expectRead("half-updated", times: 1)
        try expectRead("settled", times: 1)
        try expectEvents()
        #expect(try await wait("statefulset/db").map(\.state) == ["2/2"])
        #expect(
            sample.activity.progress == [
                "statefulset/db: 1 of 2 updated", "statefulset/db: 2/2",
            ])
        #expect(sample.activity.rollouts.map(\.state) == [.waiting, .complete])
    }

    @Test func `of several workloads each is told, and how many are done`() async throws {
        try expectRead("half-updated", times: 1)
        try expectRead("settled", times: 1)
        try expectEvents()
        _ = try await wait("statefulset/db", "daemonset/agent")
        #expect(sample.activity.progress.last == "2 of 2 complete")
        #expect(sample.activity.rollouts.last?.count == 2)
    }

    @Test func `an image that the registry does not have ends the wait at once`() async throws {
        try expectRead("settled")
        try expectEvents()
        sample.runner.expectCurl("head-404")
        let error = try await failure("deployment/notfound")
        #expect(error.message.contains("deployment/notfound (pod notfound-"))
        #expect(error.message.contains("ImagePullBackOff"))
        #expect(error.hint?.hasPrefix("the registry has no hello:rec-missing; ") == true)
        #expect(error.hint?.contains("kubectl --context kind-devcluster-demo") == true)
        #expect(sample.activity.warnings.isEmpty, "it is said once, as the error")
        #expect(clock.elapsed < .seconds(1))
        #expect(sample.activity.rollouts.last?.state == .failed)
    }

    @Test(arguments: ["head-200", "refused"])
    func `a pull that the registry does not explain is given up after 30 s`(
        recording: String
    ) async throws {
        try expectRead("pulling")
        try expectEvents()
        sample.runner.expectCurl(recording)
        let error = try await failure("deployment/notfound")
        #expect(error.code == .failed)
        #expect(error.message.contains("unchanged for 30 s"))
        #expect((.seconds(30)..<(.seconds(32))).contains(clock.elapsed))
        #expect(sample.activity.warnings.count == 1, "and the registry was asked once")
    }

    @Test func `another registry is not asked, its refusal is believed`() async throws {
        try expectRead("diagnoses")
        try expectEvents("diagnoses-events")
        let error = try await failure("deployment/d-unauthorized")
        #expect(error.message.contains("401 Unauthorized"))
        #expect(error.hint?.contains("create secret docker-registry") == true)
        #expect(clock.elapsed < .seconds(1))
    }

    @Test func `a problem that stays is told once, also as a back-off`() async throws {
        try expectRead("pulling", times: 3)
        try expectRead("settled")
        try expectEvents()
        sample.runner.expectCurl("head-200")
        _ = try await failure("deployment/notfound")
        #expect(sample.activity.warnings.count == 1)
        #expect(sample.activity.warnings[0].contains("not found") == true)
    }

    @Test func `a workload that is gone ends the wait`() async throws {
        try expectRead("settled")
        sample.runner.expectKubectl(
            ["get", "namespaces"],
            returning: .ok(
                #"{"items": [{"metadata": {"name": "rec-a"}, "status": {"phase": "Active"}}]}"#))
        let error = try await failure("deployment/none")
        #expect(error.message == "deployment/none is gone from namespace rec-a")
    }

    @Test(arguments: [
        #"{"items": [{"metadata": {"name": "rec-a"}, "status": {"phase": "Terminating"}}]}"#,
        #"{"items": []}"#,
    ]) func `a namespace that is deleted with its workloads ends the wait, and says so`(
        namespaces: String
    ) async throws {
        try expectRead("settled")
        sample.runner.expectKubectl(["get", "namespaces"], returning: .ok(namespaces))
        let error = try await failure("deployment/none")
        #expect(error.message.hasPrefix("namespace rec-a is being deleted"))
    }

    @Test func `a namespace that ends is noticed while its workloads are still there`()
        async throws
    {
        let ending =
            #""items":[{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"rec-a"},"#
            + #""status":{"phase":"Terminating"}},"#
        try expectRead("started", times: 1)
        try expectRead("started", replacing: [(#""items":["#, ending)])
        try expectEvents()
        let error = try await failure("deployment/fine")
        #expect(error.message.hasPrefix("namespace rec-a is being deleted"))
    }

    @Test func `a crash loop ends the wait at its fourth restart, with its last words`()
        async throws
    {
        try expectRead("settled")
        try expectEvents()
        expectLog("starting\ncannot reach database db:5432\n", times: 2)
        let error = try await failure("deployment/crash")
        #expect(error.code == .failed)
        #expect(error.message.contains("CrashLoopBackOff: it ended with exit code 3\n"))
        #expect(error.message.hasSuffix("  | starting\n  | cannot reach database db:5432"))
        #expect(error.hint?.contains("logs --previous crash-") == true)
        #expect(sample.activity.warnings.isEmpty, "it is said once, as the error")
    }

    @Test(arguments: [(3, "not rolled out after 5m: "), (4, "deployment/crash (pod crash-")])
    func `fewer restarts can still come right`(restarts: Int, message: String) async throws {
        try expectRead(
            "settled", replacing: [(#""restartCount":5"#, "\"restartCount\":\(restarts)")])
        try expectEvents()
        expectLog(times: nil)
        let error = try await failure("deployment/crash")
        #expect(error.message.hasPrefix(message))
        #expect(error.code == .failed, "it is known to fail, whatever ended the wait")
    }

    @Test func `--max-restarts decides how many are too many`() async throws {
        try expectRead("settled")
        try expectEvents()
        expectLog(times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await wait("deployment/crash", maxRestarts: 6)
        }
        #expect(error?.message.hasPrefix("not rolled out after 5m: ") == true)
    }

    @Test func `a crash loop waits for what is still coming up elsewhere`() async throws {
        let ready = #""readyReplicas":2"#
        try expectRead("settled", times: 5, replacing: [(ready, #""readyReplicas":1"#)])
        try expectRead("settled", times: 10)
        try expectRead(
            "settled", replacing: [(#""restartCount":5"#, #""restartCount":6"#)])
        try expectEvents()
        expectLog(times: nil)
        let error = try await failure("deployment/crash", "statefulset/db")
        #expect(error.code == .failed)
        #expect(error.message.hasPrefix("deployment/crash"))
        #expect(
            clock.elapsed >= .seconds(3),
            "it was started once more after the other was ready, and only that one counts")
    }

    @Test(arguments: ["", "unable to retrieve container logs for containerd://4ada3b83\n"])
    func `the words of a program that was just started anew are those of the one before`(
        now: String
    ) async throws {
        try expectRead("settled")
        try expectEvents()
        sample.runner.expect(
            where: { $0.arguments.contains("logs") }, named: "logs", times: 2
        ) { .ok($0.arguments.contains("--previous") ? "last words\n" : now) }
        let error = try await failure("job/bad")
        #expect(error.message.contains("  | last words"))
        #expect(!error.message.contains("unable to retrieve"))
    }

    @Test func `a log that does not come is no reason to say nothing`() async throws {
        try expectRead("settled")
        try expectEvents()
        sample.runner.expect(
            where: { $0.arguments.contains("logs") }, named: "logs", times: nil
        ) { throw InvocationError(.timedOut, $0) }
        let error = try await failure("job/bad")
        #expect(error.message.contains("backoff limit"))
        #expect(error.code == .failed)
    }

    @Test func `a program that ended before has to run for a while, where no probe asks it`()
        async throws
    {
        try expectRead(
            "settled",
            replacing: [
                (#""restartCount":0"#, #""restartCount":1"#),
                (#""startedAt":"2026"#, #""startedAt":"2099"#),
            ])
        try expectEvents()
        #expect(try await wait("deployment/fine").map(\.state) == ["1/1"])
        #expect(clock.elapsed >= .seconds(5))
        #expect(sample.activity.progress.first == "deployment/fine: started a moment ago")
    }

    @Test func `a program without a probe is looked at again before it is called running`()
        async throws
    {
        try expectRead("settled", replacing: [(#""startedAt":"2026"#, #""startedAt":"2099"#)])
        try expectEvents()
        #expect(try await wait("deployment/fine").map(\.state) == ["1/1"])
        #expect(clock.elapsed >= .seconds(1))
        #expect(clock.elapsed < .seconds(2))
    }

    @Test func `a program that was started anew long ago is not waited for`() async throws {
        try expectRead(
            "settled", times: 1, replacing: [(#""restartCount":0"#, #""restartCount":1"#)])
        #expect(try await wait("deployment/fine").map(\.state) == ["1/1"])
    }

    @Test func `a program for another processor is given up at its first end`() async throws {
        try expectRead("diagnoses", replacing: [(#""restartCount":4"#, #""restartCount":0"#)])
        try expectEvents("diagnoses-events")
        expectLog("exec /cfg/run: exec format error\n")
        let error = try await failure("deployment/d-execformat")
        #expect(error.message.contains("exec format error"))
        #expect(error.hint?.contains("the node's processor") == true)
        #expect(clock.elapsed < .seconds(1))
    }

    @Test(arguments: [
        ("noconfigmap", Duration.seconds(10)), ("nomount", .seconds(10)), ("cpu", .seconds(30)),
        ("unbound", .seconds(30)), ("probe404", .seconds(30)), ("refused", .seconds(30)),
    ]) func `what somebody may still put right is awaited as long as that may help`(
        name: String, limit: Duration
    ) async throws {
        try expectRead("diagnoses")
        try expectEvents("diagnoses-events")
        if name == "probe404" { expectLog("no route for /ready\n", times: 2) }
        let error = try await failure("deployment/d-\(name)")
        #expect(error.code == .failed)
        #expect(error.message.contains("  | no route for /ready") == (name == "probe404"))
        #expect(error.message.contains("unchanged for \(limit.components.seconds) s"))
        #expect((limit..<(limit + .seconds(2))).contains(clock.elapsed))
        #expect(sample.activity.warnings.count == 1, "it was told at once")
        #expect(sample.activity.rollouts.contains { $0.state == .stuck && $0.remedy != nil })
    }

    @Test(arguments: ["noaccount", "execformat"])
    func `what cannot come right is not awaited at all`(name: String) async throws {
        try expectRead("diagnoses")
        try expectEvents("diagnoses-events")
        if name == "execformat" { expectLog("exec /cfg/run: exec format error\n") }
        _ = try await failure("deployment/d-\(name)")
        #expect(clock.elapsed < .seconds(1))
    }

    @Test(arguments: [(1, Duration.seconds(0)), (2, .seconds(15))])
    func `a used up quota is awaited only while pods that are replaced may free it`(
        generation: Int, patience: Duration
    ) async throws {
        try expectRead(
            "quota",
            replacing: [
                (
                    #""uid":"a81b8001-20da-45bd-903d-909bd997babe","generation":1"#,
                    #""uid":"a81b8001-20da-45bd-903d-909bd997babe","generation":"#
                        + "\(generation)"
                ),
                (#""observedGeneration":1"#, #""observedGeneration":"# + "\(generation)"),
            ])
        try expectEvents()
        let error = try await failure("deployment/d-quota")
        #expect(error.code == .failed)
        #expect(error.hint?.contains("pods: 1 of 1 used, 1 more needed") == true)
        #expect((patience..<(patience + .seconds(1))).contains(clock.elapsed))
    }

    @Test func `a startup probe is awaited for as long as it allows, and a little longer`()
        async throws
    {
        try expectRead("diagnoses")
        try expectEvents("diagnoses-events")
        expectLog(times: nil)
        let error = try await failure("deployment/d-startup", deadline: .seconds(120))
        #expect(error.code == .failed)
        #expect(error.message.contains("Startup probe failed"))
        #expect((.seconds(70)..<(.seconds(72))).contains(clock.elapsed), "60 times 1 s, and 10 s")
    }

    @Test func `an image's name that is none ends the wait`() async throws {
        try expectRead("settled")
        try expectEvents()
        let error = try await failure("deployment/badname")
        #expect(error.message.contains("InvalidImageName") == true)
    }

    @Test func `old pods say nothing about a template that is not seen yet`() async throws {
        // As it is between the apply and the controller's first look.
        try expectRead(
            "settled", times: 4,
            replacing: [(#""generation":1,"#, #""generation":2,"#)])
        try expectRead("settled")
        try expectEvents()
        expectLog(times: nil)
        let error = try await failure("deployment/crash")
        #expect(error.message.contains("CrashLoopBackOff"))
        #expect(clock.elapsed > .milliseconds(700))
    }

    @Test(arguments: [
        ("job/bad", "backoff limit"), ("deployment/slow", "timed out progressing"),
        ("deployment/paused", "it is paused"),
    ]) func `what has failed ends the wait with the cluster's words`(
        workload: String, words: String
    ) async throws {
        try expectRead("settled")
        try expectEvents()
        expectLog("last words\n", times: nil)
        let error = try await failure(workload)
        #expect(error.message.contains(words) == true)
        if workload == "job/bad" { #expect(error.message.contains("  | last words")) }
    }

    @Test func `an API that does not answer is no information, and said once`() async throws {
        sample.runner.expectKubectl(
            ["get"],
            returning: .failure(
                1,
                stderr: "The connection to the server 127.0.0.1:43317 was refused - did you specify"
                    + " the right host or port?\n"), times: 3)
        try expectRead("settled", times: 1)
        #expect(try await wait("deployment/fine").map(\.state) == ["1/1"])
        #expect(
            sample.activity.warnings == [
                "the API of context kind-devcluster-demo does not answer"
            ])
        #expect(sample.activity.notes == ["the API answers again"])
    }

    @Test func `an API that is silent for 30 s ends the wait with what was seen last`()
        async throws
    {
        try expectRead("started", times: 1)
        sample.runner.expectKubectl(
            ["get"], returning: .failure(1, stderr: "refused\n"), times: nil)
        let error = try await failure("deployment/fine")
        #expect(error.message.contains("did not answer"))
        #expect(error.message.contains("  | deployment/fine: 0 of 1 available"))
        #expect(error.hint?.hasPrefix("devcluster up") == true)
        #expect((.seconds(30)..<(.seconds(32))).contains(clock.elapsed))
    }

    @Test func `the deadline names what is open, and not what is done`() async throws {
        try expectRead("settled")
        try expectEvents()
        let error = try await failure(
            "deployment/fine", "deployment/configless", deadline: .seconds(5))
        #expect(error.code == .deadline)
        #expect(error.message.contains("deployment/configless") == true)
        #expect(error.message.contains("configmap \"absent\" not found") == true)
        #expect(error.message.contains("deployment/fine") == false)
        #expect(error.hint?.contains("spec.timeouts.rollout") == true)
    }

    @Test(arguments: [
        ("deployment/configless", "deployment/notfound"),
        ("deployment/notfound", "deployment/configless"),
    ]) func `what is wrong elsewhere is told with the error`(
        first: String, second: String
    ) async throws {
        try expectRead("settled")
        try expectEvents()
        sample.runner.expectCurl("head-404")
        let error = try await failure(first, second)
        #expect(error.message.hasPrefix("deployment/notfound"))
        #expect(error.message.contains("  | also deployment/configless"))
    }

    @Test func `a wait that is interrupted says in what state it left each workload`()
        async throws
    {
        try expectRead("started")
        try expectEvents()
        let task = Task { [self] in try await wait("deployment/fine", "job/good") }
        while reads < 3 { await Task.yield() }
        task.cancel()
        let error = await #expect(throws: DevClusterError.self) { try await task.value }
        #expect(error?.code == .interrupted)
        #expect(error?.message.contains("deployment/fine: 0 of 1 available") == true)
        #expect(error?.message.contains("job/good: 0 of 1 completed") == true)
        #expect(error?.hint?.contains("the same command again") == true)
    }
}
