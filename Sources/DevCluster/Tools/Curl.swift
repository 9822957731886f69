import ChildProcess

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The certificates for one server; without them the system's authorities count, and none is shown.
struct HTTPCertificates: Sendable, Equatable {
    /// File with the authorities that may have signed the server's; nil leaves it to the system.
    var authorities: String?
    /// File with the certificate that is shown to the server.
    var certificate: String?
    /// File with its key; nil when it is in the certificate's file.
    var key: String?

    /// The lines of curl's configuration that stand for them.
    fileprivate var settings: [String] {
        [("cacert", authorities), ("cert", certificate), ("key", key)].compactMap { name, path in
            path.map { "\(name) = \(Curl.quoted($0))" }
        }
    }
}

/// One HTTP request.
public struct HTTPRequest: Sendable, Equatable {
    /// Method; `HEAD` reads no body.
    public enum Method: String, Sendable {
        /// Headers only.
        case head = "HEAD"
        /// Headers and body.
        case get = "GET"
        /// Removes what the URL names.
        case delete = "DELETE"
        /// Stores the body under the URL.
        case put = "PUT"
    }

    /// Method.
    public var method: Method
    /// Absolute http or https URL.
    public var url: String
    /// Header lines, as `Name: value`.
    public var headers: [String]
    /// What is sent; nil for nothing.
    public var body: String?
    /// For https; nil leaves them to `Curl`.
    var certificates: HTTPCertificates?

    /// A request.
    public init(_ method: Method, _ url: String, headers: [String] = [], body: String? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether it may be shown: it carries no credentials.
    var isShowable: Bool {
        !headers.contains { $0.lowercased().hasPrefix("authorization") }
    }
}

/// The answer to a request, or why there is none.
public struct HTTPResponse: Sendable, Equatable {
    /// HTTP status; 0 when there was no answer.
    public var status: Int
    /// Headers of the last response, names in lower case.
    public var headers: [String: String]
    /// Body.
    public var body: Data
    /// Why there is no (whole) answer, in curl's words; nil when there is.
    public var failure: String?
    /// Whether that holds for every request to the server: not reached, or silent.
    var isUnreachable = false

    /// Whether the status is 200 to 299 and the answer is whole.
    public var isSuccess: Bool { failure == nil && (200..<300).contains(status) }
}

/// The `curl` program, which speaks HTTP for us: many requests in one child.
public struct Curl: Sendable {
    let runner: any Runner
    /// Seconds for each request, connecting included.
    let secondsPerRequest: Int
    /// Where certificates for registries are; nil uses only the system's.
    let certificates: CertificateStore?
    /// Bytes accepted for a body; manifests are kilobytes, registries cap them at 4 MiB.
    static let bodyLimit = 8 << 20

    /// curl driven through this runner.
    public init(runner: any Runner, secondsPerRequest: Int = 5) {
        self.init(runner: runner, secondsPerRequest: secondsPerRequest, certificates: nil)
    }

    /// curl that trusts for a registry what the engine trusts.
    init(runner: any Runner, secondsPerRequest: Int = 5, certificates: CertificateStore?) {
        self.runner = runner
        self.secondsPerRequest = secondsPerRequest
        self.certificates = certificates
    }

    /// Sends the requests one after the other over as few connections as possible.
    ///
    /// Requests go in through standard input, so nothing secret is in the argument list. A server
    /// that is not reached, or does not answer in time, is not asked again for the rest: a hung
    /// registry costs the time of one request, not of a hundred.
    /// - Returns: one response a request, in order; a request without an answer has `failure`.
    /// - Throws: `InvocationError` when curl itself cannot run, or is interrupted.
    public func send(
        _ requests: [HTTPRequest], effect: Invocation.Effect = .reads,
        deadline: Duration = .seconds(30)
    ) async throws -> [HTTPResponse] {
        var responses: [HTTPResponse] = []
        while responses.count < requests.count {
            let rest = Array(requests[responses.count...])
            responses += try await run(rest, effect, deadline)
            // curl stops at the first failure; only one of the whole server speaks for the rest.
            if let last = responses.last, last.isUnreachable {
                responses += requests[responses.count...].map { _ in last }
            }
        }
        return responses
    }

