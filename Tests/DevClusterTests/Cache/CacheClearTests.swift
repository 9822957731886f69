import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Registries
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

struct CacheClearTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }
    private static let worker = "devcluster-demo-worker"

    init() throws {
        sample = try SampleSession(registryPort: 5112)
        try sample.remember()
        engine.install(sample.runner)
    }

    /// What the recorded nodes hold, nothing of it pinned, so that only the registries' word
    /// counts; crictl says so of nodes that were not made from kind's images.
    private func expectCluster(
        current: [String] = ["web:1", "web:1b", "other:1"], pushedAgain: [String] = [],
        pulls: Bool = true, pinned: Bool = false
    ) throws {
        runner.expectPullProof(succeeds: pulls)
        try runner.expectContents(
            "control-plane", "worker",
            replacing: pinned ? [:] : ["\"pinned\": true": "\"pinned\": false"])
        runner.expectNodeRegistry(current: current, pushedAgain: pushedAgain)
    }

    private func clear(
        _ selection: CacheSelection, unpullable: Bool = false, used: Bool = false
    ) -> CacheClear {
        CacheClear(
            session: sample.session, selection: selection, includesUnpullable: unpullable,
            includesUsed: used)
    }

    private func named(_ names: String...) throws -> CacheSelection {
        .named(try names.map { try CacheName($0) })
    }

    /// Names that would be removed from the worker; nothing may go from the other node.
    private func planned(_ plan: CacheClearPlan) -> [String] {
        #expect(plan.removals.filter { $0.node != Self.worker }.allSatisfy { $0.names.isEmpty })
        return plan.removals.first { $0.node == Self.worker }?.names ?? []
    }

    @Test func `a reference goes from the nodes that have it, and only the reference`()
        async throws
    {
        try expectCluster()
        let plan = try await clear(try named("web:1b")).plan()
        #expect(planned(plan) == ["localhost:5112/web:1b"])
        // The pod web runs from that image.
        #expect(plan.question == "remove localhost:5112/web:1b (used by default/web)?")
        runner.expectRemoval("worker")
        let report = try await clear(try named("web:1b")).run(plan)
        #expect(runner.removals == ["worker": ["localhost:5112/web:1b"]])
        #expect(report.bereft.map(\.pod) == ["web"])
        #expect(report.freedBytes == 0)
        #expect(report.exitCode == 0)
    }

    @Test func `a reference that no node has is told, and no error`() async throws {
        try expectCluster()
        let plan = try await clear(try named("nothing:1", "no*")).plan()
        #expect(plan.unmatched == ["nothing:1", "no*"])
        let report = try await clear(try named("nothing:1")).run(plan)
        #expect(report.exitCode == 0)
        #expect(runner.changes.isEmpty)
    }

    @Test func `a pattern leaves what is used, and what cannot be pulled again`() async throws {
        try expectCluster()
        let plan = try await clear(try named("web:*")).plan()
        #expect(planned(plan).isEmpty)
        #expect(plan.question == nil)
        #expect(
            plan.kept.map(\.references) == [
                ["localhost:5112/web:1", "localhost:5112/web:1b"], ["localhost:5112/web:2"],
            ])
        #expect(plan.kept[0].uses.map(\.pod) == ["web"])
        #expect(plan.kept[1].unpullable == "no registry confirms localhost:5112/web:2")
    }

    @Test func `insisting takes both, and asks`() async throws {
        try expectCluster()
        let plan = try await clear(try named("web:*"), unpullable: true, used: true).plan()
        #expect(planned(plan).contains("localhost:5112/web:1"))
        #expect(planned(plan).contains("localhost:5112/web:2"))
        #expect(
            plan.question == "remove localhost:5112/web:1, localhost:5112/web:1b (used by"
                + " default/web); localhost:5112/web:2 (which a node could not pull again)?")
    }

    @Test func `stale are the tags for which the registry serves something else`() async throws {
        try expectCluster(pushedAgain: ["web:2"])
        let plan = try await clear(.stale).plan()
        #expect(planned(plan).first == "localhost:5112/web:2")
        #expect(planned(plan).last == SampleNode.unused)
        #expect(plan.question == nil)
        #expect(plan.kept.isEmpty)
    }

    @Test func `without the registry's word nothing is known to be stale`() async throws {
        runner.expectPullProof()
        try runner.expectContents("control-plane", "worker")
        runner.expect("curl", times: nil) { invocation in
            let script = try CurlScript(invocation)
            return script.outcome(
                try script.requests.map { _ in try Fixture.data("curl-7.88.1-refused.txt") })
        }
        let plan = try await clear(.stale).plan()
        #expect(planned(plan).isEmpty)
        #expect(try await clear(.stale).run(plan).exitCode == 3)
    }

    @Test func `all leaves what no registry confirms and what is in use`() async throws {
        try expectCluster()
        let plan = try await clear(.all).plan()
        #expect(planned(plan).isEmpty)
        let kept = Set(plan.kept.flatMap(\.references))
        #expect(kept.isSuperset(of: ["k8s.gcr.io/pause:3.2", "k8s.gcr.io/coredns:1.7.0"]))
        #expect(kept.contains("localhost:5112/web:1"))
        #expect(
            plan.kept.first { $0.references == ["localhost:5112/web:2"] }?.unpullable != nil)
    }

    @Test func `all in use takes what our registry serves, whole, and nothing else`() async throws {
        try expectCluster()
        let plan = try await clear(.all, used: true).plan()
        let web = ["localhost:5112/other:1", "localhost:5112/web:1", "localhost:5112/web:1b"]
        let digests = ["other", "web"].map { "localhost:5112/\($0)@\(SampleNode.webDigest)" }
        #expect(planned(plan) == web + digests + [SampleNode.web])
        #expect(plan.question?.contains("used by default/web") == true)
    }

    @Test func `an image of which one tag is not served is kept whole`() async throws {
        try expectCluster(current: ["web:1", "other:1"])
        let plan = try await clear(.all, used: true).plan()
        #expect(planned(plan).isEmpty)
        #expect(
            plan.kept.contains { $0.unpullable == "no registry confirms localhost:5112/web:1b" })
    }

    @Test func `what a registry serves is kept on a node that cannot pull from it`() async throws {
        try expectCluster(pulls: false)
        let plan = try await clear(.all, used: true).plan()
        #expect(planned(plan).isEmpty)
        #expect(
            plan.kept.contains {
                $0.unpullable == "\(Self.worker) cannot pull from the registry: no such host"
            })
    }

    @Test func `what another registry confirms goes, but for what is pinned`() async throws {
        try expectCluster()
        let clear = CacheClear(session: sample.session, selection: .unused) { $0 }
        let plan = try await clear.plan()
        // On the worker kube-proxy and web are used, and pause is what every pod stands on.
        let worker = plan.removals.first { $0.node == Self.worker }?.references.map(\.reference)
        #expect(worker?.contains("k8s.gcr.io/etcd:3.4.13-0") == true)
        #expect(worker?.contains("k8s.gcr.io/pause:3.2") == false)
        #expect(worker?.contains("k8s.gcr.io/kube-proxy:v1.20.2") == false)
        #expect(plan.question == nil)
    }

    @Test func `what is pinned stays even if it could be pulled`() async throws {
        try expectCluster(pinned: true)
        let clear = CacheClear(session: sample.session, selection: .all, includesUsed: true) { $0 }
        let plan = try await clear.plan()
        #expect(plan.kept.contains { $0.unpullable == "pinned" })
        #expect(!planned(plan).contains { $0.hasPrefix("k8s.gcr.io/") })
    }

    @Test func `a dry run prints just what runs`() async throws {
        try expectCluster()
        let plan = try await clear(try named("web:1")).plan()
        runner.expectRemoval("worker")
        _ = try await clear(try named("web:1")).run(plan)
        let ran = runner.calls.filter { $0.effect == .changes }.map(\.arguments)

        let printed = Mutex<[Invocation]>([])
        let dry = DryRunRunner(runner) { command in printed.withLock { $0.append(command) } }
        let session = try Session(
            configuration: sample.session.configuration, runner: dry, activity: sample.activity,
            state: sample.session.state, environment: sample.session.environment,
            command: "devcluster test", isDryRun: true)
        try runner.expectContents("control-plane", "worker")
        let clear = CacheClear(session: session, selection: try named("web:1"))
        _ = try await clear.run(try await clear.plan())
        // The mark of a run in a node is new each time.
        #expect(
            printed.withLock { $0 }.map { $0.arguments.dropFirst(3) } == ran.map { $0.dropFirst(3) }
        )
    }

    @Test func `a cluster of others is not touched`() async throws {
        sample.place.record.remove()
        runner.expectKubectl(["get", "nodes,configmaps"], returning: .failure(1), times: nil)
        let session = try Session(
            configuration: sample.session.configuration, runner: runner,
            activity: sample.activity, state: sample.session.state,
            environment: sample.session.environment, command: "devcluster test", isDryRun: true)
        let error = await #expect(throws: DevClusterError.self) {
            _ = try await CacheClear(session: session, selection: .all).plan()
        }
        #expect(error?.message.contains("was not made by devcluster") == true)
        #expect(runner.changes.isEmpty)
    }
}
