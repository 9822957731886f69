/// What other programs print becomes a part of arguments: names are checked where they are read.
extension KeyedDecodingContainer {
    /// A text that becomes a part of other programs' arguments, and therefore has to be what it
    /// should be.
    package func checked(_ key: Key, _ problem: (String) -> String?) throws -> String {
        let text = try decode(String.self, forKey: key)
        guard let reason = problem(text) else { return text }
        throw DecodingError.dataCorruptedError(
            forKey: key, in: self,
            debugDescription: "\(key.stringValue) \(ShownText.quoted(text)) is not valid: \(reason)"
        )
    }

    /// The same where the text may be missing.
    package func checkedIfPresent(_ key: Key, _ problem: (String) -> String?) throws -> String? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try checked(key, problem)
    }
}

extension NameGrammar {
    /// What an object of any kind may be called that is read from an API.
    ///
    /// Letters of both cases and `:` as in RBAC, and a dot at the end as in `v1.`; never what a
    /// program could take for an option, or a path for a folder.
    package static func anyObject(_ text: String) -> String? {
        guard let first = text.utf8.first, isAlphanumeric(first) else {
            return "it must begin with a letter or digit"
        }
        return characters(text, allowed: "letters, digits, \"-\", \"_\", \".\" and \":\"") {
            isAlphanumeric($0) || "-_.:".utf8.contains($0)
        } ?? length(text, atMost: 253)
    }

    /// What the API server requires of a name of any kind, a Role's for example: that it can be a
    /// part of a path (`ValidatePathSegmentName`).
    package static func pathSegment(_ text: String) -> String? {
        guard !text.isEmpty, ![".", ".."].contains(text), !text.hasPrefix("-") else {
            return "it is no name"
        }
        let isShown = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isShown, !text.contains("/"), !text.contains("%") else {
            return "\"/\", \"%\" and control characters are not allowed"
        }
        return length(text, atMost: 253)
    }

    /// A kind: letters and digits.
    package static func kind(_ text: String) -> String? {
        text.isEmpty
            ? "it is empty"
            : characters(text, allowed: "letters and digits", isAlphanumeric)
                ?? length(text, atMost: 63)
    }

    /// An API version: `v1`, `apps/v1`.
    package static func apiVersion(_ text: String) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return "it must be GROUP/VERSION" }
        return parts.lazy.compactMap { subdomain($0) }.first
    }
}
