import Foundation
import TestSupport
import Testing

@testable import Images
@testable import StateFiles
@testable import Vocabulary

/// Builds of several clusters, which share one registry.
struct BuildRecordsTests {
    private let folder: TemporaryFolder
    private let state: StateFolder
    private let digest: Digest
    private let other: Digest

    init() throws {
        folder = try TemporaryFolder()
        state = StateFolder(path: folder.path)
        digest = try Digest("sha256:" + SHA256.hex("one".utf8))
        other = try Digest("sha256:" + SHA256.hex("two".utf8))
    }

    private func add(
        _ record: BuildRecord, to cluster: String, _ engine: EngineName = .podman
    ) async throws {
        let path = StateFolder.records(ofPlace: state.cluster(engine, cluster))
        try await RecordLog(path: path).append([record])
    }

    private var records: BuildRecords {
        get throws { try BuildRecords(state: state, engine: .podman) }
    }

    @Test func `a build is found by repository and digest, for whatever cluster it was made`()
        async throws
    {
        try await add(.sample(digest: digest, commit: "a"), to: "one")
        try await add(.sample(tag: "dev-2", digest: other, commit: "b"), to: "two")
        #expect(try records.build(repository: "web", digest: other)?.commit == "b")
        #expect(try records.build(repository: "web", digest: digest)?.image.tag == "dev-1")
        #expect(try records.build(repository: "api", digest: digest) == nil)
    }

    @Test func `a build is found by the ID of its image, the newest one`() async throws {
        try await add(.sample(tag: "new", imageID: "sha256:1", time: 20), to: "one")
        try await add(.sample(tag: "old", imageID: "sha256:1", time: 10), to: "two")
        #expect(try records.build(imageID: "sha256:1")?.image.tag == "new")
        #expect(try records.build(imageID: "sha256:2") == nil)
    }

    @Test func `the build that pushed it stands before one that only gave the same again`()
        async throws
    {
        try await add(.sample(digest: digest, time: 10, commit: "first"), to: "one")
        try await add(
            .sample(digest: digest, time: 20, commit: "again", isUnchanged: true), to: "one")
        #expect(try records.build(repository: "web", digest: digest)?.commit == "first")
    }

    @Test func `clusters of the other engine do not count`() async throws {
        try await add(.sample(digest: digest), to: "one", .docker)
        #expect(try records.all().isEmpty)
        #expect(try records.build(repository: "web", digest: digest) == nil)
    }

    @Test func `all builds come in the order of their times`() async throws {
        try await add(.sample(tag: "b", time: 20), to: "one")
        try await add(.sample(tag: "a", time: 10), to: "two")
        #expect(try records.all().map(\.image.tag) == ["a", "b"])
    }

    @Test func `without any state there are no builds`() throws {
        #expect(
            try BuildRecords(state: StateFolder(path: "/nowhere"), engine: .podman).all().isEmpty)
    }
}
