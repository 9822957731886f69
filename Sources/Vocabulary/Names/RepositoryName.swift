/// The name of a repository in a registry, without the registry's host: `team/agg-order`.
///
/// The grammar of the OCI distribution specification; at most 255 characters.
public struct RepositoryName: ValidatedText {
    /// Characters that registries accept.
    static let longest = 255

    /// The name.
    public let description: String

    /// Checks the name.
    public init(_ text: String) throws(DevClusterError) {
        if let reason = NameGrammar.repositoryPath(text) ?? NameGrammar.length(text, atMost: 255) {
            throw .invalid("repository name", text, reason)
        }
        description = text
    }
}

/// A tag in a repository: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
public struct TagName: ValidatedText {
    /// The tag that is meant when a reference has neither tag nor digest.
    package static let latest = TagName(unchecked: "latest")

    /// The tag.
    public let description: String

    private init(unchecked text: String) {
        description = text
    }

    /// Checks the tag.
    public init(_ text: String) throws(DevClusterError) {
        var reason = NameGrammar.characters(
            text, allowed: "letters, digits, \"_\", \".\" and \"-\""
        ) {
            NameGrammar.isAlphanumeric($0) || "_.-".utf8.contains($0)
        }
        if let first = text.utf8.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "-") {
            reason = reason ?? "it must begin with a letter, digit or \"_\""
        }
        reason = reason ?? NameGrammar.length(text, atMost: 128) ?? (text.isEmpty ? "" : nil)
        if let reason { throw .invalid("tag", text, reason) }
        description = text
    }
}

extension NameGrammar {
    /// Path components joined by `/`: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*` each.
    static func repositoryPath(_ text: some StringProtocol) -> String? {
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard let first = part.utf8.first, let last = part.last?.utf8.last else {
                return "a part between slashes is empty"
            }
            let wrong = characters(part, allowed: "a-z, 0-9, \".\", \"_\" and \"-\"") {
                isLowerOrDigit($0) || "._-".utf8.contains($0)
            }
            if let wrong {
                let hasUpperCase = part.utf8.contains {
                    isAlphanumeric($0) && !isLowerOrDigit($0)
                }
                return hasUpperCase ? "it must be lower case" : wrong
            }
            guard isLowerOrDigit(first), isLowerOrDigit(last) else {
                return "each part must begin and end with a letter or digit"
            }
            if let separator = badSeparator(in: part) {
                return "\"\(separator)\" cannot separate words"
            }
        }
        return nil
    }

    /// The first run of separators that is none of `.`, `_`, `__` and dashes.
    private static func badSeparator(in part: some StringProtocol) -> Substring? {
        Substring(part).split { $0.isLetter || $0.isNumber }
            .first { ![".", "_", "__"].contains($0) && $0.contains { $0 != "-" } }
    }
}
