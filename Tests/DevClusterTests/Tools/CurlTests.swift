import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct CurlTests {
    private let runner = ScriptedRunner()
    private var curl: Curl { Curl(runner: runner) }
    private let mark = "--devcluster-1234567890"

    /// What curl prints for an answer of status 200.
    private func output(_ head: String, _ body: Data) -> Data {
        Data(head.utf8) + body + Data("\n\(mark).0 0 200 \(head.utf8.count) \n".utf8)
    }

    /// The answers that curl's output holds, in the order of their requests.
    private func responses(in output: Data) -> [HTTPResponse] {
        CurlAnswers(output, mark: mark).byRequest.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The lines curl is told for one request.
    private func settings(_ request: HTTPRequest) async throws -> [String] {
        runner.expectCurl("get-404")
        _ = try await curl.send([request])
        return runner.calls[0].inputText.split(separator: "\n").map(String.init)
    }

    @Test func `what a request holds is no argument that others can see`() async throws {
        runner.expectCurl("get-404")
        _ = try await curl.send([
            HTTPRequest(
                .get, "http://127.0.0.1:5051/v2/", headers: ["Authorization: Basic c2VjcmV0"])
        ])
        #expect(runner.calls[0].arguments == ["--disable", "--fail-early", "--config", "-"])
        #expect(!runner.commands[0].contains("c2VjcmV0"))
        #expect(runner.calls[0].inputText.contains("c2VjcmV0"))
    }

    @Test func `a hostile URL or header stays one value`() async throws {
        let lines = try await settings(
            HTTPRequest(
                .get, "http://x/\" upload-file = \"/etc/passwd",
                headers: ["A: \\\" output = \"/tmp/x\""]))
        #expect(lines.contains(#"url = "http://x/\" upload-file = \"/etc/passwd""#))
        #expect(lines.contains(#"header = "A: \\\" output = \"/tmp/x\"""#))
        #expect(!lines.contains { $0.hasPrefix("upload-file") || $0.hasPrefix("output") })
    }

    @Test(arguments: [
        "Bearer a\r\nX-Other: b", "Bearer a\nb", "Bearer a\0", "Bearer \u{1B}[31m", "Bearer \u{7F}",
    ]) func `a request with a control character is not sent, and moves no other's answer`(
        value: String
    ) async throws {
        let url = "http://127.0.0.1:5051/v2/"
        runner.expectCurl("get-200", "get-404")
        let responses = try await curl.send([
            HTTPRequest(.get, url + "1"),
            HTTPRequest(.get, url + "2", headers: ["Authorization: \(value)"]),
            HTTPRequest(.get, url + "3"),
        ])
        #expect(responses.map(\.status) == [200, 0, 404])
        #expect(responses[1].failure?.contains("control character") == true)
        #expect(try CurlScript(runner.calls[0]).requests.map(\.url) == [url + "1", url + "3"])
    }

    @Test func `a URL with a control character is not sent, nor is a body with NUL`() async throws {
        let responses = try await curl.send([
            HTTPRequest(.get, "http://127.0.0.1/\0"),
            HTTPRequest(.put, "http://127.0.0.1/", body: "{\0}"),
        ])
        #expect(responses.allSatisfy { $0.failure != nil && !$0.isUnreachable })
        #expect(runner.calls.isEmpty)
    }

    @Test func `an answer that is missing gives its place to no other`() async throws {
        runner.expect("curl") { invocation in
            let script = try CurlScript(invocation)
            let found = try Fixture.data("curl-7.88.1-get-200.txt")
            return .ok(script.marked(found, 0) + script.marked(found, 2))
        }
        let responses = try await curl.send(
            (1...3).map { HTTPRequest(.get, "http://127.0.0.1:5051/v2/\($0)") })
        #expect(responses.map(\.isSuccess) == [true, false, true])
    }

    @Test(arguments: ["7", "-1", "99999999999999999999"])
    func `an answer to what was not asked is an error`(number: String) async throws {
        runner.expect("curl") { invocation in
            .ok("\n\(try CurlScript(invocation).mark).\(number) 0 200 0 \n")
        }
        await #expect(throws: DevClusterError.self) {
            try await curl.send([HTTPRequest(.get, "http://127.0.0.1:5051/v2/")])
        }
    }

    @Test(arguments: ["-5", "-9223372036854775808", "9223372036854775807", "1e9", ""])
    func `a wrong size of the headers ends nothing`(size: String) throws {
        let output = Data("HTTP/1.1 200 OK\r\n\r\nbody\n\(mark).0 0 200 \(size) \n".utf8)
        let response = try #require(responses(in: output).first)
        #expect(response.status == 200)
        #expect(response.headers.isEmpty)
    }

    @Test func `a body larger than any manifest is a failure`() throws {
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        let output = output(head, Data(repeating: 0x20, count: Curl.bodyLimit + 1))
        #expect(responses(in: output).first?.failure == "the answer is larger than 8.4 MB")
    }

    @Test(arguments: [
        "http://localhost:5001/v2/", "http://localhost/v2/", "http://127.0.0.1:5001/v2/",
        "http://[::1]:5001/v2/",
    ]) func `no proxy is asked for this machine`(url: String) async throws {
        #expect(try await settings(HTTPRequest(.get, url)).contains("noproxy = \"*\""))
    }

    @Test(arguments: [
        "https://registry.example.com/v2/", "http://localhost.example.com/v2/",
        "http://127.example.com/v2/",
    ]) func `other hosts may need the user's proxy`(url: String) async throws {
        #expect(try await !settings(HTTPRequest(.get, url)).contains { $0.hasPrefix("noproxy") })
    }

    @Test func `only http and https are spoken, also after a redirect`() async throws {
        let lines = try await settings(HTTPRequest(.get, "http://127.0.0.1/"))
        #expect(lines.contains("proto = \"=http,https\""))
        #expect(lines.contains("max-redirs = 3"))
        #expect(lines.contains("globoff"))
    }

    @Test func `each method has its settings, and each request its own`() async throws {
        runner.expectCurl("head-200", "get-404", "get-404")
        let url = "http://127.0.0.1:5051/v2/"
        let responses = try await curl.send([
            HTTPRequest(.head, url), HTTPRequest(.get, url), HTTPRequest(.delete, url),
        ])
        let requests = try CurlScript(runner.calls[0]).requests
        #expect(requests.map(\.isHead) == [true, false, false])
        #expect(requests[2].lines.contains("request = \"DELETE\""))
        #expect(
            requests.allSatisfy { request in request.lines.contains { $0.hasPrefix("max-time") } })
        #expect(responses.map(\.status) == [200, 404, 404])
    }

    @Test func `headers are found whatever their case, the body is kept as it is`() async throws {
        runner.expectCurl("get-404")
        let response = try await curl.send([HTTPRequest(.get, "http://127.0.0.1/")])[0]
        #expect(response.headers["content-length"] == "94")
        #expect(response.headers["content-type"] == "application/json; charset=utf-8")
        #expect(response.body.count == 94)
        #expect(response.failure == nil)
    }

    @Test func `a server that is silent is not asked for the rest`() async throws {
        let url = "http://127.0.0.1:5051/v2/"
        runner.expectCurl("get-200", "get-slow")
        let requests = (1...4).map { HTTPRequest(.get, url + "\($0)") }
        let responses = try await curl.send(requests)
        #expect(responses.map(\.status) == [200, 0, 0, 0])
        #expect(Set(responses.dropFirst().map(\.failure)).count == 1)
        #expect(responses[3].failure?.hasPrefix("Operation timed out") == true)
    }

    @Test func `one bad answer says nothing of the others, which are asked for again`()
        async throws
    {
        let url = "http://127.0.0.1:5051/v2/"
        runner.expectCurl("get-200", "get-cut")
        runner.expectCurl("get-200", "get-200")
        let responses = try await curl.send((1...4).map { HTTPRequest(.get, url + "\($0)") })
        #expect(responses.map(\.isSuccess) == [true, false, true, true])
        let again = try CurlScript(runner.calls[1]).requests.map(\.url)
        #expect(again == [url + "3", url + "4"])
    }

    @Test func `when all of it takes too long, nothing was answered`() async throws {
        runner.expect("curl", throwing: .timedOut)
        let responses = try await curl.send(
            (1...2).map { HTTPRequest(.get, "http://127.0.0.1:5051/v2/\($0)") })
        #expect(
            responses.map(\.failure) == Array(repeating: "no answer to 2 requests in 30s", count: 2)
        )
    }

    @Test func `in a dry run a changing request is taken as accepted`() async throws {
        runner.expect("curl") { invocation in
            Outcome(invocation: invocation, isSkipped: true)
        }
        let responses = try await curl.send(
            [HTTPRequest(.delete, "http://127.0.0.1/")], effect: .changes)
        #expect(responses.map(\.status) == [202])
    }

    @Test func `a body that looks like the mark of another run ends nothing`() throws {
        let body = "a\n--devcluster-99 0 404 0 \nb"
        let head = "HTTP/1.1 200 OK\r\nX: --devcluster-99\r\n\r\n"
        let responses = responses(in: output(head, Data(body.utf8)))
        #expect(responses.map(\.status) == [200])
        #expect(responses.first.map { String(decoding: $0.body, as: UTF8.self) } == body)
    }

    @Test func `a header that looks like the mark ends nothing`() throws {
        let head = "HTTP/1.1 200 OK\r\nX: \(mark).0 0 404 0 \r\n\r\n"
        let responses = responses(in: output(head, Data("body".utf8)))
        #expect(responses.map(\.status) == [200])
    }

    @Test func `binary bodies survive`() throws {
        let body = Data([0, 10, 13, 10, 255, 254, 10])
        let output = output("HTTP/1.1 200 OK\r\n\r\n", body)
        #expect(responses(in: output).map(\.body) == [body])
    }

    @Test func `a body that looks like headers is a body`() throws {
        let body = Data("HTTP/1.1 200 OK\r\nDocker-Content-Digest: fake\r\n\r\n{}".utf8)
        let output = output("HTTP/1.1 200 OK\r\nX: 1\r\n\r\n", body)
        let response = try #require(responses(in: output).first)
        #expect(response.body == body)
        #expect(response.headers == ["x": "1"])
    }

    @Test func `every run has a mark of its own`() async throws {
        runner.expectCurl("get-404", times: 2)
        for _ in 0..<2 { _ = try await curl.send([HTTPRequest(.get, "http://127.0.0.1/")]) }
        #expect(try CurlScript(runner.calls[0]).mark != CurlScript(runner.calls[1]).mark)
    }

    @Test func `an exit code without words is still a failure`() {
        let output = Data("\n\(mark).0 56 000 0 \n".utf8)
        #expect(responses(in: output).map(\.failure) == ["curl error 56"])
    }
}
