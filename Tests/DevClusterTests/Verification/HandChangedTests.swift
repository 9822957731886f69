import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Verification
@testable import Vocabulary

/// Pods that run an earlier build because somebody changed something by hand.
///
/// Recorded: after `kubectl set image pod/…` with the earlier tag for the pods of `dep`, `sts` and
/// `ds`, and after the templates of `rs` and `rc`, which never replace a pod, were changed to the
/// later one.
struct HandChangedTests {
    private let sample: SampleSession
    private var registry = SampleRegistry()
    private let earlier = "dev-nogit-20261126T165810182Z"
    private let later = "dev-nogit-20261126T165845206Z"
    /// When the later one had been deployed.
    private let deployed = Date(timeIntervalSince1970: 1_795_800_000)

    init() throws {
        sample = try SampleSession(["namespace": "rec-hand", "images": [["name": "app"]]])
        try sample.remember()
        try registry.add("app", earlier, "1")
        try registry.add("app", later, "2")
    }

    /// What is found of the recorded pods, by the first part of their names.
    ///
    /// - Parameter template: the tag that all templates name.
    /// - Parameter image: what all pods and, if `template` is the earlier tag, templates name.
    /// - Parameter owner: the kind of what made the pod of `dep`, in place of its ReplicaSet.
    private func judged(
        template: String? = nil, owner: String? = nil, image: String? = nil,
        built: [BuiltImage] = []
    ) async throws -> [String: JudgedContainer] {
        var text = try Fixture.cluster("hand-changed")
        for (recorded, served) in [
            ("442284a7d86ad3244fb184ead79b6abc352bdf7b71ca649420523e73526251db", "2"),
            ("758e2f5a99a1a80adbd62020a08b356386cc6027a9f3ef571dd4037f86b46d55", "1"),
        ] {
            let manifest = try Fixture.data("registry-2.8.2-manifest-\(served).json")
            text = text.replacing(recorded, with: SHA256.hex(manifest))
        }
        text = text.replacing("localhost:5077", with: "localhost:5051")
        if let template { text = text.replacing(later, with: template) }
        if let image { text = text.replacing("localhost:5051/app:\(earlier)", with: image) }
        if let owner {
            text = text.replacing(
                #""apiVersion":"apps/v1","blockOwnerDeletion":true,"controller":true,"kind":"ReplicaSet""#,
                with: #""apiVersion":"batch/v1","controller":true,"kind":"\#(owner)""#)
        }
        sample.runner.expectKubectl(
            ["get", VerificationScope.resources], returning: .ok(text))
        sample.runner.expectCurl(registry)
        try sample.runner.expectContents("control-plane", "worker", times: nil)
        let report = try await ImageVerification(session: sample.session).run(
            .namespace("rec-hand"), built: built)
        return Dictionary(
            report.containers.map { (String($0.subject.pod.prefix { $0 != "-" }), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    private func recordDeploy(of tag: String, namespaces: [String] = ["rec-hand"]) async throws {
        try await sample.session.records.append([
            DeployRecord(
                time: deployed, seconds: 1, namespace: "rec-hand",
                images: [.init(name: "app", tag: tag)], verdicts: ["match": 1], exitCode: 0,
                steps: [], namespaces: namespaces, isVerified: true)
        ])
    }

    @Test(arguments: ["dep", "sts", "ds"])
    func `an image that was changed in the pod itself is found, and told as that`(pod: String)
        async throws
    {
        let found = try #require(try await judged()[pod])
        #expect(found.verdict == .stale)
        #expect(found.cause == .changedPod)
        #expect(found.reason?.contains("the image was changed in the pod itself") == true)
    }

    @Test(arguments: ["rs", "rc"])
    func `a pod of what never replaces pods is judged by the template`(pod: String) async throws {
        let found = try #require(try await judged()[pod])
        #expect(found.verdict == .stale)
        #expect(found.cause == .oldTemplate)
        #expect(found.reason?.contains("never replaces its pods: delete them") == true)
    }

    @Test func `a pod that runs an earlier tag than was deployed last is stale`() async throws {
        try await recordDeploy(of: later)
        let found = try #require(try await judged(template: earlier)["dep"])
        #expect(found.verdict == .stale)
        #expect(found.cause == .notDeployed)
        #expect(
            found.reason
                == "it runs another build, \(earlier); deployed last was \(later)")
        #expect(found.deployed == later)
        #expect(found.origin?.tag == earlier)
    }

    private func place(_ image: String) throws {
        let workload = try PlacedWorkload(
            WorkloadReference("deployment/dep"), containers: ["web": image])
        try sample.session.remember(placed: [workload], areComplete: true)
    }

    @Test func `a container that was given another image of ours is stale, however fresh that is`()
        async throws
    {
        try place("localhost:5051/page:\(later)")
        let found = try #require(try await judged(template: earlier)["dep"])
        #expect(found.verdict == .stale)
        #expect(found.cause == .otherImage)
        #expect(
            found.reason
                == "it runs localhost:5051/app:\(earlier); the last deploy put"
                + " localhost:5051/page:\(later) there")
        #expect(found.deployed == "localhost:5051/page:\(later)")
    }

    @Test func `a container that was given an image of somebody else is stale`() async throws {
        try place("localhost:5051/app:\(earlier)")
        let found = try await judged(template: earlier, image: "docker.io/library/other:1")
        #expect(found["dep"]?.verdict == .stale)
        #expect(found["dep"]?.cause == .otherImage)
        #expect(found["sts"]?.verdict == .notOurs)
    }

    @Test func `the same content under the name of a mirror is what was deployed`() async throws {
        let manifest = try Fixture.data("registry-2.8.2-manifest-1.json")
        let image = BuiltImage(
            name: "app", reference: "localhost:5051/app:\(earlier)", tag: earlier, imageID: "",
            digest: try Digest("sha256:" + SHA256.hex(manifest)), buildSeconds: 1, pushSeconds: 1,
            isUnchanged: false)
        try place(image.reference)
        let found = try await judged(
            template: earlier, image: "mirror.example.com/app:1", built: [image])
        #expect(found["dep"]?.verdict == .notOurs)
    }

    @Test func `another build of the image that belongs there is no other image`() async throws {
        try place("localhost:5051/app:\(later)")
        #expect(try await judged(template: earlier)["dep"]?.verdict == .match)
    }

    @Test func `what another configuration put there says nothing of ours`() async throws {
        try place("localhost:5051/page:1")
        let path = "\(sample.session.place.folder)/namespaces/rec-hand.images.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let theirs = text.replacing(#""home":"rec-hand""#, with: #""home":"others""#)
        #expect(theirs != text)
        try theirs.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try await judged(template: earlier)["dep"]?.verdict == .match)
    }

    @Test func `a deploy does not count the pods of an earlier build as its own`() async throws {
        let built = BuiltImage(
            name: "app", reference: "localhost:5051/app:\(later)", tag: later, imageID: "",
            buildSeconds: 1, pushSeconds: 1, isUnchanged: false)
        #expect(try await judged(template: earlier, built: [built])["dep"]?.verdict == .stale)
    }

    @Test func `a job that was begun with an earlier build is not counted as proof`() async throws {
        let built = BuiltImage(
            name: "app", reference: "localhost:5051/app:\(later)", tag: later, imageID: "",
            buildSeconds: 1, pushSeconds: 1, isUnchanged: false)
        let found = try #require(
            try await judged(template: earlier, owner: "Job", built: [built])["dep"])
        #expect(found.verdict == .notJudged)
        #expect(
            found.reason == "its job was begun with an earlier build, \(earlier), and ends with it")
    }

