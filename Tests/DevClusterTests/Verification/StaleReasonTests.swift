import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Verification
@testable import Vocabulary

/// Why a container is stale, from recorded rollouts and pods. What the registry serves is chosen
/// so that nothing that runs is fresh: the pods run 3ca0038e330c.
struct StaleReasonTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()
    private let tag = "dev-nogit-20261121T115302180Z"

    init() throws {
        sample = try SampleSession()
        try sample.remember()
        try registry.add("hello", "dev-2", "2")
        try registry.add("hello", tag, "1")
        try registry.add("rec-web", "2", "2")
        try registry.add("rec-web", "1", "1")
    }

    /// Judges a recorded rollout in which some workloads' templates name another tag by now.
    private func judge(
        _ recording: String, templates: [String: String],
        _ change: (inout JSONValue) -> Void = { _ in }
    ) async throws -> [JudgedContainer] {
        var list = try JSONValue(parsing: Fixture.cluster(recording))
        let items = (list["items"]?.array ?? []).map { item in
            var copy = item
            if let name = item["metadata"]?["name"]?.string, let image = templates[name],
                var container = item["spec"]?["template"]?["spec"]?["containers"]?.array?.first
            {
                container["image"] = .string(image)
                copy["spec"]?["template"]?["spec"]?["containers"] = [container]
            }
            change(&copy)
            return copy
        }
        list["items"] = .array(items)
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(try list.encoded()))
        sample.runner.expectCurl(registry)
        try sample.runner.expectContents("control-plane", "worker", times: nil)
        return try await ImageVerification(session: sample.session).run(.namespace("rec-a"))
            .containers
    }

    private func reason(_ pod: String, _ judged: [JudgedContainer]) throws -> String {
        let container = try #require(
            judged.first { $0.subject.pod.hasPrefix(pod) && $0.subject.container == "web" })
        #expect(container.verdict == .stale)
        #expect(container.cause == .oldTemplate)
        return try #require(container.reason)
    }

    @Test func `a pod of an unfinished rollout is named with its old ReplicaSet`() async throws {
        let judged = try await judge(
            "rollout-updating", templates: ["fine": "localhost:5051/hello:dev-2"])
        let reason = try reason("fine-6ddfdc67d6", judged)
        #expect(
            reason.hasPrefix(
                "it runs 3ca0038e330c, the registry serves e939339e13a8 for"
                    + " localhost:5051/hello:dev-2: the rollout of deployment/fine has not finished"
            ), "\(reason)")
        #expect(reason.hasSuffix("the old ReplicaSet fine-6ddfdc67d6 still serves"), "\(reason)")
    }

    @Test func `a template whose rollout was not begun is no change in the pod itself`()
        async throws
    {
        let judged = try await judge(
            "rollout-settled",
            templates: ["fine": "localhost:5051/hello:dev-2", "db": "localhost:5051/rec-web:2"]
        ) { item in
            guard item["kind"] == "Deployment" || item["kind"] == "StatefulSet" else { return }
            // As after an apply that no controller has seen yet, or that is paused.
            item["metadata"]?["generation"] = 99
        }
        for pod in ["fine-7f955b76dd", "db-0"] {
            let found = try #require(
                judged.first {
                    $0.subject.pod.hasPrefix(pod) && $0.subject.templateImage != nil
                })
            #expect(found.cause == .oldTemplate, "\(pod)")
        }
    }

    @Test func `a rollout that failed is told from one that goes on`() async throws {
        let judged = try await judge(
            "rollout-updating", templates: ["fine": "localhost:5051/hello:dev-2"]
        ) { item in
            guard item["kind"] == "Deployment" else { return }
            // The condition as the deployment controller writes it, after the API's documentation.
            item["status"]?["conditions"] = [
                [
                    "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                    "message": "ReplicaSet \"fine-7f955b76dd\" has timed out progressing.",
                ]
            ]
        }
        let reason = try reason("fine-6ddfdc67d6", judged)
        #expect(
            reason.contains(
                "the rollout of deployment/fine failed (ReplicaSet \"fine-7f955b76dd\" has timed"))
    }

    @Test func `what only goes when it is deleted says so`() async throws {
        let new = "localhost:5051/rec-web:2"
        let judged = try await judge(
            "rollout-strategies", templates: ["ondelete": new, "dsondelete": new, "partition": new])
        #expect(
            try reason("ondelete-0", judged).hasSuffix(
                "statefulset/ondelete keeps old pods until they are deleted (OnDelete)"))
        #expect(
            try reason("dsondelete", judged).hasSuffix(
                "daemonset/dsondelete keeps old pods until they are deleted (OnDelete)"))
        let partition = try reason("partition-0", judged)
        #expect(
            partition.hasSuffix("statefulset/partition keeps old pods below its partition"),
            "\(partition)")
    }

    @Test func `a new template of the same content makes no pod stale`() async throws {
        let judged = try await judge(
            "rollout-strategies", templates: ["ondelete": "localhost:5051/rec-web:1"])
        let old = judged.filter { $0.subject.pod.hasPrefix("ondelete") }
        #expect(old.map(\.verdict) == [.match, .match])
    }

    @Test func `an image under another registry's name says where it was looked for`()
        async throws
    {
        let named = try SampleSession([
            "images": [["name": "rec-stale", "matches": ["ghcr.io/acme/stale"]]]
        ])
        try named.remember()
        var served = SampleRegistry()
        try served.add("rec-stale", "1", "tag-stale")
        named.runner.expectCurl(served)
        var list = try JSONValue(parsing: Fixture.cluster("images"))
        list["items"] = .array(
            (list["items"]?.array ?? []).filter { $0["metadata"]?["name"]?.string == "stale" })
        named.runner.expectKubectl(
            ["get"],
            returning: .ok(
                try String(decoding: list.encoded(), as: UTF8.self)
                    .replacing("localhost:5051/rec-stale:1", with: "ghcr.io/acme/stale:1")
                    .replacing("localhost:5051\\/rec-stale:1", with: "ghcr.io/acme/stale:1")))
        try named.runner.expectContents("worker", times: nil)
        let judged = try #require(
            try await ImageVerification(session: named.session).run(.namespace("rec-v")).containers
                .first)
        #expect(judged.cause == .otherRegistry)
        #expect(
            judged.reason
                == "it runs 21e9822d5ca4, the registry serves d28df3fbb3ac: its spec names"
                + " ghcr.io, and what was built was pushed to another registry")
    }
}

