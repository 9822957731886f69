/// A piece of text that follows a grammar: valid by construction, encoded as the text.
public protocol ValidatedText: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// Checks the text.
    ///
    /// - Throws: `DevClusterError` with code `usage` that says what is wrong with it.
    init(_ text: String) throws(DevClusterError)
}

extension ValidatedText {
    /// Reads and checks the text.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath, debugDescription: error.message,
                    underlyingError: error))
        }
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The order of the texts.
    public static func < (left: Self, right: Self) -> Bool {
        left.description < right.description
    }
}

extension DevClusterError {
    /// The error of a text that does not follow the grammar of what it should be.
    package static func invalid(_ what: String, _ text: String, _ reason: String) -> DevClusterError
    {
        guard !text.isEmpty else { return DevClusterError(.usage, "\(what) is empty") }
        return DevClusterError(
            .usage, "\(what) \(ShownText.quoted(text)) is not valid: \(reason)")
    }
}
