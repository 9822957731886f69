import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Images
@testable import Tools
@testable import Vocabulary

struct TagRetentionTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession(["retention": ["tags": 2]])
        try sample.remember(nodes: ["worker"])
    }

    private func tag(_ number: Int) -> String {
        UniqueTag.text(
            git: nil, at: Date(timeIntervalSince1970: 1_767_323_000 + Double(number)))
    }

    private func reference(_ number: Int, _ repository: String = "web") -> String {
        "localhost:5051/\(repository):\(tag(number))"
    }

    private func expectEngine(_ references: [String]) {
        runner.expect(
            "podman", ["images", "--filter", "reference=localhost:5051/web"],
            returning: .ok(references.map { "\($0) 2.13 MB\n" }.joined()))
    }

    /// The recorded worker, whose `web:2` no container uses, with these tags in its place.
    private func expectWorker(_ references: [String]) throws {
        let names = references.map { "\"\($0)\"" }.joined(separator: ", ")
        try runner.expectContents(
            "worker", replacing: ["\"localhost:5112/web:2\"": names.isEmpty ? "\"x\"" : names])
    }

    private func expectUses(_ images: String...) {
        let items = images.map {
            #"{"kind": "Pod", "spec": {"containers": [{"image": "\#($0)"}]}}"#
        }
        runner.expectKubectl(
            ["get"], returning: .ok(#"{"items": [\#(items.joined(separator: ","))]}"#), times: nil)
    }

    private func run() async throws -> RetentionReport? {
        let retention = try TagRetention(session: sample.session, repositories: ["web"])
        return try await retention.runAfterDeploy(await retention.look())
    }

    @Test func `tags beyond the newest leave the engine and the nodes`() async throws {
        expectEngine([reference(3), reference(1), reference(2)])
        try expectWorker([reference(2), reference(0)])
        expectUses(reference(3))
        runner.expect(
            "podman", ["rmi", reference(1)],
            returning: .ok("Untagged: \(reference(1))\nDeleted: 1234\n"))
        runner.expectRemoval("worker")
        let report = try #require(try await run())
        #expect(report.engine == [reference(1)])
        #expect(report.nodes == ["devcluster-demo-worker": [reference(0)]])
        #expect(report.summary == "2 old tags removed")
        let removed = try #require(runner.removals["worker"])
        #expect(removed == [reference(0)])
    }

    @Test func `when nothing is old, two children at once are enough`() async throws {
        expectEngine([reference(3)])
        try expectWorker([reference(2)])
        let report = try #require(try await run())
        #expect(report.tagCount == 0)
        #expect(runner.calls.count == 2)
    }

    @Test func `what a pod or a workload names stays on the nodes`() async throws {
        expectEngine([])
        try expectWorker([reference(1), reference(2), reference(3)])
        expectUses("devcluster-demo-registry:5000/web:\(tag(1))")
        let report = try #require(try await run())
        #expect(report.tagCount == 0)
        #expect(runner.removals.isEmpty)
    }

    @Test func `a ReplicaSet counts only while it has or wants pods`() async throws {
        func set(_ number: Int, wants: Int, has: Int) -> String {
            """
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"replicas": \(wants), "template": {"spec":
              {"containers": [{"image": "\(reference(number))"}]}}}, "status": {"replicas": \(has)}}
            """
        }
        expectEngine([])
        try expectWorker((1...5).map { reference($0) })
        let sets = [
            set(1, wants: 0, has: 0), set(2, wants: 1, has: 0), set(3, wants: 0, has: 1),
        ]
        runner.expectKubectl(
            ["get"], returning: .ok(#"{"items": [\#(sets.joined(separator: ","))]}"#))
        runner.expectRemoval("worker")
        let report = try #require(try await run())
        #expect(report.nodes["devcluster-demo-worker"] == [reference(1)])
    }

    @Test func `other repositories, other registries and tags of people are left alone`()
        async throws
    {
        // podman lists every name of an image that the filter finds.
        expectEngine(
            [
                "localhost:5051/web:latest", "localhost:5001/web:\(tag(0))", reference(0, "api"),
                "localhost:5051/web:dev-anna",
            ] + (2...3).map { reference($0) })
        try expectWorker([
            reference(0, "api"), "localhost:5051/web:v1", "docker.io/library/web:\(tag(1))",
        ])
        expectUses()
        let report = try #require(try await run())
        #expect(report.tagCount == 0)
    }

    @Test func `an image that a container of the host uses stays, and nobody is told`()
        async throws
    {
        expectEngine((1...4).map { reference($0) })
        try expectWorker([])
        expectUses()
        let said = try Fixture.text("podman-4.3.1-rmi-some.txt")
            .replacing("localhost:5113/rec-a:v2", with: reference(1))
        let complaint = try Fixture.text("podman-4.3.1-rmi-some.err.txt")
        runner.expect(
            "podman", ["rmi", reference(1), reference(2)],
            returning: .failure(2, stderr: complaint, output: said))
        let report = try #require(try await run())
        #expect(report.engine == [reference(1)])
        #expect(sample.activity.warnings.isEmpty)
    }

    @Test func `a failure is a warning`() async throws {
        runner.expect(
            "podman", ["images"], returning: .failure(125, stderr: "database is locked\n"))
        runner.expect("podman", ["exec"], returning: .failure(1), times: nil)
        expectUses()
        #expect(try await run() == nil)
        #expect(
            sample.activity.warnings == ["old tags were not removed: podman does not work"])
    }

    @Test func `a deploy of no image looks at nothing`() async throws {
        let retention = try TagRetention(session: sample.session, repositories: [])
        guard case .none = await retention.look() else {
            Issue.record("it looked")
            return
        }
        #expect(try await retention.runAfterDeploy(nil) == nil)
    }

    @Test(arguments: [("2.13 MB", 2_130_000), ("512B", 512), ("1.5 kB", 1500), ("x", 0), ("", 0)])
    func `sizes of engines are read`(text: String, bytes: Int) {
        #expect(HumanSize.bytes(text).value == bytes)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (8140, "8.1 kB"), (12_345_678, "12 MB"),
        (999_600, "1 MB"), (3_000_000_000_000, "3 TB"),
    ])
    func `bytes are shown short`(bytes: Int, text: String) {
        #expect(byteCount(BoundedInteger(bytes)) == text)
    }
}