    /// Runs one curl; there are fewer responses than requests when one of them failed.
    private func run(
        _ requests: [HTTPRequest], _ effect: Invocation.Effect, _ deadline: Duration
    ) async throws -> [HTTPResponse] {
        // Not guessable, so that no body can contain it.
        let mark = "--devcluster-\(UInt64.random(in: 0...UInt64.max))"
        let settings = requests.map { section($0, mark: mark) }.joined(separator: "next\n")
        let data = Data(settings.utf8)
        // What a dry run prints should be of use.
        let isShowable = effect == .changes && requests.allSatisfy(\.isShowable)
        let outcome: Outcome
        do {
            outcome = try await runner.run(
                Invocation(
                    "curl", ["--disable", "--fail-early", "--config", "-"],
                    input: isShowable ? .bytes(data) : .secret(data),
                    deadline: deadline, effect: effect))
        } catch let error as InvocationError where error.reason == .timedOut {
            let failure = "no answer to \(requests.count) requests in \(HumanDuration(deadline))"
            return requests.map { _ in
                HTTPResponse(
                    status: 0, headers: [:], body: Data(), failure: failure, isUnreachable: true)
            }
        }
        if outcome.isSkipped {
            return requests.map { _ in HTTPResponse(status: 202, headers: [:], body: Data()) }
        }
        let responses = Curl.responses(in: outcome.output, mark: mark)
        guard !responses.isEmpty, responses.count <= requests.count else {
            throw DevClusterError(
                .failed,
                "curl answered \(responses.count) of \(requests.count) requests",
                hint: outcome.errorText.trimmingSpace)
        }
        return responses
    }

    private func section(_ request: HTTPRequest, mark: String) -> String {
        var lines = ["url = \(Curl.quoted(request.url))", "silent", "globoff", "location"]
        lines += ["max-redirs = 3", "proto = \"=http,https\"", "connect-timeout = 3"]
        // A proxy's own headers are not counted in size_header.
        lines.append("suppress-connect-headers")
        lines += ["max-time = \(secondsPerRequest)", "max-filesize = \(Curl.bodyLimit)"]
        switch request.method {
        case .head: lines.append("head")
        case .get: lines.append("include")
        case .delete, .put:
            lines += ["include", "request = \"\(request.method.rawValue)\""]
        }
        if let body = request.body { lines.append("data-binary = \(Curl.quoted(body))") }
        if Curl.isLoopback(request.url) { lines.append("noproxy = \"*\"") }
        if request.url.hasPrefix("https://"), let host = Curl.host(of: request.url) {
            let known = request.certificates ?? certificates?.certificates(for: host)
            lines += known?.settings ?? []
        }
        lines += request.headers.map { "header = \(Curl.quoted($0))" }
        lines.append(
            "write-out = \"\\n\(mark) %{exitcode} %{http_code} %{size_header} %{errormsg}\\n\"")
        return lines.joined(separator: "\n") + "\n"
    }

    /// A value of curl's configuration file in double quotes.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }

    /// Whether a URL's host is this machine, which no proxy can reach.
    static func isLoopback(_ url: String) -> Bool {
        host(of: url).flatMap { try? RegistryHost($0) }?.isLoopback ?? false
    }

    /// Host and port of a URL.
    private static func host(of url: String) -> String? {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        return String(url[start...].prefix { $0 != "/" })
    }

    /// Takes curl's output apart: for each request headers, an empty line, body, mark line.
    static func responses(in output: Data, mark: String) -> [HTTPResponse] {
        let needle = Data(("\n" + mark + " ").utf8)
        var responses: [HTTPResponse] = []
        var rest = output[...]
        while let found = rest.firstRange(of: needle) {
            let message = rest[..<found.lowerBound]
            let lineEnd = rest[found.upperBound...].firstIndex(of: 10) ?? rest.endIndex
            let line = String(decoding: rest[found.upperBound..<lineEnd], as: UTF8.self)
            responses.append(response(message, summary: line))
            rest = rest[lineEnd...].dropFirst()
        }
        return responses
    }

    private static func response(_ message: Data, summary: String) -> HTTPResponse {
        let words = summary.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        let exitCode = words.first.flatMap { Int($0) } ?? -1
        let status = words.dropFirst().first.flatMap { Int($0) } ?? 0
        let headerSize = words.dropFirst(2).first.flatMap { Int($0) } ?? 0
        let reason = words.count > 3 ? String(words[3]) : ""
        // A body may begin like a header: only curl knows where the headers end.
        var block = message.prefix(headerSize)
        let body = message.dropFirst(headerSize)
        var headers: [String: String] = [:]
        // Redirects and "100 Continue" put several header blocks before the body.
        while let end = block.firstRange(of: Data("\r\n\r\n".utf8)) {
            headers = self.headers(block[..<end.lowerBound])
            block = block[end.upperBound...]
        }
        let failure = exitCode == 0 ? nil : (reason.isEmpty ? "curl error \(exitCode)" : reason)
        return HTTPResponse(
            status: status, headers: headers, body: Data(body), failure: failure,
            isUnreachable: Curl.unreachable.contains(exitCode))
    }

    /// curl's exit codes for a host that is not resolved (5, 6), refuses (7), is silent (28),
    /// closes at once (52, 56), or has no TLS that can be trusted (35, 60).
    private static let unreachable: Set<Int> = [5, 6, 7, 28, 35, 52, 56, 60]

    private static func headers(_ block: Data) -> [String: String] {
        var headers: [String: String] = [:]
        for line in String(decoding: block, as: UTF8.self).split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingSpace
        }
        return headers
    }
}