    @Test func `what was rolled back to is what was deployed last`() async throws {
        try await recordDeploy(of: later)
        try await recordDeploy(of: earlier)
        #expect(try await judged(template: earlier)["dep"]?.verdict == .match)
    }

    @Test func `a namespace that the deploys did not touch is not judged by them`() async throws {
        let elsewhere = DeployRecord(
            time: deployed, seconds: 1, namespace: "other",
            images: [.init(name: "app", tag: later)], verdicts: [:], exitCode: 0, steps: [],
            namespaces: ["other"], isVerified: true)
        try await sample.session.records.append([elsewhere])
        #expect(try await judged(template: earlier)["dep"]?.verdict == .match)
    }

    @Test func `what left a namespace that an earlier deploy touched may run on there`()
        async throws
    {
        try await recordDeploy(of: earlier)
        try await recordDeploy(of: later, namespaces: ["elsewhere"])
        #expect(try await judged(template: earlier)["dep"]?.verdict == .stale)
    }

    @Test func `a deploy that did not come to its verification says nothing of what runs`()
        async throws
    {
        try await sample.session.records.append([
            DeployRecord(
                time: deployed, seconds: 1, namespace: "rec-hand",
                images: [.init(name: "app", tag: later)], exitCode: 1, error: "refused", steps: [],
                namespaces: ["rec-hand"])
        ])
        #expect(try await judged(template: earlier)["dep"]?.verdict == .match)
    }
}
