/// A request that tells whether a program is well: `http /healthz`.
public struct HTTPProbe: ValidatedText {
    /// What is asked for, `/healthz`.
    public let path: String
    /// As it is written.
    public var description: String { "http \(path)" }

    /// Checks the text: `http`, a space, and a path that can stand in a request.
    public init(_ text: String) throws(DevClusterError) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == "http", words[1].first == "/",
            words[1].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw .invalid("probe", text, "it must be 'http' and a path, such as http /healthz")
        }
        path = String(words[1])
    }
}
