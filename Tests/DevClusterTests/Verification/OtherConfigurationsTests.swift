import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

/// Pods of another configuration that shares cluster, registry or namespace, on what was recorded of
/// workloads of many kinds in `rec-hand`.
struct OtherConfigurationsTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()
    private let tag = "dev-nogit-20261126T165810182Z"

    private init(images: [String], namespace: String = "rec-hand") throws {
        sample = try SampleSession([
            "namespace": .string(namespace),
            "images": .array(images.map { ["name": .string($0)] }),
        ])
        try sample.remember()
        try registry.add("app", tag, "1")
    }

    init() throws {
        try self.init(images: ["app"])
    }

    /// The recorded objects, with labels on those that nothing owns.
    private func objects(
        deployedBy labels: [String: JSONValue] = [:], tag: String? = nil
    ) throws -> String {
        var text = try Fixture.cluster("hand-changed")
            .replacing("localhost:5077", with: "localhost:5051")
            .replacing("dev-nogit-20261126T165845206Z", with: self.tag)
        let manifest = try Fixture.data("registry-2.8.2-manifest-1.json")
        for recorded in [
            "442284a7d86ad3244fb184ead79b6abc352bdf7b71ca649420523e73526251db",
            "758e2f5a99a1a80adbd62020a08b356386cc6027a9f3ef571dd4037f86b46d55",
        ] { text = text.replacing(recorded, with: SHA256.hex(manifest)) }
        if let tag { text = text.replacing(self.tag, with: tag) }
        var list = try JSONValue(parsing: text)
        let items = (list["items"]?.array ?? []).map { item in
            guard !labels.isEmpty, item["metadata"]?["ownerReferences"] == nil else { return item }
            var item = item
            let all = (item["metadata"]?["labels"]?.object ?? [:]).merging(labels) { $1 }
            item["metadata"]?["labels"] = .object(all)
            return item
        }
        list["items"] = .array(items)
        return String(decoding: try list.encoded(), as: UTF8.self)
    }

    private func labels(of home: String, in project: String = "devcluster-demo")
        -> [String: JSONValue]
    {
        [
            "devcluster.dev/managed": "true", "devcluster.dev/project": .string(project),
            "devcluster.dev/namespace": .string(home),
        ]
    }

    private func verify(_ scope: VerificationScope, _ objects: String) async throws
        -> VerificationReport
    {
        sample.runner.expectKubectl(["get"], returning: .ok(objects))
        sample.runner.expectCurl(registry)
        return try await ImageVerification(session: sample.session).run(scope)
    }

    private func reasons(_ report: VerificationReport) -> Set<String> {
        Set(report.containers.map { $0.reason ?? "\($0.verdict)" })
    }

    @Test func `what another configuration deployed is neither proof nor stale`() async throws {
        let report = try await verify(.allNamespaces, objects(deployedBy: labels(of: "other")))
        // The Job is a CronJob's that was not recorded.
        #expect(
            report.containers.filter { $0.verdict != .notJudged }.map(\.subject.owner) == [
                "job/cj-1795713240"
            ])
        #expect(
            reasons(report).contains("the configuration of namespace other deployed it"))
        #expect(report.count(.notJudged) == 5)
    }

    @Test func `a configuration of another name may share the cluster`() async throws {
        let report = try await verify(
            .allNamespaces, objects(deployedBy: labels(of: "rec-hand", in: "shop")))
        #expect(reasons(report).contains("the configuration 'shop' deployed it"))
        #expect(report.count(.notJudged) == 5)
    }

    @Test func `what this one deployed is judged, and what nothing says of`() async throws {
        let own = try await verify(.allNamespaces, objects(deployedBy: labels(of: "rec-hand")))
        #expect(own.count(.match) == 6)
        #expect(try await verify(.allNamespaces, objects()).count(.match) == 6)
    }

    @Test func `a namespace that is named is judged, whoever deployed to it`() async throws {
        let report = try await verify(
            .namespace("rec-hand"), objects(deployedBy: labels(of: "other")))
        #expect(report.count(.match) == 6)
    }

    @Test func `in one namespace the image says whose a container is`() async throws {
        let b = try OtherConfigurationsTests(images: ["web"])
        let report = try await b.verify(
            .namespace("rec-hand"), b.objects(deployedBy: b.labels(of: "rec-hand")))
        #expect(reasons(report) == ["another configuration builds app"])
        #expect(report.exitCode == 3, "there is nothing of its own")
    }

    @Test func `an image that the deploys of another one name is that one's, whatever its tag`()
        async throws
    {
        var b = try OtherConfigurationsTests(images: ["web"])
        try b.registry.add("app", "v1", "1")
        let objects = try b.objects(tag: "v1")
        #expect(try await b.verify(.allNamespaces, objects).count(.match) == 6)
        try await b.sample.session.records.append([record(images: "app")])
        #expect(try await b.verify(.allNamespaces, objects).count(.notJudged) == 6)
    }

    @Test func `an image that this configuration deployed before is its own`() async throws {
        let b = try OtherConfigurationsTests(images: ["web"])
        try await b.sample.session.records.append([record(images: "app", "web")])
        #expect(try await b.verify(.allNamespaces, b.objects()).count(.match) == 6)
    }

    @Test func `a configuration without images judges what the registry serves`() async throws {
        let b = try OtherConfigurationsTests(images: [])
        #expect(try await b.verify(.allNamespaces, b.objects()).count(.match) == 6)
    }

    @Test func `a build that only another configuration deployed is that one's, by its records`()
        async throws
    {
        var other = record(images: "app")
        other.namespace = "other"
        other.images[0].tag = tag
        try await sample.session.records.append([other])
        let report = try await verify(.allNamespaces, objects())
        #expect(report.count(.notJudged) == 6)
        #expect(
            reasons(report) == ["it runs a build of the configuration of namespace other"])
        // Whoever names a namespace, or deployed the object, wants to know.
        #expect(try await verify(.namespace("rec-hand"), objects()).count(.match) == 6)
        let own = try await verify(.allNamespaces, objects(deployedBy: labels(of: "rec-hand")))
        #expect(own.count(.match) == 5)
        // And what both deployed is no stranger's.
        var mine = record(images: "app")
        mine.images[0].tag = tag
        try await sample.session.records.append([mine])
        #expect(try await verify(.allNamespaces, objects()).count(.match) == 6)
    }

    private func record(images: String...) -> DeployRecord {
        DeployRecord(
            time: Date(timeIntervalSince1970: 1_795_700_000), seconds: 1, namespace: "rec-hand",
            images: images.map { .init(name: $0, tag: "v1") }, exitCode: 0, steps: [])
    }

    @Test
    func `after a deploy the workloads that nobody waited for are read to tell whose they are`()
        async throws
    {
        let all = try objects(deployedBy: labels(of: "other"))
        var seen = try RolloutObjects(parsing: Data(all.utf8))
        seen.workloads = []
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(all), namespace: "rec-hand")
        sample.runner.expectCurl(registry)
        let report = try await DeployVerification(
            session: sample.session, workloads: [], namespaces: [], built: []
        ).run(seen)
        #expect(report.count(.notJudged) == 5)
        #expect(reasons(report).contains("the configuration of namespace other deployed it"))
    }
}
