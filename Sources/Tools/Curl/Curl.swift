import ChildProcess
import SystemLibraries
import Vocabulary

/// The `curl` program, which speaks HTTP for us: many requests in one child.
package struct Curl: Sendable {
    let runner: any Runner
    /// Seconds for each request, connecting included.
    let secondsPerRequest: Int
    /// Where certificates for registries are; nil uses only the system's.
    let certificates: CertificateStore?
    /// Bytes accepted for a body; manifests are kilobytes, registries cap them at 4 MiB.
    static let bodyLimit = 8 << 20

    /// curl driven through this runner.
    package init(runner: any Runner, secondsPerRequest: Int = 5) {
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
    /// - Returns: one response a request, in order; a request without an answer has `failure`, as
    ///   has one with control characters, which is not sent.
    /// - Throws: `InvocationError` when curl itself cannot run, or is interrupted.
    package func send(
        _ requests: [HTTPRequest], effect: Invocation.Effect = .reads,
        deadline: Duration? = nil
    ) async throws -> [HTTPResponse] {
        let plain = requests.filter(\.isPlain)
        var responses: [HTTPResponse] = []
        while responses.count < plain.count {
            let rest = Array(plain[responses.count...])
            responses += try await run(rest, effect, deadline)
            // curl stops at the first failure; only one of the whole server speaks for the rest.
            if let last = responses.last, last.isUnreachable {
                responses += plain[responses.count...].map { _ in last }
            }
        }
        var answers = responses.makeIterator()
        return requests.map { request in
            (request.isPlain ? answers.next() : nil) ?? .none(Curl.notPlain)
        }
    }

    private static let notPlain = "it was not asked: the request has a control character in it"

    /// Runs one curl: the responses to the first of the requests, fewer than all when one failed.
    private func run(
        _ requests: [HTTPRequest], _ effect: Invocation.Effect, _ deadline: Duration?
    ) async throws -> [HTTPResponse] {
        // Not guessable, so that no body can contain it.
        let mark = "--devcluster-\(UInt64.random(in: 0...UInt64.max))"
        let settings = try requests.enumerated()
            .map { try section($1, mark: "\(mark).\($0)") }
            .joined(separator: "next\n")
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
            let limit = error.invocation.deadline ?? Invocation.defaultDeadline
            let failure = "no answer to \(requests.count) requests in \(HumanDuration(limit))"
            return requests.map { _ in .none(failure, isUnreachable: true) }
        } catch let error as InvocationError where error.reason == .outputLimitExceeded {
            // Before 8.4 curl does not bound what comes without a size.
            let subject =
                requests.count == 1 ? "the answer is" : "\(requests.count) answers together are"
            let failure =
                "\(subject) larger than \(byteCount(BoundedInteger(error.invocation.outputLimit)))"
            return requests.map { _ in .none(failure, isUnreachable: true) }
        }
        if outcome.isSkipped {
            return requests.map { _ in HTTPResponse(status: 202, headers: [:], body: Data()) }
        }
        let answers = CurlAnswers(outcome.output, mark: mark).byRequest
        guard let last = answers.keys.max(), requests.indices.contains(last),
            answers.keys.allSatisfy({ $0 >= 0 })
        else {
            throw DevClusterError(
                .failed,
                "curl answered \(answers.count) of \(requests.count) requests",
                hint: outcome.lastWords)
        }
        return (0...last).map { answers[$0] ?? .none("curl did not say what was answered") }
    }

    private func section(_ request: HTTPRequest, mark: String) throws -> String {
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
            let known = try request.certificates ?? certificates?.certificates(for: host)
            lines += known?.settings ?? []
        }
        lines += request.headers.map { "header = \(Curl.quoted($0))" }
        for header in request.headers where header.lowercased().hasPrefix("authorization:") {
            // The value is never shown, whoever repeats it; of `Basic …` see RegistryCredentials.
            header.split(separator: " ").dropFirst().forEach { KnownSecrets.add(String($0)) }
        }
        KnownSecrets.addPasswords(ofURLsIn: [request.url])
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
}
