#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Invocation {
    /// The same run with an empty secret in place of a secret input.
    public var redacted: Invocation {
        guard case .secret = input else { return self }
        var copy = self
        copy.input = .secret(Data())
        return copy
    }
}

extension Invocation.Input {
    private static let mark = Data("<redacted>".utf8)

    /// Blanks out every verbatim repetition of a secret input in what a tool printed.
    ///
    /// Looked for are the whole input, each of its lines, and what stands in it between double
    /// quotes (curl's `header = "Authorization: …"` comes back line by line under `-v`), where
    /// they have four bytes or more. A tool that prints a secret in another encoding is not
    /// caught.
    func redacting(_ printed: Data) -> Data {
        guard case .secret(let secret) = self, !printed.isEmpty else { return printed }
        let newline = UInt8(ascii: "\n")
        let quote = UInt8(ascii: "\"")
        var parts: Set<Data> = []
        for line in secret.split(whereSeparator: { $0 == newline || $0 == 13 }) {
            parts.insert(trimmed(line))
            let quoted = line.split(separator: quote, omittingEmptySubsequences: false)
            for (index, part) in quoted.enumerated() where !index.isMultiple(of: 2) {
                parts.insert(trimmed(part))
            }
        }
        parts.insert(trimmed(secret))
        return parts.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
            .reduce(printed) { $0.replacing($1, with: Invocation.Input.mark) }
    }

    private func trimmed(_ bytes: Data) -> Data {
        let isBlank = { (byte: UInt8) in byte <= 32 }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return Data() }
        return Data(bytes[first...last])
    }
}
