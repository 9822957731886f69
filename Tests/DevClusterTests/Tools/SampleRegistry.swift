import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Vocabulary

/// What curl was told on its standard input: the requests, and the mark that ends each answer.
struct CurlScript {
    struct Request {
        var url: String
        var isHead: Bool
        var lines: [String]
    }

    var requests: [Request]
    var mark: String

    init(_ invocation: Invocation) throws {
        let text = invocation.inputText
        requests = text.split(separator: "next\n").map { section in
            let lines = section.split(separator: "\n").map(String.init)
            let url = lines.first { $0.hasPrefix("url = ") }?.dropFirst(7).dropLast() ?? ""
            return Request(url: String(url), isHead: lines.contains("head"), lines: lines)
        }
        let start = try #require(text.firstRange(of: "write-out = \"\\n")?.upperBound)
        // The number of the request follows it.
        mark = String(text[start...].prefix { $0 != "." })
    }

    /// The outcome of a run in which curl answers each request so.
    func outcome(_ answers: [Data]) -> Outcome {
        .ok(Data(answers.enumerated().map { marked($1, $0) }.joined()))
    }

    /// A recorded answer with the mark of this run and the number of its request.
    func marked(_ recorded: Data, _ number: Int) -> Data {
        var data = recorded
        if let place = data.range(of: Data("\nMARK ".utf8), options: .backwards) {
            data.replaceSubrange(place, with: Data("\n\(mark).\(number) ".utf8))
        }
        return data
    }
}

extension ScriptedRunner {
    /// Expects a curl run, and answers its requests with what was recorded, in order.
    func expectCurl(_ recordings: String..., times: Int? = 1) {
        expect("curl", times: times) { invocation in
            try CurlScript(invocation).outcome(
                recordings.map { try Fixture.data("curl-7.88.1-\($0).txt") })
        }
    }

    /// Expects curl runs that this registry answers.
    func expectCurl(_ registry: SampleRegistry, times: Int? = nil) {
        expect("curl", times: times) { try registry.answer($0) }
    }

    /// How many children were started for a tool.
    func count(_ tool: String) -> Int { calls.count { $0.tool == tool } }
}

/// A registry that serves recorded manifests, with the headers that registry 2.8.2 sends.
struct SampleRegistry: Sendable {
    private var manifests: [String: Data] = [:]

    /// Serves a recorded manifest by its digest and, with a tag, by that.
    mutating func add(_ repository: String, _ tag: String?, _ recording: String) throws {
        let body = try Fixture.data("registry-2.8.2-manifest-\(recording).json")
        if let tag { manifests["\(repository)/manifests/\(tag)"] = body }
        manifests["\(repository)/manifests/sha256:\(SHA256.hex(body))"] = body
    }

    func answer(_ invocation: Invocation) throws -> Outcome {
        let script = try CurlScript(invocation)
        return script.outcome(
            try script.requests.map { request in
                if request.url.hasSuffix("/v2/") {
                    return try Fixture.data("curl-7.88.1-get-v2.txt")
                }
                let path = request.url.split(separator: "/v2/", maxSplits: 1).last.map(String.init)
                if let list = try list(path ?? "") { return list }
                if request.lines.contains("request = \"DELETE\"") {
                    return try Fixture.data("curl-7.88.1-delete-202.txt")
                }
                guard let body = manifests[path ?? ""] else {
                    let method = request.isHead ? "head" : "get"
                    return try Fixture.data("curl-7.88.1-\(method)-404.txt")
                }
                return try found(body, isHead: request.isHead)
            })
    }

    /// The recorded answer with a list of tags, with the names of what this registry has.
    private func list(_ path: String) throws -> Data? {
        let tags = manifests.keys.map { $0.split(separator: "/manifests/").map(String.init) }
            .filter { $0.count == 2 && !$0[1].hasPrefix("sha256:") }
        let body: [String: [String]]
        if path.hasPrefix("_catalog") {
            body = ["repositories": Set(tags.map { $0[0] }).sorted()]
        } else if path.hasSuffix("/tags/list") {
            let repository = String(path.dropLast("/tags/list".count))
            body = ["tags": tags.filter { $0[0] == repository }.map { $0[1] }]
        } else {
            return nil
        }
        let recorded = try Fixture.data("curl-7.88.1-get-tags.txt")
        let end = try #require(recorded.range(of: Data("\r\n\r\n".utf8))).upperBound
        let mark = try #require(recorded.range(of: Data("\nMARK ".utf8))).lowerBound
        return recorded[..<end] + (try JSONEncoder().encode(body)) + recorded[mark...]
    }

    /// The recorded answer for manifest 1, with this body and its digest.
    private func found(_ body: Data, isHead: Bool) throws -> Data {
        let recorded = try Fixture.text("curl-7.88.1-head-200.txt")
            .replacing(
                "sha256:094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80",
                with: "sha256:\(SHA256.hex(body))")
        guard !isHead else { return Data(recorded.utf8) }
        var data = Data(recorded.utf8)
        let end = try #require(data.range(of: Data("\nMARK ".utf8)))
        data.insert(contentsOf: body, at: end.lowerBound)
        return data
    }
}
