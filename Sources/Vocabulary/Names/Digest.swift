/// The digest of a manifest, index, config or layer: `sha256:` and 64 lower-case hex digits.
///
/// Other algorithms are rejected: no registry or engine we drive makes them.
public struct Digest: ValidatedText {
    /// The digest with its algorithm.
    public let description: String

    /// Checks the digest.
    public init(_ text: String) throws(DevClusterError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "sha256" else {
            throw .invalid("digest", text, "it must begin with \"sha256:\"")
        }
        guard parts[1].utf8.count == 64, parts[1].utf8.allSatisfy(NameGrammar.isHexDigit) else {
            throw .invalid("digest", text, "64 lower-case hexadecimal digits must follow")
        }
        description = text
    }

    /// The 64 digits without the algorithm.
    package var hex: String { String(description.dropFirst("sha256:".count)) }

    /// The first twelve digits, as engines show IDs.
    public var short: String { String(hex.prefix(12)) }
}
