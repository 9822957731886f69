import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Tools
@testable import Vocabulary

struct RegistryCatalogTests {
    private let runner = ScriptedRunner()
    private var client: RegistryClient {
        RegistryClient(baseURL: "http://127.0.0.1:5051", curl: Curl(runner: runner))
    }

    private func digest(_ recording: String) throws -> Digest {
        let body = try Fixture.data("registry-2.8.2-manifest-\(recording).json")
        return try Digest("sha256:\(SHA256.hex(body))")
    }

    private func requests(_ call: Int) throws -> [CurlScript.Request] {
        try CurlScript(runner.calls[call]).requests
    }

    @Test func `the repositories of all pages are listed`() async throws {
        runner.expectCurl("get-catalog-page")
        runner.expectCurl("get-catalog-last")
        let repositories = try await client.repositories()
        #expect(repositories == ["devcluster-proof", "rec-a", "team/rec-b", "web"])
        #expect(
            try requests(1).map(\.url) == ["http://127.0.0.1:5051/v2/_catalog?last=rec-a&n=2"])
    }

    @Test func `a registry that does not answer is an error, never an empty one`() async throws {
        runner.expectCurl("refused")
        await #expect(throws: DevClusterError.self) { try await client.repositories() }
    }

    @Test func `contents hold what tags name, and what an index lists`() async throws {
        var registry = SampleRegistry()
        try registry.add("web", "multi", "index")
        try registry.add("web", "one", "1")
        try registry.add("web", nil, "2")
        runner.expectCurl(registry)
        let contents = try await client.contents(of: ["web"])
        #expect(
            contents.repositories == [
                .init(name: "web", tags: ["multi": try digest("index"), "one": try digest("1")])
            ])
        #expect(
            Set(contents.documents.keys)
                == [try digest("index"), try digest("1"), try digest("2")])
        // Two configurations, the base's layer once, and one layer of each.
        let both = 1347 + 1347 + 1_087_792 + 252 + 247
        #expect(contents.bytes(of: [try digest("index")]).value == both)
        #expect(contents.bytes(of: [try digest("1")]).value == 1347 + 1_087_792 + 252)
    }

    @Test func `a repository whose tags were all deleted is empty, not an error`() async throws {
        runner.expectCurl("get-404")
        let contents = try await client.contents(of: ["web"])
        #expect(contents.repositories.isEmpty && contents.brokenTags.isEmpty)
    }

    @Test func `a tag without a manifest is named`() async throws {
        runner.expectCurl("get-tags")
        runner.expectCurl("head-404", "head-404", "head-404")
        let contents = try await client.contents(of: ["rec-tags"])
        #expect(contents.brokenTags == ["rec-tags:b", "rec-tags:c", "rec-tags:a"])
    }

    @Test func `manifests are deleted by digest, and one that is gone is no error`() async throws {
        runner.expectCurl("delete-202", "delete-404")
        let names = [ManifestName("web", try digest("1")), ManifestName("web", try digest("2"))]
        try await client.delete(names)
        #expect(try requests(0).map(\.url) == names.map { "http://127.0.0.1:5051\($0.path)" })
        #expect(try requests(0).allSatisfy { $0.lines.contains("request = \"DELETE\"") })
        #expect(runner.calls[0].effect == .changes)
    }

    @Test func `a registry that does not allow deleting says what to do`() async throws {
        runner.expectCurl("delete-405")
        let error = await #expect(throws: DevClusterError.self) {
            try await client.delete([ManifestName("rec-a", try digest("1"))])
        }
        #expect(error?.message.hasSuffix("it does not allow deleting images") == true)
        #expect(error?.hint == "devcluster up")
    }

    @Test func `a tag is taken away by moving it to a manifest that is deleted then`() async throws
    {
        runner.expectCurl("put-201")
        runner.expectCurl("delete-202")
        let configuration = ManifestDocument.Descriptor(
            digest: try Digest(
                "sha256:a2cf925ca1877e173bc083bee219aed543848b478bb11f74a4f8ec125b26654a"),
            size: 1002, platform: nil)
        try await client.untag([
            (ManifestName(repository: "rec-a", reference: "alias"), configuration)
        ])
        #expect(
            try requests(0).map(\.url) == ["http://127.0.0.1:5051/v2/rec-a/manifests/alias"])
        // The digest that registry 2.8.2 answered for just this manifest.
        let marker = "sha256:2ccc07d4d42581ef5e76c790442bc20bee6e59bcdcd9007974c47dcaa5dcd28f"
        #expect(
            try requests(1).map(\.url) == ["http://127.0.0.1:5051/v2/rec-a/manifests/\(marker)"])
    }

    @Test func `what is stored on disk is read from the registry's own listing`() throws {
        let disk = RegistryDisk(listing: try Fixture.text("registry-2.8.2-disk.txt"))
        #expect(
            disk.manifests.mapValues(\.count) == [
                "team/rec-b": 1, "rec-a": 1, "devcluster-proof": 1, "web": 4,
            ])
        #expect(disk.oldManifests.mapValues(\.count) == ["team/rec-b": 1])
        #expect(disk.blobs.count == 19)
        let digest = try Digest(
            "sha256:bbaa57a70f170142e24ad03f45817dd6c7320248e64eafa1f0eb69240dedd7f4")
        #expect(disk.blobs[digest] == 1_087_792)
    }

    @Test func `the tags on disk are read with their repositories`() throws {
        let disk = RegistryDisk(
            listing: """
                --
                --
                repositories/team/web/_manifests/tags/v1/current/link
                repositories/web/_manifests/tags/latest/current/link
                752 blobs/sha256/ab/\(String(repeating: "a", count: 64))/data
                """)
        #expect(
            disk.tags.map { "\($0.repository):\($0.reference)" }.sorted() == [
                "team/web:v1", "web:latest",
            ])
        #expect(disk.blobs.count == 1)
    }

    @Test func `lines that mean nothing are left out of the listing`() {
        let disk = RegistryDisk(
            listing: "repositories/a/_manifests/revisions/sha256/xyz/link\nfind: x\n--\n--\n1 2 3\n"
        )
        #expect(disk == RegistryDisk())
    }
}
