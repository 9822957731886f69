import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

struct ImageBuilderTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }
    private let imageID = "sha256:893242900d4bde0e562474a4c694eae0cf6903f2414a377cd5fa1ef2c1db4a94"
    private let digest = "sha256:094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80"

    init() throws {
        sample = try SampleSession([
            "images": [
                ["name": "web", "context": "web", "buildArgs": ["A": "1"]],
                ["name": "api", "context": "api"],
            ]
        ])
        // What a failed build left is looked for, unless some build runs on this machine.
        sample.runner.expect(
            "podman", ["ps", "--all", "--external"], returning: .ok("[]"), times: nil)
        try sample.folder.write("FROM scratch", to: "web/Containerfile")
        try sample.folder.write("FROM scratch", to: "api/Dockerfile")
    }

    /// Builds the images of these names under the tag `dev-1`.
    private func build(_ names: String..., keepsTags: Bool = false) async throws -> [BuiltImage] {
        let builder = ImageBuilder(session: sample.session, keepsTags: keepsTags)
        return try await builder.run(
            try builder.select(names), as: NewVersion(tag: try TagName("dev-1"), git: nil))
    }

    /// Writes a text into the file that the option of a command names, as podman does.
    private func writing(_ text: String, to option: String) -> ScriptedRunner.Answer {
        { invocation in
            let index = try #require(invocation.arguments.firstIndex(of: option))
            try Data(text.utf8).write(to: URL(filePath: invocation.arguments[index + 1]))
            return .ok()
        }
    }

    private func expectBuild(times: Int = 1) {
        runner.expect(
            "podman", ["build"], times: times, answering: writing(imageID, to: "--iidfile"))
    }

    private func expectPush(times: Int = 1) {
        runner.expect(
            "podman", ["push"], times: times, answering: writing(digest + "\n", to: "--digestfile"))
    }

    @Test func `images are built and pushed under one tag, in the order of the file`() async throws
    {
        expectBuild(times: 2)
        expectPush(times: 2)
        let built = try await build()
        #expect(
            built.map(\.reference) == ["localhost:5051/web:dev-1", "localhost:5051/api:dev-1"])
        #expect(built.map(\.imageID) == [imageID, imageID])
        #expect(built.map(\.digest) == [try Digest(digest), try Digest(digest)])
        let web = try #require(runner.commands.first { $0.contains("web:dev-1 --file") })
        #expect(web.contains("--file \(sample.folder.file("web"))/Containerfile --build-arg A=1"))
        let api = try #require(runner.commands.first { $0.contains("api:dev-1 --file") })
        #expect(api.contains("--file \(sample.folder.file("api"))/Dockerfile"))
    }

    @Test func `a name that is not configured names those that are`() async {
        let error = await #expect(throws: DevClusterError.self) { try await build("wep") }
        #expect(error?.message == "there is no image 'wep' in spec.images")
        #expect(error?.hint == "it has: web, api")
    }

    @Test func `a missing context or Containerfile is found before anything starts`() async throws {
        try FileManager.default.removeItem(atPath: sample.folder.file("api/Dockerfile"))
        let none = await #expect(throws: DevClusterError.self) { try await build() }
        #expect(none?.message.contains("image 'api' has no") == true)
        try FileManager.default.removeItem(atPath: sample.folder.file("api"))
        let gone = await #expect(throws: DevClusterError.self) { try await build() }
        #expect(gone?.message.contains("the context of image 'api' is no folder") == true)
        #expect(!runner.calls.contains { $0.arguments.first == "build" })
    }

    @Test func `a Containerfile that is a pipe is not waited for`() async throws {
        let path = sample.folder.file("api/Dockerfile")
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        let error = await #expect(throws: DevClusterError.self) { try await build("api") }
        #expect(error?.message == "the Containerfile of image 'api' is no file: \(path)")
    }

    @Test func `a pipe in place of the ignore file is not waited for`() async throws {
        let path = sample.folder.file("api/.dockerignore")
        #expect(mkfifo(path, 0o600) == 0)
        let error = await #expect(throws: DevClusterError.self) { try await build("api") }
        #expect(
            error?.message == "the ignore file of image 'api' is no regular file: \(path)")
    }

    @Test func `a base that only looks like an image of ours is named when it cannot be had`()
        async throws
    {
        try sample.folder.write("FROM web:7\n", to: "api/Dockerfile")
        runner.expect(
            "podman", ["build"], returning: .failure(125, stderr: "Error: no such image\n"))
        let error = await #expect(throws: DevClusterError.self) { try await build("api") }
        #expect(
            error?.hint
                == "it names \"web:7\"; if the image 'web' of spec.images is meant, write 'web'"
                + " without a tag")
    }

    @Test func `a build that fails shows what it printed, on both streams`() async {
        runner.expect(
            "podman", ["build"],
            returning: .failure(1, stderr: "Error: exit status 3\n", output: "STEP 2/2: RUN make\n")
        )
        let error = await #expect(throws: DevClusterError.self) { try await build("web") }
        #expect(error?.message == "the build of image 'web' failed")
        let tail = (error?.cause as? InvocationError)?.tail
        #expect(tail?.contains("STEP 2/2: RUN make") == true)
        #expect(tail?.contains("Error: exit status 3") == true)
        #expect(runner.calls.allSatisfy { $0.arguments.first != "push" })
    }

    @Test func `a build that takes too long says which time is allowed`() async {
        runner.expect("podman", ["build"], throwing: .timedOut)
        let error = await #expect(throws: DevClusterError.self) { try await build("web") }
        #expect(error?.code == .deadline)
        #expect(error?.hint == "spec.timeouts.build allows more time")
    }

    @Test func `a push that fails points to the registry`() async {
        expectBuild()
        // podman 4.3.1 for a registry that is not there, shortened.
        runner.expect(
            "podman", ["push"], returning: .failure(125, stderr: "connection refused\n"))
        runner.expect("podman", ["logs"])
        let error = await #expect(throws: DevClusterError.self) { try await build("web") }
        #expect(error?.message == "the push of localhost:5051/web:dev-1 failed")
        #expect(error?.hint?.contains("devcluster up") == true)
    }

    @Test func `a registry whose disk is full is named`() async {
        expectBuild()
        // podman 4.3.1 and registry 2.8, whose volume had 3 MB, shortened.
        runner.expect(
            "podman", ["push"],
            returning: .failure(
                125,
                stderr: "Error: writing blob: uploading layer chunked: received unexpected HTTP"
                    + " status: 500 Internal Server Error\n"))
        runner.expect(
            "podman", ["logs", "--tail", "40", "devcluster-demo-registry"],
            returning: .ok(
                "time=\"2026-11-21T22:34:46Z\" level=error msg=\"unknown error reading request"
                    + " payload: write /var/lib/registry/docker: no space left on device\"\n"))
        let error = await #expect(throws: DevClusterError.self) { try await build("web") }
        #expect(error?.hint?.contains("the registry's disk is full") == true)
        #expect(error?.hint?.contains("devcluster registry prune") == true)
    }

    @Test func `a build that does not say what it built is an error`() async {
        runner.expect("podman", ["build"])
        let error = await #expect(throws: DevClusterError.self) { try await build("web") }
        #expect(error?.message.contains("did not say what it built") == true)
    }

    @Test func `an engine that does not tell the digest leaves it to the registry`() async throws {
        expectBuild()
        runner.expect("podman", ["push"])
        runner.expectCurl("head-200")
        #expect(try await build("web").map(\.digest) == [try Digest(digest)])
    }

    @Test func `what is pushed and not served is an error`() async {
        expectBuild()
        runner.expect("podman", ["push"])
        runner.expectCurl("head-404")
        let error = await #expect(throws: DevClusterError.self) { try await build("web") }
        #expect(error?.message.contains("which was just pushed") == true)
    }

    /// Remembers a build of this image under the tag `dev-0`.
    private func remember(imageID: String) async throws {
        let image = BuiltImage(
            name: "web", reference: "localhost:5051/web:dev-0", tag: "dev-0", imageID: imageID,
            digest: try Digest(digest), buildSeconds: 1, pushSeconds: 1, isUnchanged: false)
        try await sample.session.records.append([
            BuildRecord(time: Date(), image: image, commit: nil, isDirty: false, inputs: nil)
        ])
    }

    @Test func `an image that did not change keeps the tag it had`() async throws {
        try await remember(imageID: imageID)
        expectBuild()
        runner.expectCurl("head-200")
        runner.expect("podman", ["rmi", "localhost:5051/web:dev-1"])
        let built = try await build("web", keepsTags: true)
        #expect(built.map(\.tag) == ["dev-0"])
        #expect(built.map(\.isUnchanged) == [true])
    }

    @Test func `what was deployed keeps its tag, whatever 'build' pushed of the same since`()
        async throws
    {
        try await remember(imageID: imageID)
        try await sample.session.records.append([
            DeployRecord(
                time: Date(), seconds: 1, namespace: "default",
                images: [.init(name: "web", tag: "dev-0")], exitCode: 0, steps: [])
        ])
        var later: [BuildRecord] = try sample.session.records.records()
        later[0].image.tag = "dev-0b"
        try await sample.session.records.append(later)
        expectBuild()
        runner.expectCurl("head-200")
        runner.expect("podman", ["rmi"])
        #expect(try await build("web", keepsTags: true).map(\.tag) == ["dev-0"])
    }

    @Test(arguments: ["head-404", "refused"])
    func `a tag that the registry no longer has is not kept`(recording: String) async throws {
        try await remember(imageID: imageID)
        expectBuild()
        runner.expectCurl(recording)
        expectPush()
        #expect(try await build("web", keepsTags: true).map(\.tag) == ["dev-1"])
    }

    @Test func `another image than before gets the new tag`() async throws {
        try await remember(imageID: digest)
        expectBuild()
        expectPush()
        #expect(try await build("web", keepsTags: true).map(\.tag) == ["dev-1"])
    }

    @Test func `every build is recorded with what it was made of`() async throws {
        expectBuild(times: 2)
        expectPush(times: 2)
        // Whether it works in a machine of its own, where the cache would be emptied otherwise.
        runner.expect(
            "podman", ["info"], returning: .ok(try Fixture.text("podman-4.3.1-info.json")))
        try sample.folder.write(
            "FROM scratch\nCOPY a /\nRUN --mount=type=cache,target=/c make",
            to: "web/Containerfile")
        try sample.folder.write("one", to: "web/a")
        _ = try await build("web")
        try sample.folder.write("two", to: "web/a")
        _ = try await build("web")
        let records: [BuildRecord] = try sample.session.records.records()
        #expect(records.map(\.image.tag) == ["dev-1", "dev-1"])
        #expect(records.map { $0.inputs?.hasMounts } == [true, true])
        #expect(records.map { $0.inputs?.usedCache } == [true, true])
        // The same image from other sources.
        #expect(records.map { $0.inputs?.isProbablyStale } == [false, true])
        #expect(Set(records.compactMap { $0.inputs?.contextHash }).count == 2)
        #expect(sample.activity.warnings.count == 1)
        #expect(sample.activity.warnings[0].contains("image 'web' is probably stale"))
    }

    @Test func `a build that gives just what was pushed is recorded too`() async throws {
        try await remember(imageID: imageID)
        expectBuild()
        runner.expectCurl("head-200")
        runner.expect("podman", ["rmi"])
        _ = try await build("web", keepsTags: true)
        let records: [BuildRecord] = try sample.session.records.records()
        #expect(records.map(\.image.isUnchanged) == [false, true])
        #expect(records.map(\.image.tag) == ["dev-0", "dev-0"])
    }

    @Test func `without cache even cache mounts are new, and nothing of them stays`() async throws {
        let folder = sample.folder.file("tmp")
        let other = try SampleSession(
            ["images": [["name": "web", "context": "web"]]], environment: ["TMPDIR": folder])
        try other.folder.write("FROM scratch", to: "web/Containerfile")
        other.runner.expect("podman", ["build"]) { invocation in
            let cache = try #require(invocation.environment["TMPDIR"])
            #expect(cache.hasPrefix(folder + "/"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: cache).isEmpty)
            try Data("old".utf8).write(to: URL(filePath: cache + "/object"))
            return try await writing(imageID, to: "--iidfile")(invocation)
        }
        other.runner.expect(
            "podman", ["push"], answering: writing(digest + "\n", to: "--digestfile"))
        let builder = ImageBuilder(session: other.session, usesCache: false)
        _ = try await builder.run(
            try builder.select([]), as: NewVersion(tag: try TagName("dev-1"), git: nil))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
