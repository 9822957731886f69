/// A kind of objects, with its group or without: `Site`, `Site.example.com`.
public struct ObjectKind: ValidatedText {
    /// As it was written.
    public let description: String

    /// Checks the text.
    ///
    /// - Throws: `DevClusterError` with code `usage` that says what is wrong with it.
    public init(_ text: String) throws(DevClusterError) {
        let parts = text.parted(atFirst: UInt8(ascii: "."))
        let reason =
            NameGrammar.kind(String(parts?.before ?? text[...]))
            ?? parts.flatMap { NameGrammar.apiVersion("\($0.after)/v1") }
        if let reason { throw DevClusterError.invalid("kind", text, reason) }
        description = text
    }
}
