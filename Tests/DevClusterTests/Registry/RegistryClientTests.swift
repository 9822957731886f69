import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct RegistryClientTests {
    private let runner = ScriptedRunner()
    private let name = ManifestName(repository: "rec-web", reference: "1")
    private let digest = "sha256:094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80"

    private var registry: RegistryClient {
        RegistryClient(baseURL: "http://127.0.0.1:5051", curl: Curl(runner: runner))
    }

    private func digest(of name: ManifestName) async throws -> RegistryAnswer<Digest>? {
        try await registry.digests(of: [name])[name]
    }

    @Test func `the digest is the registry's header`() async throws {
        runner.expectCurl("head-200")
        #expect(try await digest(of: name) == .found(Digest(digest)))
        let request = try CurlScript(runner.calls[0]).requests[0]
        #expect(request.url == "http://127.0.0.1:5051/v2/rec-web/manifests/1")
        #expect(request.isHead)
    }

    @Test func `all four types of manifest are asked for`() async throws {
        runner.expectCurl("head-200")
        _ = try await digest(of: name)
        let lines = try CurlScript(runner.calls[0]).requests[0].lines
        let accept = try #require(lines.first { $0.hasPrefix("header = \"Accept: ") })
        #expect(accept.split(separator: ",").count == 4)
        for type in [
            "image.index", "manifest.list", "oci.image.manifest", "docker.distribution.manifest.v2",
        ] {
            #expect(accept.contains(type))
        }
    }

    @Test(arguments: ["get-no-header", "get-chunked"])
    func `without the header the body is hashed, in whatever pieces it comes`(recording: String)
        async throws
    {
        runner.expectCurl("head-no-header")
        runner.expectCurl(recording)
        #expect(try await digest(of: name) == .found(Digest(digest)))
    }

    @Test func `a missing tag is missing, not unknown`() async throws {
        runner.expectCurl("head-404")
        #expect(try await digest(of: name) == .missing)
    }

    @Test func `a refusal is unknown with its status`() async throws {
        runner.expectCurl("head-401")
        #expect(
            try await digest(of: name) == .unknown("the registry refuses access (HTTP 401)"))
    }

    @Test func `two failures of the server are repeated until it answers`() async throws {
        runner.expectCurl("head-500", times: 2)
        runner.expectCurl("head-200")
        #expect(try await digest(of: name) == .found(Digest(digest)))
    }

    @Test func `a server that keeps failing is reported after three attempts`() async throws {
        runner.expectCurl("head-500", times: 3)
        #expect(try await digest(of: name) == .unknown("the registry failed (HTTP 500)"))
    }

    @Test func `only what failed is asked for again`() async throws {
        let other = ManifestName(repository: "rec-web", reference: "2")
        runner.expectCurl("head-500", "head-200")
        runner.expectCurl("head-200")
        let answers = try await registry.digests(of: [name, other])
        let found = RegistryAnswer.found(try Digest(digest))
        #expect(answers == [name: found, other: found])
        let again = try CurlScript(runner.calls[1]).requests.map(\.url)
        #expect(again == ["http://127.0.0.1:5051/v2/rec-web/manifests/1"])
    }

    @Test func `a page that is no manifest has no digest`() async throws {
        runner.expectCurl("head-html")
        runner.expectCurl("get-html")
        #expect(
            try await digest(of: name) == .unknown("the answer is not what a registry sends"))
    }

    @Test(arguments: ["get-html", "get-truncated-json"])
    func `a body that is no whole manifest is unknown`(recording: String) async throws {
        runner.expectCurl(recording)
        #expect(
            try await registry.manifests([name])[name]
                == .unknown("the answer is not what a registry sends"))
    }

    @Test func `a body cut short is unknown, though its status is 200`() async throws {
        runner.expectCurl("get-cut")
        #expect(
            try await registry.manifests([name])[name]
                == .unknown("transfer closed with 500 bytes remaining to read"))
    }

    @Test func `one curl answers questions of every kind`() async throws {
        let blob = BlobName(repository: "rec-tags", digest: try Digest(digest))
        runner.expect("curl") { invocation in
            let script = try CurlScript(invocation)
            return script.outcome(
                try script.requests.map { request in
                    let kind =
                        request.isHead
                        ? "head-200"
                        : request.url.hasSuffix("/tags/list")
                            ? "get-tags"
                            : request.url.contains("/blobs/") ? "get-configuration" : "get-200"
                    return try Fixture.data("curl-7.88.1-\(kind).txt")
                })
        }
        let answers = try await registry.ask([
            .digest(name), .manifest(name), .tags(repository: "rec-tags"), .configuration(blob),
        ])
        #expect(answers.digests[name]?.value?.description == digest)
        #expect(answers.manifests[name]?.value?.isIndex == false)
        #expect(answers.tags == ["rec-tags": .found(["b", "c", "a"])])
        let image = try #require(answers.configurations[blob]?.value)
        #expect(image.created == "2026-11-21T14:13:00.79776454Z")
        #expect(image.config?.labels?["org.opencontainers.image.revision"] == "0f3c9a1b2c3d")
        #expect(runner.count("curl") == 1)
    }

    /// A guess: registry 2.8.2 gives all tags at once; the header is the specification's.
    @Test(arguments: [
        "/v2/rec-tags/tags/list?n=3&last=c",
        "http://other.example/v2/rec-tags/tags/list?n=3&last=c",
    ]) func `a list in pages is read to its end, from the same registry`(link: String)
        async throws
    {
        let last = try Fixture.text("curl-7.88.1-get-tags.txt")
        let header = "Link: <\(link)>; rel=\"next\"\r\n"
        let first = last.replacing("Content-Length", with: header + "Content-Length")
            .replacing(" 203 ", with: " \(203 + header.utf8.count) ")
        for page in [first, last] {
            runner.expect("curl") { try CurlScript($0).outcome([Data(page.utf8)]) }
        }
        let answers = try await registry.ask([.tags(repository: "rec-tags")])
        #expect(answers.tags == ["rec-tags": .found(["b", "c", "a", "b", "c", "a"])])
        #expect(
            try CurlScript(runner.calls[1]).requests.map(\.url)
                == ["http://127.0.0.1:5051/v2/rec-tags/tags/list?n=3&last=c"])
    }

    @Test func `a redirect is followed, and the last answer counts`() async throws {
        runner.expectCurl("head-redirect")
        #expect(try await digest(of: name) == .found(Digest(digest)))
        runner.expectCurl("get-redirect")
        let manifest = try #require(try await registry.manifests([name])[name]?.value)
        #expect(
            manifest.config?.digest.hex.hasPrefix("893242900d4bde0e") == true)
    }

    @Test func `a redirect to a file or in a circle is unknown`() async throws {
        runner.expectCurl("get-redirect-file")
        #expect(
            try await registry.manifests([name])[name]
                == .unknown("Protocol \"file\" not supported or disabled in libcurl"))
        runner.expectCurl("get-loop")
        #expect(
            try await registry.manifests([name])[name]
                == .unknown("Maximum (3) redirects followed"))
    }

    @Test(arguments: [
        (
            "refused",
            "Failed to connect to 127.0.0.1 port 5061 after 0 ms: Couldn't connect to server"
        ),
        ("get-slow", "Operation timed out after 1000 milliseconds with 0 bytes received"),
        ("unresolved", "Could not resolve host: rec-none.invalid"),
    ])
    func `a registry that cannot be reached is unknown with curl's reason`(
        recording: String, reason: String
    ) async throws {
        runner.expectCurl(recording)
        #expect(try await digest(of: name) == .unknown(reason))
    }

    @Test func `fewer answers than requests is an error, not a shift`() async throws {
        runner.expectCurl("head-200")
        runner.expect("curl", returning: .ok(""))
        let names = ["1", "2"].map { ManifestName(repository: "rec-web", reference: $0) }
        let error = await #expect(throws: DevClusterError.self) {
            try await registry.digests(of: names)
        }
        #expect(error?.message == "curl answered 0 of 1 requests")
    }

    @Test func `a missing curl is reported as such`() async throws {
        runner.expect("curl", throwing: .notFound)
        let error = await #expect(throws: InvocationError.self) { try await digest(of: name) }
        #expect(error?.reason == .notFound)
    }

    @Test func `no names start nothing`() async throws {
        #expect(try await registry.digests(of: []).isEmpty)
    }

    @Test func `a name asked for twice is one request`() async throws {
        runner.expectCurl("head-200")
        #expect(try await registry.digests(of: [name, name]).count == 1)
    }

    @Test func `hundreds of names go out in batches of 200`() async throws {
        let names = (0..<450).map { ManifestName(repository: "rec-web", reference: "t\($0)") }
        var served = SampleRegistry()
        for name in names { try served.add(name.repository, name.reference, "1") }
        runner.expectCurl(served)
        let answers = try await registry.digests(of: names)
        #expect(answers.count == 450)
        #expect(answers.values.allSatisfy { $0.value != nil })
        #expect(try runner.calls.map { try CurlScript($0).requests.count } == [200, 200, 50])
    }

    @Test func `an index lists its manifests for one architecture`() async throws {
        runner.expectCurl("get-index")
        let index = try #require(try await registry.manifests([name])[name]?.value)
        #expect(index.isIndex)
        #expect(index.children(architecture: "amd64").map(\.digest.description) == [digest])
        #expect(index.children(architecture: "s390x").isEmpty)
    }

    @Test func `attestations of an index are no manifests of a platform`() throws {
        // A guess after buildx's documentation: no buildx here to record it.
        let text = """
            {"manifests": [{"digest": "\(digest)", "platform": {"architecture": "amd64",
            "os": "linux"}}, {"digest": "\(digest.replacing("094d", with: "0000"))", "platform":
            {"architecture": "unknown", "os": "unknown"}}]}
            """
        let index = try JSONDecoder().decode(ManifestDocument.self, from: Data(text.utf8))
        #expect(index.children(architecture: "amd64").map(\.digest.description) == [digest])
    }
}

struct RegistryProblemTests {
    private let runner = ScriptedRunner()

    private func problem() async throws -> String? {
        try await RegistryClient(
            baseURL: "http://127.0.0.1:5051", curl: Curl(runner: runner)
        ).problem()
    }

    @Test func `a registry that answers has no problem`() async throws {
        runner.expectCurl("get-v2")
        #expect(try await problem() == nil)
    }

    @Test(arguments: [
        ("get-html", "what answers there is no image registry"),
        ("get-401", "the registry refuses access (HTTP 401)"),
        ("get-404", "the registry has no such thing (HTTP 404)"),
        ("get-500", "the registry failed (HTTP 500)"),
        (
            "refused",
            "Failed to connect to 127.0.0.1 port 5061 after 0 ms: Couldn't connect to server"
        ),
    ])
    func `every other answer is named`(recording: String, text: String) async throws {
        runner.expectCurl(recording)
        #expect(try await problem() == text)
    }
}
