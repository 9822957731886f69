import ChildProcess
import Foundation

@testable import Registries
@testable import Tools
@testable import Vocabulary

extension FuzzTarget {
    /// What curl prints.
    static let curl = reading(
        "curl", Samples.files("curl-"),
        words: ["\n--mark.0 0 200 9 \n", "\n--mark.", "\r\n\r\n", "HTTP/1.1 200 OK\r\n"]
    ) { data, _ in
        let output = data.text.replacing("\nMARK ", with: "\n--mark.0 ")
        for (_, response) in CurlAnswers(Data(output.utf8), mark: "--mark").byRequest {
            _ = (RegistryClient.reason(response), response.isSuccess)
        }
    }

    /// A registry that answers anything to each request.
    static let registry = reading(
        "registry",
        Samples.files("registry-2.8.2-manifest")
            + Samples.texts([
                #"{"repositories":["a","team/b"]}"#, #"{"tags":["1","dev-x"]}"#,
                #"{"created":"2026-01-02T03:04:05Z","config":{"Labels":{"a":"b"}}}"#,
                #"{"token":"t","expires_in":300}"#,
            ]),
        words: ["\"size\":", "\"manifests\":[", "\"repositories\":", "\"tags\":", "sha256:"]
    ) { data, random in
        let liar = LyingRegistry(body: data, numbers: random)
        var client = RegistryClient(baseURL: "http://127.0.0.1:1", curl: Curl(runner: liar))
        client.listLimits = .init(pages: 5, entries: 200)
        let names = try await client.repositories()
        let contents = try await client.contents(of: Array(names.prefix(3)))
        for repository in contents.repositories {
            let digests = repository.tags.values
            _ = contents.bytes(of: digests)
            _ = digests.map { contents.configuration(of: $0) }
        }
        let remote = RemoteRegistry(
            host: "r.example", curl: Curl(runner: liar), credentials: nil)
        _ = try await remote.client(for: Set(names.prefix(3)))
    }
}

/// curl, speaking to a registry that answers each request with one text, and wrong headers.
private struct LyingRegistry: Runner {
    let body: Data
    let numbers: FuzzRandom

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard case .secret(let input) = invocation.input else {
            return Outcome(invocation: invocation)
        }
        var random = numbers
        let marks = input.text.split(separator: "write-out = \"\\n").dropFirst()
            .map { $0.prefix { $0 != " " } }
        var output = Data()
        for mark in marks {
            let head = headers(&random)
            let size = random.isOne(in: 20) ? random.below(1 << 40) - 100 : head.utf8.count
            // 500 is asked for again after a while, which costs time and shows nothing.
            let status = random.pick([200, 200, 200, 200, 201, 404, 401, 302, 0]) ?? 200
            output += Data(head.utf8) + body
            output += Data("\n\(mark) \(random.isOne(in: 30) ? 7 : 0) \(status) \(size) \n".utf8)
        }
        return Outcome(invocation: invocation, output: output)
    }

    private func headers(_ random: inout FuzzRandom) -> String {
        let link = random.isOne(in: 3) ? "Link: </v2/x?n=\(random.below(3))>; rel=\"next\"\r\n" : ""
        let digest = "sha256:" + String(repeating: "\(random.below(5))", count: 64)
        let challenge = "Bearer realm=\"https://t.example/\",service=\"s\""
        return "HTTP/1.1 200 OK\r\n\(link)Docker-Content-Digest: \(digest)\r\n"
            + "WWW-Authenticate: \(challenge)\r\n\r\n"
    }
}
