import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Vocabulary
@testable import Workloads

/// The recorded namespace was applied twice: `ledger` locks a hostPath and says words that nobody
/// knows, `hang` waits for its lock with MySQL's words, `port` and `entry` want the host port that
/// their old pods have, `net` opens a port of the node's network.
struct RolloutLocksTests {
    private let sample: SampleSession
    private let clock = ManualClock()

    init() throws { sample = try SampleSession(["namespace": "rec-a"]) }

    private func expectRead(
        _ recording: String, times: Int? = nil, replacing changes: [String: String] = [:]
    ) throws {
        let text = try Fixture.cluster("rollout-\(recording)").replacing(changes)
        sample.runner.expect(
            where: { call in
                call.tool == "kubectl" && call.arguments.contains("get")
                    && !call.arguments.contains("events")
            }, named: "read of \(recording)", times: times, answering: { _ in .ok(text) })
    }

    private func expectEvents() throws {
        sample.runner.expectKubectl(
            ["get", "events"],
            returning: .ok(try Fixture.cluster("rollout-evidence-events")), times: nil)
    }

    private func expectLog(_ text: String) {
        sample.runner.expectKubectl(["logs"], returning: .ok(text), times: nil)
    }

    private func run(
        _ workload: String, deadline: Duration = .seconds(300)
    ) async throws -> (results: [RolloutResult], locks: [ClearedLock]) {
        let ended = try await RolloutWait(
            session: sample.session, namespace: "rec-a", deadline: deadline, clock: clock.clock
        ).run([try WorkloadReference(workload)])
        return (ended.results, ended.locks)
    }

