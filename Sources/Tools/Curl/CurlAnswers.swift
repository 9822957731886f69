import SystemLibraries
import Vocabulary

/// What curl prints, taken apart: for each request headers, an empty line, body, mark line.
struct CurlAnswers: Sendable {
    /// The answers by the number of their request, which its mark line holds: one that is missing
    /// must not give its place to the next.
    private(set) var byRequest: [Int: HTTPResponse] = [:]

    /// - Parameter mark: what begins the mark lines; the number of the request follows it.
    init(_ output: Data, mark: String) {
        let needle = Array(("\n" + mark + ".").utf8)
        var rest = output[...]
        while let found = rest.firstRange(ofBytes: needle) {
            let message = rest[..<found.lowerBound]
            let lineEnd = rest[found.upperBound...].firstIndex(of: 10) ?? rest.endIndex
            let line = String(decoding: rest[found.upperBound..<lineEnd], as: UTF8.self)
            rest = rest[lineEnd...].dropFirst()
            let words = line.split(
                separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard let number = words.first.flatMap({ Int($0) }) else { continue }
            byRequest[number] = CurlAnswers.response(
                message, summary: words.count > 1 ? words[1] : "")
        }
    }

    private static func response(_ message: Data, summary: Substring) -> HTTPResponse {
        let words = summary.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        func number(_ index: Int) -> Int? {
            words.indices.contains(index) ? BoundedInteger(words[index])?.value : nil
        }
        let exitCode = number(0) ?? -1
        let headerSize = max(0, number(2) ?? 0)
        // A body may begin like a header: only curl knows where the headers end.
        var block = message.prefix(headerSize)
        let body = message.dropFirst(headerSize)
        var headers: [String: String] = [:]
        // Redirects and "100 Continue" put several header blocks before the body.
        while let end = block.firstRange(ofBytes: Array("\r\n\r\n".utf8)) {
            headers = self.headers(block[..<end.lowerBound])
            block = block[end.upperBound...]
        }
        return HTTPResponse(
            status: number(1) ?? 0, headers: headers, body: Data(body),
            failure: failure(exitCode, words.count > 3 ? words[3] : "", body),
            isUnreachable: CurlAnswers.unreachable.contains(exitCode))
    }

    private static func failure(_ exitCode: Int, _ reason: Substring, _ body: Data) -> String? {
        guard exitCode == 0 else {
            return reason.isEmpty ? "curl error \(exitCode)" : ShownText.line(String(reason))
        }
        // Before 8.4 curl keeps to the limit only where the server says the size beforehand.
        return body.count > Curl.bodyLimit
            ? "the answer is larger than \(byteCount(BoundedInteger(Curl.bodyLimit)))" : nil
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

extension Data {
    /// Where these bytes stand first; the library's own search takes seconds for 40 MB.
    func firstRange(ofBytes needle: [UInt8]) -> Range<Index>? {
        guard let first = needle.first else { return nil }
        let offset = withUnsafeBytes { bytes -> Int? in
            var start = bytes.startIndex
            while let place = bytes[start...].firstIndex(of: first),
                bytes.count - place >= needle.count
            {
                if bytes[place...].starts(with: needle) { return place }
                start = place + 1
            }
            return nil
        }
        guard let offset else { return nil }
        let lower = index(startIndex, offsetBy: offset)
        return lower..<index(lower, offsetBy: needle.count)
    }
}
