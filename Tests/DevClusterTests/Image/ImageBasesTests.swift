import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

/// Images that are built on other images of the configuration.
struct ImageBasesTests {
    private let imageID = "sha256:893242900d4bde0e562474a4c694eae0cf6903f2414a377cd5fa1ef2c1db4a94"
    private let digest = "sha256:094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80"

    /// A project with an image for each Containerfile, by name.
    private func sample(
        _ files: [String: String], _ settings: [String: [String: JSONValue]] = [:],
        hasBuildContexts: Bool = true, hasImages: Bool = true, failing name: String? = nil
    ) throws -> SampleSession {
        let images = files.keys.sorted().map { name -> JSONValue in
            .object(
                ["name": .string(name), "context": .string(name)].merging(settings[name] ?? [:]) {
                    $1
                })
        }
        let sample = try SampleSession(["images": .array(images)])
        for (name, text) in files { try sample.folder.write(text, to: "\(name)/Containerfile") }
        sample.runner.expect("podman", ["ps"], returning: .ok("[]"), times: nil)
        sample.runner.expect(
            "podman", ["image", "inspect"],
            returning: hasImages ? .ok(imageID) : .failure(125, stderr: "no such image\n"),
            times: nil)
        sample.runner.expect("podman", ["build"], times: nil) { [imageID] invocation in
            if !hasBuildContexts, invocation.arguments.contains("--build-context") {
                // docker 28.2.2 without buildx
                return .failure(125, stderr: "unknown flag: --build-context\n")
            }
            if let name, invocation.arguments.contains("localhost:5051/\(name):dev-1") {
                return .failure(125, stderr: "Error: no such image\n")
            }
            return try Self.write(imageID, to: "--iidfile", of: invocation)
        }
        sample.runner.expect("podman", ["push"], times: nil) { [digest] invocation in
            try Self.write(digest, to: "--digestfile", of: invocation)
        }
        return sample
    }

    private static func write(_ text: String, to option: String, of invocation: Invocation) throws
        -> Outcome
    {
        let index = try #require(invocation.arguments.firstIndex(of: option))
        try Data(text.utf8).write(to: URL(filePath: invocation.arguments[index + 1]))
        return .ok()
    }

    @discardableResult
    private func build(_ sample: SampleSession, _ names: String...) async throws -> [BuiltImage] {
        let builder = ImageBuilder(session: sample.session)
        return try await builder.run(
            try builder.select(names), as: NewVersion(tag: try TagName("dev-1"), git: nil))
    }

    /// What each build was told of other images, by the image that was built.
    private func contexts(_ sample: SampleSession) -> [String: [String]] {
        var contexts: [String: [String]] = [:]
        for call in sample.runner.calls where call.arguments.first == "build" {
            let arguments = call.arguments
            contexts[arguments[2]] = arguments.indices.filter {
                arguments[$0] == "--build-context"
            }.map { arguments[$0 + 1] }
        }
        return contexts
    }

    @Test(arguments: [
        "FROM base\n", "FROM base:latest\n", "FROM localhost/base:1\n",
        "FROM localhost:5051/base:v3\n",
        "FROM scratch\nCOPY --from=base /a /b\n",
        "FROM x\nRUN --mount=type=bind,from=base,target=/m cat /m\n",
    ])
    func `an image that another one names is built and pushed before it, and used for it`(
        _ text: String
    ) async throws {
        let sample = try sample(["app": text, "base": "FROM scratch\n"])
        let built = try await build(sample)
        #expect(built.map(\.name) == ["app", "base"])
        let steps = sample.runner.calls.map { $0.arguments[0...1].joined(separator: " ") }
        let push = try #require(steps.firstIndex { $0.hasPrefix("push") })
        let builds = sample.runner.calls.indices.filter {
            sample.runner.calls[$0].arguments[0] == "build"
        }
        #expect(builds.count == 2 && builds[0] < push && push < builds[1])
        let given = try #require(contexts(sample)["localhost:5051/app:dev-1"])
        #expect(given.count == 1)
        // By its ID: a tag may be moved meanwhile.
        #expect(given.first?.hasSuffix("=docker-image://\(imageID)") == true)
        #expect(contexts(sample)["localhost:5051/base:dev-1"] == [])
    }