    private func failure(_ workload: String, deadline: Duration = .seconds(300)) async throws
        -> DevClusterError
    {
        try #require(
            await #expect(throws: DevClusterError.self) {
                try await run(workload, deadline: deadline)
            })
    }

    private var patches: [String] { sample.runner.kubectlCalls.filter { $0.hasPrefix("patch") } }

    @Test
    func `a pod that ends beside an older one with the same data is a lock, which is cleared`()
        async throws
    {
        // Two looks, the survey, and the pods that go.
        try expectRead("evidence", times: 3)
        try expectRead("evidence-gone", times: 1)
        try expectRead("evidence-cleared")
        try expectEvents()
        expectLog("ledger: another process has it open\n")
        sample.runner.expectKubectl(["patch"], times: 2)
        let ended = try await run("deployment/ledger")
        #expect(ended.results.map(\.state) == ["1/1"])
        #expect(ended.locks.map(\.workload) == ["deployment/ledger"])
        #expect(ended.locks.map(\.replicas) == [1])
        #expect(
            ended.locks.map(\.reason) == [
                "pod ledger-7cf4dcdb9b-77k2d of the same workload has hostPath"
                    + " /var/lib/evidence-ledger"
            ])
        #expect(patches.first?.contains(#""spec":{"replicas":0}"#) == true)
        #expect(patches.last?.contains(#""spec":{"replicas":1}"#) == true)
        let told = try #require(sample.activity.warnings.first)
        #expect(told.contains("locked: it ended with exit code 1, while pod ledger-7cf4dcdb9b"))
        #expect(told.hasSuffix("  | ledger: another process has it open"))
        #expect(sample.activity.notes.last?.contains("strategy: {type: Recreate}") == true)
        #expect(clock.elapsed < .seconds(3))
    }

    @Test func `the first end may have any reason, so nothing is cleared for it`() async throws {
        try expectRead("evidence", replacing: [#""restartCount":2"#: #""restartCount":0"#])
        try expectEvents()
        expectLog("connection refused\n")
        let error = try await failure("deployment/ledger", deadline: .seconds(5))
        #expect(error.code == .deadline)
        #expect(patches.isEmpty)
        #expect(
            sample.activity.warnings.first?.contains("has hostPath /var/lib/evidence-ledger")
                == true, "it is told all the same")
    }

    @Test func `the words of a known database are believed at once`() async throws {
        try expectRead(
            "evidence", times: 3, replacing: [#""restartCount":2"#: #""restartCount":0"#])
        try expectRead("evidence-gone", times: 1)
        try expectRead("evidence-cleared")
        try expectEvents()
        expectLog("level=error err=\"lock DB directory: resource temporarily unavailable\"\n")
        sample.runner.expectKubectl(["patch"], times: 2)
        let ended = try await run("deployment/ledger")
        #expect(ended.locks.first?.reason.hasSuffix("(Prometheus)") == true)
    }

    @Test func `a program that waits for its lock is known by its words`() async throws {
        try expectRead("evidence")
        try expectEvents()
        expectLog("[ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11\n")
        sample.runner.expectKubectl(
            ["patch"], returning: .failure(1, stderr: "refused\n"), times: nil)
        await #expect(throws: (any Error).self) { try await run("deployment/hang") }
        let told = try #require(sample.activity.warnings.first)
        #expect(told.contains("while pod hang-d6df6fbbf-g2jdq of the same workload has hostPath"))
        #expect(
            told.hasSuffix("  | [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11"))
        #expect(patches.first?.contains("deployments.apps/hang") == true)
    }

    @Test func `a program that is slow beside one with its data is no lock, and is told beside it`()
        async throws
    {
        try expectRead("evidence")
        try expectEvents()
        expectLog("still warming up\n")
        let error = try await failure("deployment/hang")
        #expect(error.message.contains("unchanged for 30 s"))
        #expect(error.message.hasSuffix("  | still warming up"))
        #expect(
            error.hint?.contains(
                "pod hang-d6df6fbbf-g2jdq of the same workload has hostPath /var/lib/evidence-hang:"
                    + " where it waits for that, set 'strategy: {type: Recreate}'") == true)
        #expect(patches.isEmpty)
    }

    @Test(arguments: ["deployment/hang", "deployment/ledger"])
    func `words of a lock are believed of a program that nobody knows`(workload: String)
        async throws
    {
        try expectRead("evidence", replacing: [#""restartCount":2"#: #""restartCount":0"#])
        try expectEvents()
        expectLog("Database /data/lock is locked by another server, waiting for it\n")
        sample.runner.expectKubectl(
            ["patch"], returning: .failure(1, stderr: "refused\n"), times: nil)
        await #expect(throws: (any Error).self) { try await run(workload) }
        #expect(patches.first?.contains(workload.replacing("deployment/", with: "")) == true)
        #expect(sample.activity.warnings.first?.contains("locked: ") == true)
        #expect(clock.elapsed < .seconds(3))
    }

    @Test func `a program that ended by itself and was just started anew is no failing probe`()
        async throws
    {
        let changes = [
            #""lastState":{},"name":"hang","ready":false,"restartCount":0"#:
                #""lastState":{"terminated":{"exitCode":1,"startedAt":"2026-11-26T09:39:05Z"}},"#
                + #""name":"hang","ready":false,"restartCount":1"#
        ]
        try expectRead("evidence", replacing: changes)
        try expectEvents()
        expectLog("still warming up\n")
        _ = try await failure("deployment/hang", deadline: .seconds(5))
        #expect(sample.activity.warnings.count == 1)
        #expect(sample.activity.warnings[0].contains("it ended with exit code 1, while pod hang"))
    }

    @Test func `a host port that the workload's own old pod has is freed`() async throws {
        try expectRead("evidence")
        try expectEvents()
        sample.runner.expectKubectl(
            ["patch"], returning: .failure(1, stderr: "refused\n"), times: nil)
        await #expect(throws: (any Error).self) { try await run("deployment/entry") }
        #expect(patches.first?.hasPrefix("patch deployments.apps/entry") == true)
        #expect(
            sample.activity.warnings.first?.contains(
                "locked: no node takes it while pod entry-74f454fb47-5gd4v of the same workload has"
                    + " host port 18081") == true)
        #expect(clock.elapsed < .seconds(3))
    }

    @Test func `where its emptyDir would be lost, the port ends the wait at once`() async throws {
        try expectRead("evidence")
        try expectEvents()
        let error = try await failure("deployment/port")
        #expect(error.code == .failed)
        #expect(error.message.contains("has host port 18080"))
        #expect(error.message.contains("spec.locks has to name it"))
        #expect(error.hint?.contains("strategy: {type: Recreate}") == true)
        #expect(patches.isEmpty)
        #expect(clock.elapsed < .seconds(3))
    }

    /// The words are from Kubernetes' source.
    @Test func `a claim that is the old pod's alone is freed`() async throws {
        let port = #"1 node(s) didn't have free ports for the requested pod ports"#
        try expectRead(
            "evidence",
            replacing: [
                port: "1 node has pod using PersistentVolumeClaim with the same name and"
                    + " ReadWriteOncePod access mode",
                #""emptyDir":{}"#: #""persistentVolumeClaim":{"claimName":"data"}"#,
            ])
        try expectEvents()
        sample.runner.expectKubectl(
            ["patch"], returning: .failure(1, stderr: "refused\n"), times: nil)
        await #expect(throws: (any Error).self) { try await run("deployment/port") }
        #expect(sample.activity.warnings.first?.contains("has claim data") == true)
        #expect(patches.first?.hasPrefix("patch deployments.apps/port") == true)
    }

    @Test func `a port of the node's network is a lock where the program says that it is taken`()
        async throws
    {
        try expectRead("evidence")
        try expectEvents()
        expectLog("httpd: bind: Address already in use\n")
        sample.runner.expectKubectl(
            ["patch"], returning: .failure(1, stderr: "refused\n"), times: nil)
        await #expect(throws: (any Error).self) { try await run("deployment/net") }
        #expect(patches.first?.hasPrefix("patch deployments.apps/net") == true)
        #expect(sample.activity.warnings.first?.contains("has the node's network") == true)
    }

    @Test func `a crash on the node's network for another reason is none`() async throws {
        try expectRead("evidence")
        try expectEvents()
        expectLog("panic: no configuration\n")
        let error = try await failure("deployment/net", deadline: .seconds(5))
        #expect(error.code == .failed)
        #expect(patches.isEmpty)
    }

    @Test(arguments: [
        // Two that are ready share it, so it is no single writer.
        ["\"replicas\":1,": "\"replicas\":2,"],
        // A program killed for memory, or by somebody, did not end for a lock.
        ["\"exitCode\":1": "\"exitCode\":137"],
        // The older one was started only after this one ended.
        ["\"startedAt\":\"2026-11-26T09:38:53Z\"": "\"startedAt\":\"2026-11-26T09:59:00Z\""],
    ]) func `an end that a lock does not explain is a crash`(changes: [String: String])
        async throws
    {
        try expectRead("evidence", replacing: changes)
        try expectEvents()
        expectLog("bye\n")
        let error = try await failure("deployment/ledger", deadline: .seconds(5))
        #expect(error.code == .failed)
        #expect(patches.isEmpty)
        #expect(!error.message.contains("of the same workload"))
    }

    @Test
    func `an init container that runs is told within 3 s, and at the deadline, with its words`()
        async throws
    {
        try expectRead("evidence")
        try expectEvents()
        expectLog("waiting for db:5432\n")
        let error = try await failure("deployment/initwait", deadline: .seconds(3))
        #expect(error.code == .deadline)
        #expect(error.message.contains("container wait-for-db): initializing: "))
        #expect(error.message.hasSuffix("  | waiting for db:5432"))
        #expect(error.hint?.hasPrefix("give it what it waits for, or correct it: ") == true)
        let told = try #require(sample.activity.warnings.first)
        #expect(told.contains("\n  | waiting for db:5432\n  → give it what it waits for"))
        #expect(
            sample.runner.kubectlCalls.contains {
                $0 == "logs pod/initwait-674777478c-m8nxw --tail 5 --container wait-for-db"
            }, "the run that is meant goes on")
    }

    @Test func `an image that may not be pulled, and is not there, ends the wait at once`()
        async throws
    {
        try expectRead("evidence")
        try expectEvents()
        let error = try await failure("deployment/never")
        #expect(error.code == .failed)
        #expect(error.hint?.hasPrefix("take 'imagePullPolicy: Never' out") == true)
        #expect(clock.elapsed < .seconds(1))
    }

    @Test func `a lock that was cleared and is there again is given up`() async throws {
        try expectRead("evidence", times: 3)
        try expectRead("evidence-gone", times: 1)
        try expectRead("evidence")
        try expectEvents()
        expectLog("bye\n")
        sample.runner.expectKubectl(["patch"], times: 2)
        let error = try await failure("deployment/ledger")
        #expect(error.message.contains("its lock was cleared before"))
        #expect(patches.count == 2)
    }
}
