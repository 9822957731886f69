import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

/// A session with one image `web`, whose builds give what the test says.
struct TagPolicyTests {
    private final class World: Sendable {
        let registry = Mutex(SampleRegistry())
        let imageID = Mutex("sha256:" + SHA256.hex("image".utf8))
        /// What happens during a build.
        let during = Mutex<@Sendable () throws -> Void>({})
    }

    private let world = World()
    private let now = Date(timeIntervalSince1970: 1_767_323_045.678)
    private let stamp = "20260102T030405678Z"

    private func sample(_ policy: String, status: String = "git-2.39.5-status-clean.txt") throws
        -> SampleSession
    {
        let sample = try SampleSession([
            "tagPolicy": .string(policy), "images": [["name": "web", "context": "web"]],
        ])
        try sample.folder.write("FROM scratch\nCOPY a /a\n", to: "web/Containerfile")
        try sample.folder.write("one", to: "web/a")
        let missing = "fatal: not a git repository (or any of the parent directories): .git\n"
        sample.runner.expectGit(
            "status",
            returning: status.isEmpty
                ? .failure(128, stderr: missing)
                : status.hasPrefix("fatal: ")
                    ? .failure(128, stderr: status) : .ok(try Fixture.text(status)), times: nil)
        sample.runner.expect("curl", times: nil) { [world] invocation in
            try world.registry.withLock { try $0.answer(invocation) }
        }
        sample.runner.expect("podman", ["build"], times: nil) { [world] invocation in
            try world.during.withLock { try $0() }
            return try write(world.imageID.withLock { $0 }, invocation, "--iidfile")
        }
        // Every push serves the manifest of the same recording.
        sample.runner.expect("podman", ["push"], times: nil) { [world] invocation in
            let tag = try #require(invocation.arguments.last?.split(separator: ":").last)
            try world.registry.withLock { try $0.add("web", String(tag), "1") }
            let body = try Fixture.data("registry-2.8.2-manifest-1.json")
            return try write("sha256:\(SHA256.hex(body))", invocation, "--digestfile")
        }
        sample.runner.expect("podman", ["rmi"], times: nil)
        sample.runner.expect("podman", ["tag"], times: nil)
        sample.runner.expect("podman", ["ps"], returning: .ok("[]"), times: nil)
        return sample
    }

    private func build(
        _ sample: SampleSession, usesCache: Bool = true, alwaysNewTags: Bool = false
    ) async throws -> BuiltImage {
        let builder = ImageBuilder(
            session: sample.session, usesCache: usesCache, alwaysNewTags: alwaysNewTags)
        let images = try builder.select([])
        let built = try await builder.run(
            images, as: try await builder.newVersion(of: images, now: now))
        return try #require(built.first)
    }

    private func builds(_ sample: SampleSession) -> Int {
        sample.runner.calls.count { $0.arguments.first == "build" }
    }

    private func changeImage() { world.imageID.withLock { $0 = "sha256:" + SHA256.hex("2".utf8) } }

    // gitCommit

    @Test func `under gitCommit the tag names the commit, and what it cannot promise is said`()
        async throws
    {
        let sample = try sample("gitCommit")
        #expect(try await build(sample).tag == "git-accc56d41e91")
        #expect(sample.activity.warnings.count == 1)
        #expect(sample.activity.warnings[0].contains("names the commit, not the content"))
    }

    @Test func `a tree that differs from the commit says so in the tag`() async throws {
        let sample = try sample("gitCommit", status: "git-2.39.5-status-untracked.txt")
        #expect(try await build(sample).tag.hasSuffix("-dirty"))
    }

    @Test(arguments: ["", "git-2.39.5-status-initial.txt"])
    func `without a commit gitCommit is refused with what to do`(status: String) async throws {
        let sample = try sample("gitCommit", status: status)
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(error?.code == .usage)
        #expect(error?.hint == "commit something, or set spec.tagPolicy: unique")
        #expect(builds(sample) == 0)
    }

    /// git 2.39.5
    private static let dubious =
        "fatal: detected dubious ownership in repository at '/x'\n"
        + "To add an exception for this directory, call:\n\n"
        + "\tgit config --global --add safe.directory /x\n"