/// What a stale container really runs.
struct ImageOriginTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()
    private let running = "sha256:21e9822d5ca4b78f96ff9b5fbb9e718262a69d8eaa060d7af7595be33d7b8662"

    init() throws {
        sample = try SampleSession()
        try sample.remember()
        try registry.add("rec-stale", "1", "tag-stale")
        try registry.add("rec-stale", nil, "old-stale")
    }

    private func judge() async throws -> JudgedContainer {
        var list = try JSONValue(parsing: Fixture.cluster("images"))
        list["items"] = .array(
            (list["items"]?.array ?? []).filter { $0["metadata"]?["name"]?.string == "stale" })
        sample.runner.expectKubectl(["get"], returning: .ok(try list.encoded()))
        sample.runner.expectCurl(registry)
        let report = try await ImageVerification(session: sample.session).run(.namespace("rec-v"))
        return try #require(report.containers.first)
    }

    private func record(_ digest: String, at time: Date, tag: String) async throws {
        let record = BuildRecord(
            time: time,
            image: BuiltImage(
                name: "rec-stale", reference: "localhost:5051/rec-stale:\(tag)", tag: tag,
                imageID: "", digest: try Digest(digest), buildSeconds: 1, pushSeconds: 1,
                isUnchanged: false), commit: "0f3c9a1b2c3d", isDirty: true)
        try await sample.session.records.append([record])
    }

    @Test func `the build records name tag, commit and time without asking anybody`() async throws {
        let time = Date(timeIntervalSince1970: 1_795_000_000)
        try await record(running, at: time, tag: "dev-old")
        let judged = try await judge()
        #expect(judged.verdict == .stale)
        #expect(
            judged.origin
                == ImageOrigin(
                    tag: "dev-old", commit: "0f3c9a1b2c3d", isDirty: true, builtAt: time))
        let asked = try sample.runner.calls.filter { $0.tool == "curl" }
            .flatMap { try CurlScript($0).requests.map(\.url) }
        #expect(!asked.contains { $0.hasSuffix("/tags/list") })
    }

    @Test func `a tag that the registry still has names what runs`() async throws {
        var tagged = self
        try tagged.registry.add(
            "rec-stale", "dev-0f3c9a1b2c3d-dirty-20261120T101112345Z", "old-stale")
        let judged = try await tagged.judge()
        #expect(judged.origin?.tag == "dev-0f3c9a1b2c3d-dirty-20261120T101112345Z")
        #expect(judged.origin?.commit == "0f3c9a1b2c3d")
        #expect(judged.origin?.isDirty == true)
        #expect(judged.origin?.builtAt == Date(timestamp: "2026-11-20T10:11:12.345Z"))
        #expect(sample.runner.count("curl") == 3)
    }

    @Test func `what nobody knows is not made up`() async throws {
        #expect(try await judge().origin == nil)
    }

    @Test func `a push recorded after the start is the reason, whatever the policy`() async throws {
        let served = "sha256:d28df3fbb3ac"
        let judged = try await judge()
        let full = try #require(judged.served?.description)
        #expect(full.hasPrefix(served))
        let start = try #require(judged.subject.startedAt.flatMap { Date(timestamp: $0) })
        try await record(full, at: start.addingTimeInterval(185), tag: "1")
        let again = try await judge()
        #expect(again.cause == .pushedLater)
        #expect(
            again.reason?.hasSuffix(
                "the tag was pushed again 3m5s after the container started, and IfNotPresent would"
                    + " start it again") == true, "\(again.reason ?? "")")
    }
}
