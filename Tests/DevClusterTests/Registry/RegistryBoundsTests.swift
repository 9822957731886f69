import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Tools
@testable import Vocabulary

/// Registries whose answers would keep a client busy for ever.
struct RegistryBoundsTests {
    private let runner = ScriptedRunner()
    private var client: RegistryClient {
        RegistryClient(baseURL: "http://127.0.0.1:5051", curl: Curl(runner: runner))
    }

    private func digest(_ number: Int) throws -> Digest {
        let hex = String(number, radix: 16)
        return try Digest("sha256:" + String(repeating: "0", count: 64 - hex.count) + hex)
    }

    private func descriptor(_ digest: Digest, _ size: BoundedInteger? = nil)
        -> ManifestDocument.Descriptor
    {
        ManifestDocument.Descriptor(digest: digest, size: size, platform: nil)
    }

    @Test func `an index that lists itself is added up once`() throws {
        let (index, manifest) = (try digest(1), try digest(2))
        let contents = RegistryContents(documents: [
            index: ManifestDocument(
                manifests: [descriptor(index), descriptor(manifest), descriptor(manifest)]),
            manifest: ManifestDocument(config: descriptor(try digest(3), 5)),
        ])
        #expect(contents.bytes(of: [index]) == 5)
    }

    @Test func `forty levels with the same child twice are added up once`() throws {
        var documents: [Digest: ManifestDocument] = [:]
        for level in 0..<40 {
            let child = descriptor(try digest(level + 1))
            documents[try digest(level)] = ManifestDocument(manifests: [child, child])
        }
        documents[try digest(40)] = ManifestDocument(config: descriptor(try digest(99), 7))
        let contents = RegistryContents(documents: documents)
        let start = try digest(0)
        let time = processorTime { #expect(contents.bytes(of: [start]) == 7) }
        #expect(time < .seconds(5))
    }

    /// Answers each page of the catalogue with a link to the next.
    private func expectCatalog(next: @escaping @Sendable (Int) -> String) throws {
        let recorded = try Fixture.text("curl-7.88.1-get-catalog-page.txt")
        let link = try #require(recorded.firstRange(of: "</v2/_catalog?last=rec-a&n=2>"))
        let call = ManagedCounter()
        runner.expect("curl", times: nil) { invocation in
            let target = "<\(next(call.next()))>"
            let text = recorded.replacingCharacters(in: link, with: target)
            let size = try #require(text.utf8.firstRange(of: "\r\n\r\n".utf8)?.upperBound)
            let bytes = text.utf8.distance(from: text.startIndex, to: size)
            let mark = try #require(text.range(of: "\nMARK "))
            let words = text[mark.upperBound...].split(separator: " ")
            let answer = text[..<mark.lowerBound] + "\nMARK \(words[0]) \(words[1]) \(bytes) \n"
            return try CurlScript(invocation).outcome([Data(answer.utf8)])
        }
    }

    /// Answers everything with this body, and the headers of a list.
    private func expectBody(_ body: String) throws {
        let recorded = try Fixture.text("curl-7.88.1-get-catalog-page.txt")
            .replacing("Link:", with: "X-Link:").replacing("link:", with: "x-link:")
        let end = try #require(recorded.utf8.firstRange(of: "\r\n\r\n".utf8)?.upperBound)
        let mark = try #require(recorded.range(of: "\nMARK "))
        let words = recorded[mark.upperBound...].split(separator: " ")
        let headers = String(recorded[..<end])
        let answer = headers + body + "\nMARK \(words[0]) \(words[1]) \(headers.utf8.count) \n"
        runner.expect("curl", times: nil) { invocation in
            try CurlScript(invocation).outcome([Data(answer.utf8)])
        }
    }

    @Test(arguments: ["{}", #"{"error": "please log in"}"#, #"{"repositories": null}"#])
    func `what is no list of repositories is no empty registry`(body: String) async throws {
        try expectBody(body)
        let error = await #expect(throws: DevClusterError.self) { try await client.repositories() }
        #expect(error?.message.hasSuffix("the answer is not what a registry sends") == true)
    }

    @Test(arguments: [
        ("{}", false), (#"{"name": "web"}"#, false), (#"{"name": "web", "tags": null}"#, true),
        (#"{"name": "web", "tags": []}"#, true),
    ]) func `what is no list of tags is no empty repository`(body: String, isList: Bool)
        async throws
    {
        try expectBody(body)
        if isList {
            #expect(try await client.contents(of: ["web"]).repositories.isEmpty)
        } else {
            await #expect(throws: DevClusterError.self) {
                try await client.contents(of: ["web"])
            }
        }
    }

    @Test func `a catalogue that leads back to a page is an error that says so`() async throws {
        try expectCatalog { _ in "/v2/_catalog?last=a&n=2" }
        let error = await #expect(throws: DevClusterError.self) { try await client.repositories() }
        #expect(
            error?.message.hasSuffix("its list leads back to a page that was read already") == true)
        #expect(runner.calls.count == 2)
    }

    @Test func `a catalogue without an end is an error that names the bound`() async throws {
        try expectCatalog { "/v2/_catalog?last=\($0)&n=2" }
        var bounded = client
        bounded.listLimits.pages = 5
        let pages = await #expect(throws: DevClusterError.self) {
            try await bounded.repositories()
        }
        #expect(pages?.message.hasSuffix("its list has more than 5 pages") == true)
        bounded.listLimits = .init(entries: 7)
        let entries = await #expect(throws: DevClusterError.self) {
            try await bounded.repositories()
        }
        #expect(entries?.message.hasSuffix("its list has more than 7 entries") == true)
        bounded.listLimits = .init(time: .zero)
        let time = await #expect(throws: DevClusterError.self) { try await bounded.repositories() }
        #expect(time?.message.hasSuffix("its list did not end within 0s") == true)
    }
}
