import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Verification
@testable import Vocabulary

/// The pods were recorded with their images in a registry at localhost:5051; what the registry
/// served then is served by `SampleRegistry`.
struct ImageVerificationTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()

    init() throws {
        sample = try SampleSession()
        try sample.remember()
        try registry.add("rec-web", "1", "1")
        try registry.add("rec-web", "index", "index")
        try registry.add("rec-web", nil, "2")
        try registry.add("rec-zweb", "1", "1")
        try registry.add("rec-again", "1", "tag-again")
        try registry.add("rec-again", nil, "old-again")
        try registry.add("rec-gone", "1", "tag-gone")
        try registry.add("rec-gs", "1", "tag-gs")
        try registry.add("rec-stale", "1", "tag-stale")
        try registry.add("rec-stale", nil, "old-stale")
        try registry.add("rec-bare", "1", "tag-bare")
    }

    /// Lets kubectl list these of the recorded pods.
    private func expectPods(_ names: String..., in recording: String = "images") throws {
        var list = try JSONValue(parsing: Fixture.cluster(recording))
        let items = list["items"]?.array ?? []
        list["items"] = .array(
            items.filter { names.contains($0["metadata"]?["name"]?.string ?? "") })
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(try list.encoded()))
    }

    private func verify(built: [BuiltImage] = []) async throws -> VerificationReport {
        try await ImageVerification(session: sample.session).run(
            .namespace("rec-v"), built: built)
    }

    /// The only container's verdict.
    private func judge(_ pod: String, built: [BuiltImage] = []) async throws -> JudgedContainer {
        try expectPods(pod)
        let report = try await verify(built: built)
        #expect(report.containers.count == 1)
        return try #require(report.containers.first)
    }

    private func expectNodes() throws {
        sample.runner.expectKubectl(
            ["get", "nodes"], returning: .ok(try Fixture.cluster("nodes")))
    }

    /// Lets the worker hold an image under this `imageID`.
    private func expectNode(_ imageID: String, id: String) throws {
        try sample.runner.expectContents(
            "worker",
            replacing: [
                "localhost:5112/web@\(SampleNode.webDigest)": imageID, SampleNode.web: id,
            ])
    }

    private let gone =
        "localhost:5051/rec-gone@sha256:c6d3f94f8c060a821037d2a68d39dd6bc2feec40563f95f707d000552b385784"
    private let goneID = "sha256:61c5e5cf771a4751d4a9375f04453c467665616dcb025aa1314a825263b18e9f"

    @Test func `the digest of the tag is a match`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("one")
        #expect(judged.verdict == .match)
        #expect(judged.running == judged.served)
        #expect(judged.reason == nil)
    }

    /// Records that the tag which the pod `one` runs was pushed as this.
    private func recordPush(imageID: String, digest: String) async throws {
        let image = BuiltImage(
            name: "rec-web", reference: "localhost:5051/rec-web:1", tag: "1", imageID: imageID,
            digest: try Digest(digest), buildSeconds: 1, pushSeconds: 1, isUnchanged: false)
        try await sample.session.records.append([
            BuildRecord(
                time: Date(timeIntervalSince1970: 1_795_700_000), image: image, commit: nil,
                isDirty: false, inputs: nil)
        ])
    }

    private let pushed = "sha256:" + String(repeating: "a", count: 64)

    /// The verdict on the pod `one` after a deploy that did not build its image.
    private func judgeAfterDeploy() async throws -> JudgedContainer {
        sample.runner.expectCurl(registry, times: nil)
        try expectPods("one")
        let subjects = try await VerificationScope.namespace("rec-v").read(sample.session)
        let found = try await ImageVerification(session: sample.session).judge(
            subjects, built: [], requiresBuilds: true)
        return try #require(found.first?.judged)
    }

    @Test func `after a deploy what was pushed over a recorded build is stale, though it runs`()
        async throws
    {
        try await recordPush(imageID: pushed, digest: pushed)
        let judged = try await judgeAfterDeploy()
        #expect(judged.verdict == .stale)
        #expect(judged.cause == .overwritten)
        #expect(judged.reason?.hasSuffix("which was built and pushed") == true)
        #expect(judged.isMendable == false, "new pods would run it, too")
    }

    @Test func `what the registry serves by now is what is asked for without a deploy`()
        async throws
    {
        sample.runner.expectCurl(registry, times: nil)
        try await recordPush(imageID: pushed, digest: pushed)
        #expect(try await judge("one").verdict == .match)
    }

    @Test func `the same image that was pushed again under another digest is a match`()
        async throws
    {
        let configuration =
            "sha256:893242900d4bde0e562474a4c694eae0cf6903f2414a377cd5fa1ef2c1db4a94"
        try await recordPush(imageID: configuration, digest: pushed)
        #expect(try await judgeAfterDeploy().verdict == .match)
    }

    @Test func `two repositories of one content are no difference`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("zweb")
        // containerd reports the alphabetically first name of the content.
        #expect(judged.subject.imageID.contains("rec-web@"))
        #expect(judged.verdict == .match)
    }

    @Test func `an index's manifest for the node is a match`() async throws {
        sample.runner.expectCurl(registry)
        try expectNodes()
        let judged = try await judge("index")
        #expect(judged.verdict == .matchPlatform)
        #expect(judged.reason == "the tag is an index")
    }

    @Test func `an index's manifest for other machines is stale`() async throws {
        sample.runner.expectCurl(registry)
        // A guess: nodes of another architecture, which the lab does not have.
        sample.runner.expectKubectl(
            ["get", "nodes"],
            returning: .ok(
                try Fixture.cluster("nodes").replacing(
                    "\"architecture\":\"amd64\"", with: "\"architecture\":\"arm64\"")))
        #expect(try await judge("index").verdict == .stale)
    }

    @Test func `a bare configuration's digest that is the tag's is a match`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("bare")
        #expect(judged.subject.imageID.hasPrefix("sha256:"))
        #expect(judged.verdict == .matchConfig)
    }

    @Test func `a bare configuration's digest of something else is stale`() async throws {
        var other = registry
        try other.add("rec-bare", "1", "1")
        sample.runner.expectCurl(other)
        #expect(try await judge("bare").verdict == .stale)
    }

    @Test func `another manifest of the same configuration is the same content`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("again")
        #expect(judged.verdict == .sameContent)
        #expect(judged.running != judged.served)
        #expect(judged.reason == "another manifest of the same image")
    }

    @Test func `what the registry no longer has is asked for on the node`() async throws {
        sample.runner.expectCurl(registry)
        try expectNode(gone, id: goneID)
        let judged = try await judge("gone")
        #expect(judged.verdict == .sameContent)
        #expect(judged.reason?.contains("the node has the same image") == true)
        #expect(sample.runner.count("podman") == 1)
    }

    @Test func `what the registry no longer has, and is another image, is stale`() async throws {
        sample.runner.expectCurl(registry)
        try expectNode(gone, id: SampleNode.unused)
        #expect(try await judge("gone").verdict == .stale)
    }

    @Test func `what neither registry nor node know is stale`() async throws {
        sample.runner.expectCurl(registry)
        try sample.runner.expectContents("worker")
        #expect(try await judge("gone").verdict == .stale)
    }

    @Test func `what a silent node runs cannot be told, so it is unknown`() async throws {
        sample.runner.expectCurl(registry)
        sample.runner.expectExec("worker", "sh") { _ in
            .failure(127, stderr: "sh: crictl: not found")
        }
        let judged = try await judge("gone")
        #expect(judged.verdict == .unknown)
        #expect(judged.reason?.contains("devcluster-demo-worker does not tell") == true)
        #expect(judged.reason?.contains("crictl: not found") == true)
    }

    @Test func `a reused tag with IfNotPresent is stale, and says what serves it`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("stale")
        #expect(judged.verdict == .stale)
        #expect(
            judged.reason
                == "it runs 21e9822d5ca4, the registry serves d28df3fbb3ac: the tag was pushed"
                + " again, and IfNotPresent serves the image cached on devcluster-demo-worker")
    }

    @Test func `a reused tag with Always was pushed after the start`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("always")
        #expect(judged.verdict == .stale)
        #expect(judged.reason?.hasSuffix("pushed again after the container started") == true)
    }

    @Test func `a tag with a pinned digest is stale once the tag moves`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("both")
        #expect(judged.verdict == .stale)
        #expect(judged.reason?.hasSuffix("the spec pins 21e9822d5ca4") == true)
    }

    @Test func `a digest alone is what it says`() async throws {
        sample.runner.expectCurl(registry)
        #expect(try await judge("pinned").verdict == .match)
    }

    @Test func `a tag that the registry never had is unknown`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("loaded")
        #expect(judged.verdict == .unknown)
        #expect(judged.reason == "the registry does not have rec-loaded:1")
    }

    @Test(arguments: [
        ("refused", "Couldn't connect to server"), ("head-401", "refuses access (HTTP 401)"),
    ]) func `a registry that does not say makes no pod stale`(
        recording: String, reason: String
    ) async throws {
        sample.runner.expectCurl(recording)
        let judged = try await judge("one")
        #expect(judged.verdict == .unknown)
        #expect(judged.reason?.contains(reason) == true)
    }

    @Test func `a container that was not created yet is unknown, never stale`() async throws {
        sample.runner.expectCurl(registry)
        let judged = try await judge("waiting")
        #expect(judged.verdict == .unknown)
        #expect(judged.reason == "the container was not created yet")
    }

    @Test func `an image ID without a digest is unknown and shown`() async throws {
        sample.runner.expectCurl(registry)
        // A guess: no runtime was seen to print such a thing.
        let text = try Fixture.cluster("images-deleting")
            .replacing(#""deletionTimestamp":"#, with: #""was":"#)
            .replacing("localhost:5051/rec-web@sha256:", with: "something-else:")
        sample.runner.expectKubectl(["get", VerificationScope.resources], returning: .ok(text))
        let judged = try #require(try await verify().containers.first)
        #expect(judged.verdict == .unknown)
        #expect(judged.reason?.contains("something-else:") == true)
        #expect(judged.reason?.hasSuffix("holds no digest") == true)
    }

    @Test func `what is being deleted or has finished is listed, not judged`() async throws {
        try expectPods("finished")
        let report = try await verify()
        #expect(report.containers.map(\.verdict) == [.notJudged])
        #expect(report.containers.map(\.reason) == ["finished"])
        try expectPods("one", in: "images-deleting")
        #expect(try await verify().containers.map(\.reason) == ["being deleted"])
        #expect(sample.runner.count("curl") == 0)
    }

    @Test func `init containers are judged like the others`() async throws {
        sample.runner.expectCurl(registry)
        try expectPods("init")
        let containers = try await verify().containers
        #expect(containers.map(\.subject.role) == [.`init`, .container])
        #expect(containers.map(\.verdict) == [.match, .match])
    }

    @Test func `images of others are listed and not asked for`() async throws {
        let text = try Fixture.cluster("images").replacing("localhost:5051/", with: "ghcr.io/")
        sample.runner.expectKubectl(["get", VerificationScope.resources], returning: .ok(text))
        let report = try await verify()
        #expect(Set(report.containers.map(\.verdict)) == [.notOurs, .notJudged])
        #expect(report.exitCode == 3)
        #expect(sample.runner.count("curl") == 0)
    }
}
