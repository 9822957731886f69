import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

/// What is judged after a deploy, on what was recorded of two namespaces.
struct DeployVerificationTests {
    private let sample: SampleSession
    private let clock = ManualClock()
    private static let tag = "localhost:5001/deploy-base:1"

    init() throws {
        sample = try SampleSession(["namespace": "deploy-rec"], registryPort: 5001)
        try sample.remember()
        var registry = SampleRegistry()
        try registry.add("deploy-base", "1", "deploy-base")
        sample.runner.expectCurl(registry)
    }

    private func target(_ kind: WorkloadReference.Kind, _ name: String, in place: String? = nil)
        throws -> WorkloadReference
    {
        WorkloadReference(kind, try ObjectName(name), elsewhere: place)
    }

    private func expectRead(
        _ recording: String, in namespace: String, times: Int? = nil,
        replacing changes: [(String, String)] = []
    ) throws {
        var text = try Fixture.cluster("rollout-\(recording)")
        for (old, new) in changes { text = text.replacing(old, with: new) }
        sample.runner.expectKubectl(
            ["get"], returning: .ok(text), times: times, namespace: namespace)
    }

    /// The pods of all namespaces, which operators may have made; without a recording there are none.
    private func expectPods(
        of recording: String? = nil, in namespace: String = "tenant", times: Int? = nil
    ) throws {
        let text = try recording.map {
            try Fixture.cluster("rollout-\($0)").replacing("deploy-rec", with: namespace)
        }
        expectPods(.ok(text ?? #"{"kind": "List", "items": []}"#), times: times)
    }

    private func expectPods(_ outcome: Outcome, times: Int? = 1) {
        sample.runner.expect(
            where: { $0.tool == "kubectl" && $0.arguments.contains("--all-namespaces") },
            named: "kubectl get pods --all-namespaces", times: times
        ) { _ in outcome }
    }

    private func verify(
        _ workloads: [WorkloadReference], in namespaces: Set<String>, custom: [CustomUse] = [],
        seen: RolloutObjects? = nil
    ) async throws -> VerificationReport {
        try await DeployVerification(
            session: sample.session, workloads: workloads, namespaces: namespaces, built: [],
            custom: custom, clock: clock.clock
        ).run(seen ?? objects("kinds"))
    }

    /// What the rollouts were judged by.
    private func objects(_ recording: String, replacing changes: [(String, String)] = []) throws
        -> RolloutObjects
    {
        var text = try Fixture.cluster("rollout-\(recording)")
        for (old, new) in changes { text = text.replacing(old, with: new) }
        var objects = try RolloutObjects(parsing: Data(text.utf8))
        objects.home = "deploy-rec"
        return objects
    }

    private func names(_ report: VerificationReport, _ verdict: ImageVerdict) -> [String] {
        report.containers.filter { $0.verdict == verdict }.map {
            "\($0.subject.namespace)/\($0.subject.pod)"
        }
    }

    @Test func `every pod of every namespace that runs an image of ours is judged`() async throws {
        try expectRead("kinds", in: "deploy-rec")
        try expectRead("elsewhere", in: "deploy-rec2")
        let report = try await verify(
            [target(.pod, "ready")], in: ["deploy-rec", "deploy-rec2"])
        #expect(report.exitCode == 0)
        let judged = names(report, .match)
        #expect(judged.contains("deploy-rec/ready"))
        #expect(judged.contains { $0.hasPrefix("deploy-rec/bare-") }, "not applied by this deploy")
        #expect(judged.contains { $0.hasPrefix("deploy-rec2/crash-") })
        #expect(names(report, .notJudged).contains("deploy-rec/done"), "finished before")
    }

    @Test func `a pod that was given somebody else's image is no pod that need not be judged`()
        async throws
    {
        let bare = try target(.replicaset, "bare")
        try sample.session.remember(
            placed: [PlacedWorkload(bare, containers: ["main": Self.tag])], areComplete: true)
        let report = try await verify(
            [bare], in: ["deploy-rec"],
            seen: objects("kinds", replacing: [(Self.tag, "docker.io/library/other:1")]))
        #expect(report.containers.map(\.cause) == [.otherImage, .otherImage])
        #expect(report.exitCode == 2)
    }

    @Test func `a pod that was applied and ended is judged by what it ran`() async throws {
        let report = try await verify([target(.pod, "done")], in: ["deploy-rec"])
        #expect(names(report, .match).contains("deploy-rec/done"))
    }

    @Test func `what has no pods now is named with the reason`() async throws {
        let onlyIdle = [(#""kind":"Pod""#, #""kind":"ConfigMap""#)]
        let report = try await verify(
            [
                target(.cronjob, "nightly"), target(.deployment, "none"),
                target(.replicaset, "bare"),
            ],
            in: ["deploy-rec"], seen: objects("kinds", replacing: onlyIdle))
        #expect(
            report.containers.map { "\($0.subject.pod): \($0.reason ?? "")" } == [
                "cronjob/nightly: starts its next job at '30 3 * * *'",
                "deployment/none: it is to have no pods: replicas is 0",
                "replicaset/bare: it has no pods",
            ])
        #expect(report.exitCode == 3, "nothing was proven")
    }

    @Test func `a Job that is gone is judged by its pods as they were seen last`() async throws {
        let gone = [
            (#""kind":"Job""#, #""kind":"Secret""#), (#""kind":"Pod""#, #""kind":"Secret""#),
        ]
        try expectRead("jobs", in: "deploy-rec2", replacing: gone)
        try expectRead("kinds", in: "deploy-rec", replacing: gone)
        let report = try await verify(
            [target(.job, "good", in: "deploy-rec2")], in: ["deploy-rec", "deploy-rec2"],
            seen: objects("jobs"))
        #expect(names(report, .match).contains { $0.hasPrefix("deploy-rec2/good-") })
    }

    @Test func `what the rollouts read last is not read again`() async throws {
        let report = try await verify([target(.pod, "ready")], in: ["deploy-rec"])
        #expect(report.exitCode == 0)
        #expect(sample.runner.count("kubectl") == 0)
    }

    @Test func `a pod that just starts is given time, and one that cannot is not waited for`()
        async throws
    {
        let id = "localhost:5001/deploy-base@sha256:"
        let text = try Fixture.cluster("rollout-kinds")
        let start = try #require(text.range(of: #""imageID":"\#(id)"#))
        let digest = String(text[start.upperBound...].prefix(64))
        let creating = [
            (#""imageID":"\#(id)\#(digest)""#, #""imageID":"""#),
            (#""state":{"running":"#, #""state":{"waiting":{"reason":"ContainerCreating"},"x":"#),
        ]
        try expectRead("kinds", in: "deploy-rec", times: 3, replacing: creating)
        try expectRead("kinds", in: "deploy-rec")
        let report = try await verify(
            [target(.pod, "ready")], in: ["deploy-rec"],
            seen: objects("kinds", replacing: creating))
        #expect(report.exitCode == 0)
        #expect(clock.elapsed == .seconds(1.5))
    }

    @Test func `an operator is given a moment to make its pods, and told when it does not`()
        async throws
    {
        try expectPods(times: 2)
        let use = CustomUse(
            object: "Job.batch.example.com/train", place: "spec.image", image: "web",
            reference: "localhost:5001/web:dev-2", isBesidePods: false)
        try expectRead("kinds", in: "deploy-rec")
        let report = try await verify([target(.pod, "ready")], in: ["deploy-rec"], custom: [use])
        #expect(report.exitCode == 0)
        #expect(clock.elapsed == .seconds(3))
        #expect(
            sample.activity.notes == [
                "Job.batch.example.com/train names localhost:5001/web:dev-2, and no pod runs it"
                    + " yet: what its operator starts later is not judged"
            ])
    }

    @Test func `a pod that runs what the object names is enough`() async throws {
        try expectPods()
        let use = CustomUse(
            object: "Set.apps.example.com/bare", place: "spec.image", image: "deploy-base",
            reference: Self.tag, isBesidePods: false)
        _ = try await verify([target(.pod, "ready")], in: ["deploy-rec"], custom: [use])
        #expect(clock.elapsed == .zero)
        #expect(sample.activity.notes.isEmpty)
    }

    @Test func `an earlier build that an operator did not replace is stale`() async throws {
        try expectPods()
        let use = CustomUse(
            object: "Set.apps.example.com/bare", place: "spec.image", image: "deploy-base",
            reference: "localhost:5001/deploy-base:2", isBesidePods: false)
        try expectRead("kinds", in: "deploy-rec")
        let report = try await verify([target(.pod, "ready")], in: ["deploy-rec"], custom: [use])
        #expect(clock.elapsed == .seconds(30), "it may be slow")
        #expect(report.exitCode == 2)
        #expect(names(report, .match) == ["deploy-rec/ready"], "it is of the deploy itself")
        let stale = try #require(report.containers.first { $0.verdict == .stale })
        #expect(stale.subject.pod.hasPrefix("bare-"))
        #expect(stale.cause == .notReplaced)
        #expect(
            stale.reason
                == "Set.apps.example.com/bare names localhost:5001/deploy-base:2 at spec.image"
                + " now, and whatever made this pod did not replace it")
    }

    @Test func `what another configuration deployed is not waited for as an operator's`()
        async throws
    {
        let labels =
            #""devcluster.dev/managed":"true","devcluster.dev/project":"dev","#
            + #""devcluster.dev/namespace":"other""#
        let theirs = [
            (#""app":"bare""#, #""app":"bare",\#(labels)"#),
            (#""app":"old""#, #""app":"old",\#(labels)"#),
            (#""name":"crash""#, #""name":"crash","labels":{\#(labels)}"#),
        ]
        try expectPods(times: nil)
        let use = CustomUse(
            object: "Set.apps.example.com/bare", place: "spec.image", image: "deploy-base",
            reference: "localhost:5001/deploy-base:2", isBesidePods: false)
        try expectRead("kinds", in: "deploy-rec", replacing: theirs)
        let report = try await verify(
            [target(.pod, "ready")], in: ["deploy-rec"], custom: [use],
            seen: objects("kinds", replacing: theirs))
        #expect(clock.elapsed == .seconds(3), "as long as for pods that are still to be made")
        #expect(report.exitCode == 0)
        #expect(names(report, .notJudged).contains { $0.hasPrefix("deploy-rec/bare-") })
    }

    /// An object names build 2 of what runs as build 1.
    private func verifyOperator() async throws -> VerificationReport {
        let use = CustomUse(
            object: "Set.apps.example.com/bare", place: "spec.image", image: "deploy-base",
            reference: "localhost:5001/deploy-base:2", isBesidePods: false)
        try expectRead("kinds", in: "deploy-rec")
        let tenant = try Fixture.cluster("rollout-kinds").replacing("deploy-rec", with: "tenant")
            .replacing(#""uid":""#, with: #""uid":"t"#)
        sample.runner.expectKubectl(
            ["get"], returning: .ok(tenant), times: nil, namespace: "tenant")
        return try await verify([target(.pod, "ready")], in: ["deploy-rec"], custom: [use])
    }

    private func remember(deployed tag: String) async throws {
        try await sample.session.records.append([
            DeployRecord(
                time: Date(timeIntervalSince1970: 0), seconds: 1, namespace: "deploy-rec",
                images: [.init(name: "deploy-base", tag: tag)], exitCode: 0, steps: [])
        ])
    }

    @Test func `an earlier build that an operator runs in another namespace is stale`()
        async throws
    {
        try await remember(deployed: "1")
        try expectPods(of: "kinds")
        let report = try await verifyOperator()
        let theirs = report.containers.filter { $0.subject.namespace == "tenant" }
        #expect(theirs.contains { $0.cause == .notReplaced })
        #expect(!theirs.contains { $0.verdict.isFresh })
        #expect(report.exitCode == 2)
    }

    @Test func `what this configuration never deployed is nothing of its operators`() async throws {
        try await remember(deployed: "0")
        try expectPods(of: "kinds", times: nil)
        let report = try await verifyOperator()
        #expect(report.containers.allSatisfy { $0.subject.namespace == "deploy-rec" })
    }

    @Test func `pods that may not be read everywhere are not judged, which is said`() async throws {
        expectPods(
            .failure(
                1,
                stderr: "Error from server (Forbidden): pods is forbidden: User \"dev\" cannot list"
                    + " resource \"pods\" in API group \"\" at the cluster scope\n"))
        _ = try await verifyOperator()
        #expect(
            sample.activity.notes.first
                == "what operators run in other namespaces is not judged, as the pods of all"
                + " namespaces cannot be read")
    }

    @Test func `an operator that replaces its pods one by one is waited for`() async throws {
        try expectPods()
        let use = CustomUse(
            object: "Set.apps.example.com/bare", place: "spec.image", image: "deploy-base",
            reference: Self.tag, isBesidePods: false)
        let old = [(Self.tag, "localhost:5001/deploy-base:0")]
        try expectRead("kinds", in: "deploy-rec", times: 9, replacing: old)
        try expectRead("kinds", in: "deploy-rec")
        let report = try await verify(
            [target(.pod, "ready")], in: ["deploy-rec"], custom: [use],
            seen: objects("kinds", replacing: old))
        #expect(report.exitCode == 0)
        #expect(clock.elapsed == .milliseconds(4500))
    }

    @Test func `what an object that has pods itself names beside them may be run by these`()
        async throws
    {
        try expectPods()
        let use = CustomUse(
            object: "Deployment/ready", place: "spec.template.spec.containers[a].env[IMAGE].value",
            image: "deploy-base", reference: Self.tag, isBesidePods: true)
        _ = try await verify([target(.pod, "ready")], in: ["deploy-rec"], custom: [use])
        #expect(clock.elapsed == .zero)
        #expect(sample.activity.notes.isEmpty)
    }
}

struct CustomUseTests {
    @Test func `only objects of other groups that name an image of ours count`() throws {
        func object(_ version: String, _ image: String) -> JSONValue {
            [
                "apiVersion": .string(version), "kind": "Job", "metadata": ["name": "train"],
                "spec": [
                    "tasks": [
                        [
                            "template": [
                                "spec": [
                                    "containers": [
                                        ["name": "w", "image": .string(image)]
                                    ]
                                ]
                            ]
                        ]
                    ]
                ],
            ]
        }
        let rewriter = ImageRewriter(
            images: [Configuration.Image(name: try RepositoryName("web"))],
            registryNames: ["localhost:5001"])
        let uses = CustomUse.all(
            in: [
                object("batch/v1", "localhost:5001/web:1"),
                object("batch.example.com/v1", "localhost:5001/web:1"),
                object("batch.example.com/v1", "redis:7"),
            ], rewriter)
        #expect(
            uses == [
                CustomUse(
                    object: "Job.batch.example.com/train",
                    place: "spec.tasks[0].template.spec.containers[w].image", image: "web",
                    reference: "localhost:5001/web:1", isBesidePods: false)
            ])
    }
}