    @Test func `podman is told the variable that stands in the Containerfile, too`() async throws {
        let sample = try sample(
            ["app": "ARG BASE\nFROM $BASE\n", "base": "FROM scratch\n"],
            ["app": ["buildArgs": ["BASE": "acme/base:1"]], "base": ["matches": ["acme/base"]]])
        try await build(sample)
        #expect(
            contexts(sample)["localhost:5051/app:dev-1"] == [
                "$BASE=docker-image://\(imageID)", "acme/base:1=docker-image://\(imageID)",
            ])
    }

    @Test(arguments: [
        "FROM node:20\n", "FROM docker.io/other/node\n",
        "FROM node@sha256:893242900d4bde0e562474a4c694eae0cf6903f2414a377cd5fa1ef2c1db4a94\n",
        "FROM x AS node\nFROM node\n",
    ])
    func `the image of others stays what it is beside one of ours with its name`(_ text: String)
        async throws
    {
        let sample = try sample(["app": text, "node": "FROM golang\n"])
        try await build(sample)
        #expect(contexts(sample)["localhost:5051/app:dev-1"] == [])
    }

    @Test func `an image of ours that is built on one of its own name leaves that to the others`()
        async throws
    {
        let files = ["app": "FROM nginx\n", "nginx": "FROM nginx:1.25\n"]
        let sample = try sample(files)
        try await build(sample)
        #expect(contexts(sample)["localhost:5051/app:dev-1"] == [])
        let failing = try self.sample(files, failing: "app")
        let error = await #expect(throws: DevClusterError.self) { try await build(failing) }
        #expect(error?.hint?.hasSuffix("for that one write 'localhost:5051/nginx'") == true)
    }

    @Test func `a stage that is not built needs no image`() async throws {
        let sample = try sample(
            ["app": "FROM base AS dev\nFROM scratch AS slim\n", "base": "FROM scratch\n"],
            ["app": ["target": "slim"]])
        #expect(try ImageBuilder(session: sample.session).select(["app"]).count == 1)
    }

    @Test func `an image comes with what it is built on, at any depth`() async throws {
        let sample = try sample(
            ["a": "FROM scratch\n", "b": "FROM a\n", "c": "FROM b\n", "d": "FROM scratch\n"])
        let built = try await build(sample, "c")
        #expect(built.map(\.name) == ["a", "b", "c"])
    }

    @Test func `images that are built on each other are refused before anything starts`()
        async throws
    {
        let sample = try sample(["a": "FROM b\n", "b": "FROM a\n", "c": "FROM scratch\n"])
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(error?.code == .usage)
        #expect(error?.message == "the images a, b are built on each other")
        #expect(!sample.runner.calls.contains { $0.arguments.first == "build" })
    }

    @Test func `the record of an image changes with the sources of what it is built on`()
        async throws
    {
        let sample = try sample(["app": "FROM base\n", "base": "FROM scratch\nCOPY f /\n"])
        try sample.folder.write("1", to: "base/f")
        try await build(sample)
        try sample.folder.write("2", to: "base/f")
        try await build(sample)
        let records: [BuildRecord] = try sample.session.records.records()
        let hashes = records.filter { $0.image.name == "app" }.compactMap { $0.inputs?.contextHash }
        #expect(hashes.count == 2 && hashes[0] != hashes[1])
    }

    @Test(arguments: [
        "FROM x\nRUN --mount=type=bind,from=base,target=/m cat /m\n",
        "FROM base AS t\nFROM x\nRUN --mount=type=bind,from=t,target=/m cat /m\n",
    ])
    func `a command that sees the files of another image never takes a layer of another one`(
        _ text: String
    ) async throws {
        let sample = try sample(["app": text, "base": "FROM scratch\nCOPY f /\n"])
        try sample.folder.write("1", to: "base/f")
        sample.runner.expectCurl("head-200", times: nil)
        sample.runner.expect("podman", ["rmi"], times: nil)
        func deploy() async throws {
            let builder = ImageBuilder(session: sample.session, keepsTags: true)
            _ = try await builder.run(
                try builder.select([]), as: NewVersion(tag: try TagName("dev-1"), git: nil))
        }
        for _ in 0..<2 { try await deploy() }
        let apps = sample.runner.calls.filter { call in
            call.arguments.first == "build"
                && call.arguments.contains("localhost:5051/app:dev-1")
        }
        #expect(apps.count == 1, "what did not change is not built")
        #expect(apps.allSatisfy { $0.arguments.contains("--no-cache") })
        #expect(sample.activity.notes == ["image app: unchanged inputs: kept as dev-1"])
    }

    @Test func `a base that left this machine is fetched by its digest`() async throws {
        let sample = try sample(
            ["app": "FROM base\n", "base": "FROM scratch\n"], hasImages: false)
        sample.runner.expect("podman", ["pull"])
        try await build(sample)
        let pinned = "localhost:5051/base@\(digest)"
        #expect(
            sample.runner.calls.contains { $0.arguments == ["pull", "--tls-verify=false", pinned] })
        #expect(
            contexts(sample)["localhost:5051/app:dev-1"] == ["base=docker-image://\(pinned)"])
    }

    @Test func `a folder that is copied from by a name of its own is told from an image`()
        async throws
    {
        let sample = try SampleSession(["images": [["name": "api", "context": "api"]]])
        try sample.folder.write("FROM scratch\nCOPY --from=cfgs a /a\n", to: "api/Containerfile")
        // podman 4.3.1
        sample.runner.expect(
            "podman", ["build"],
            returning: .failure(
                125,
                stderr: "Error: COPY --from=cfgs: no stage or image found with that name\n"))
        sample.runner.expect("podman", ["ps"], returning: .ok("[]"), times: nil)
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(error?.hint?.contains("additional_contexts of a compose file") == true)
    }

    @Test func `docker without buildx is told what it lacks`() async throws {
        let sample = try sample(
            ["app": "FROM base\n", "base": "FROM scratch\n"], hasBuildContexts: false)
        let error = await #expect(throws: DevClusterError.self) { try await build(sample) }
        #expect(error?.hint?.contains("install docker-buildx") == true)
    }
}