    @Test func `under gitCommit a repository of somebody else is not called missing`() async throws
    {
        let sample = try sample("gitCommit", status: Self.dubious)
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(error?.code == .failed)
        #expect(error?.message.contains("detected dubious ownership") == true)
        #expect(
            error?.hint == "git config --global --add safe.directory /x, if you trust it; or set"
                + " spec.tagPolicy: unique")
        #expect(builds(sample) == 0)
    }

    @Test(arguments: ["unique", "inputDigest"])
    func `that git tells no commit is a warning where the tag needs none`(policy: String)
        async throws
    {
        let sample = try sample(policy, status: Self.dubious)
        let tag = try await build(sample).tag
        #expect(policy == "unique" ? tag == "dev-nogit-\(stamp)" : tag.hasPrefix("in-"))
        let warning = try #require(sample.activity.warnings.first)
        #expect(warning.contains("git does not tell the commit of \(sample.folder.path)"))
        #expect(warning.hasSuffix("git config --global --add safe.directory /x"))
    }

    @Test(arguments: [
        ("git-2.39.5-status-clean.txt", "git-accc56d41e91"),
        ("git-2.39.5-status-untracked.txt", "git-0f3c9a1b2c3d-dirty"),
    ]) func `a tag of what was not committed is kept until the repository is clean`(
        status: String, tag: String
    ) async throws {
        let sample = try sample("gitCommit", status: status)
        let old = "git-0f3c9a1b2c3d-dirty"
        try world.registry.withLock { try $0.add("web", old, "1") }
        let body = try Fixture.data("registry-2.8.2-manifest-1.json")
        try await sample.session.records.append([
            BuildRecord(
                time: now.addingTimeInterval(-60),
                image: BuiltImage(
                    name: "web", reference: "localhost:5051/web:\(old)", tag: old,
                    imageID: world.imageID.withLock { $0 },
                    digest: try Digest("sha256:\(SHA256.hex(body))"), buildSeconds: 1,
                    pushSeconds: 1, isUnchanged: false), commit: "0f3c9a1b2c3d", isDirty: true)
        ])
        #expect(try await build(sample).tag == tag)
    }

    @Test func `the same image of the same commit keeps its tag and is not pushed again`()
        async throws
    {
        let sample = try sample("gitCommit")
        let first = try await build(sample)
        let again = try await build(sample)
        #expect(again.reference == first.reference)
        #expect(again.isUnchanged)
        #expect(sample.runner.calls.count { $0.arguments.first == "push" } == 1)
    }

    @Test func `other content of the same commit never moves the tag`() async throws {
        let sample = try sample("gitCommit")
        _ = try await build(sample)
        changeImage()
        #expect(try await build(sample).tag == "git-accc56d41e91-\(stamp)")
        #expect(
            sample.activity.notes == [
                "image web: git-accc56d41e91 is served already, so this is"
                    + " git-accc56d41e91-\(stamp)"
            ])
    }

    // inputDigest

    @Test func `under inputDigest what somebody pushed over a tag is not kept`() async throws {
        let sample = try sample("inputDigest")
        let first = try await build(sample)
        try world.registry.withLock { try $0.add("web", first.tag, "2") }
        let second = try await build(sample)
        #expect(second.tag == "\(first.tag)-\(stamp)")
        #expect(builds(sample) == 2)
        #expect(
            sample.activity.warnings.contains {
                $0.contains("serves another image as \(first.tag) than the one that was pushed")
            })
    }

    @Test func `under inputDigest the same inputs are built once`() async throws {
        let sample = try sample("inputDigest")
        let first = try await build(sample)
        #expect(first.tag.wholeMatch(of: /in-[0-9a-f]{16}/) != nil)
        #expect(sample.activity.warnings.count == 1)
        #expect(sample.activity.warnings[0].contains("what is not in the context is not seen"))
        let again = try await build(sample)
        #expect(again.tag == first.tag)
        #expect(again.digest == first.digest)
        #expect(again.imageID == first.imageID)
        #expect(again.isUnchanged)
        #expect(builds(sample) == 1)
        #expect(sample.activity.notes == ["image web: unchanged inputs: kept as \(first.tag)"])
    }

    @Test func `an ignore file that is a link to nothing ignores nothing`() async throws {
        let sample = try sample("inputDigest")
        let first = try await build(sample)
        try FileManager.default.createSymbolicLink(
            atPath: sample.folder.file("web/.dockerignore"), withDestinationPath: "/dev/null")
        #expect(try await build(sample).tag == first.tag)
        #expect(sample.activity.warnings.count == 2)
    }

    @Test func `changed inputs give another tag`() async throws {
        let sample = try sample("inputDigest")
        let first = try await build(sample)
        try sample.folder.write("two", to: "web/a")
        changeImage()
        let second = try await build(sample)
        #expect(second.tag != first.tag)
        #expect(builds(sample) == 2)
    }

    @Test func `an image that others built from the same inputs is kept too`() async throws {
        let first = try await build(try sample("inputDigest"))
        let other = try sample("inputDigest")
        let kept = try await build(other)
        #expect(kept.tag == first.tag)
        #expect(kept.digest == first.digest)
        #expect(builds(other) == 0)
    }

    @Test func `a build without cache is made, and is what the same inputs mean from then on`()
        async throws
    {
        let sample = try sample("inputDigest")
        let first = try await build(sample)
        changeImage()
        let anew = try await build(sample, usesCache: false)
        #expect(anew.tag == "\(first.tag)-\(stamp)")
        #expect(try await build(sample).tag == anew.tag)
        #expect(builds(sample) == 2)
    }

    @Test func `what a build without cache gave is not replaced by the build before it`()
        async throws
    {
        let sample = try sample("inputDigest")
        let first = try await build(sample)
        changeImage()
        let anew = try await build(sample, usesCache: false)
        try world.registry.withLock { try $0.add("web", anew.tag, "2") }
        let last = try await build(sample)
        #expect(builds(sample) == 3)
        #expect(![first.tag, anew.tag].contains(last.tag))
        #expect(
            sample.activity.warnings.contains {
                $0.contains("the registry serves no image, or another, as \(anew.tag) than")
            })
    }

    @Test func `inputs that cannot be told give a tag never used before, and a warning`()
        async throws
    {
        let sample = try sample("inputDigest")
        try sample.folder.write(
            "FROM scratch\nRUN --mount=type=bind,source=out,target=/m ls /m\n",
            to: "web/Containerfile")
        try FileManager.default.createSymbolicLink(
            atPath: sample.folder.file("web/out"), withDestinationPath: "/etc")
        #expect(try await build(sample).tag == "dev-accc56d41e91-\(stamp)")
        #expect(sample.activity.warnings.contains { $0.contains("its inputs cannot be told") })
        #expect(sample.activity.warnings.contains { $0.contains("leads out of the context") })
    }

    @Test(arguments: ["unique", "gitCommit", "inputDigest"])
    func `a link that leads out of the context is an error before anything is built`(policy: String)
        async throws
    {
        let sample = try sample(policy)
        try sample.folder.write("FROM scratch\nCOPY shared /shared\n", to: "web/Containerfile")
        try sample.folder.write("lib", to: "shared/lib")
        try FileManager.default.createSymbolicLink(
            atPath: sample.folder.file("web/shared"), withDestinationPath: "../shared")
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(
            error?.message.hasPrefix("web/shared leads out of the context of image 'web', to /")
                == true)
        #expect(
            error?.hint == "give the image a context above both (context: ., containerfile:"
                + " web/Containerfile), where COPY and ADD name everything from there (web/…,"
                + " shared), or put what it leads to into web itself")
        #expect(sample.runner.calls.isEmpty)
    }

    @Test func `sources that change during the build are not pushed as what they were`()
        async throws
    {
        let sample = try sample("inputDigest")
        let folder = sample.folder
        world.during.withLock { $0 = { try folder.write("changed meanwhile", to: "web/a") } }
        let built = try await build(sample)
        #expect(built.tag == "dev-accc56d41e91-\(stamp)")
        #expect(sample.activity.warnings.contains { $0.contains("changed while it was built") })
        #expect(
            sample.runner.commands.contains { $0.contains("podman tag localhost:5051/web:in-") })
    }

    @Test(arguments: ["gitCommit", "inputDigest"])
    func `a tag never used before can be asked for under every policy`(policy: String) async throws
    {
        let sample = try sample(policy)
        #expect(try await build(sample, alwaysNewTags: true).tag == "dev-accc56d41e91-\(stamp)")
        #expect(sample.activity.warnings.isEmpty)
    }

    @Test(arguments: ["gitCommit", "inputDigest"])
    func `a registry that does not answer is an error before anything is built`(policy: String)
        async throws
    {
        let sample = try SampleSession([
            "tagPolicy": .string(policy), "images": [["name": "web", "context": "web"]],
        ])
        try sample.folder.write("FROM scratch", to: "web/Containerfile")
        sample.runner.expectGit(
            "status", returning: .ok(try Fixture.text("git-2.39.5-status-clean.txt")), times: nil)
        sample.runner.expectCurl("refused", times: nil)
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(error?.hint == "devcluster up")
    }
}

/// Writes a text into the file that the option of a command names, as podman does.
private func write(_ text: String, _ invocation: Invocation, _ option: String) throws -> Outcome {
    let index = try #require(invocation.arguments.firstIndex(of: option))
    try Data(text.utf8).write(to: URL(filePath: invocation.arguments[index + 1]))
    return .ok()
}
