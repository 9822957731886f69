import SystemLibraries

extension Invocation.Input {
    /// Blanks out what a tool repeats of a secret input, and every credential that is known.
    ///
    /// Looked for are the whole input, each of its lines, what stands in it between double quotes
    /// (curl's `header = "Authorization: …"` comes back line by line under `-v`), and the words of
    /// that, where they have eight bytes or more: a token is also found without its header's name.
    func redacting(_ printed: Data) -> Data {
        guard !printed.isEmpty else { return printed }
        let known = KnownSecrets.blanked(printed)
        switch self {
        case .none, .bytes: return known
        case .secret(let secret): return Invocation.Input.patterns(of: secret).blanked(known)
        case .partlySecret(_, _, let secrets, let citations):
            var patterns = SecretPatterns()
            for secret in secrets { patterns.insert(Invocation.Input.trimmed(secret)) }
            return citations.reduce(patterns.blanked(known)) { $1.blanked($0) }
        }
    }

    private static func patterns(of secret: Data) -> SecretPatterns {
        var patterns = SecretPatterns()
        let quote = UInt8(ascii: "\"")
        patterns.insert(trimmed(secret))
        for line in secret.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            patterns.insert(trimmed(line))
            let parts = line.split(separator: quote, omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() where !index.isMultiple(of: 2) {
                patterns.insert(trimmed(part))
                for word in part.split(separator: 32) where word.count >= 8 {
                    patterns.insert(word)
                }
            }
        }
        return patterns
    }

    private static func trimmed(_ bytes: Data) -> Data {
        let isBlank = { (byte: UInt8) in byte <= 32 }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return Data() }
        return Data(bytes[first...last])
    }
}

extension Invocation.Citation {
    /// The text without what is cited: a value that is cut off is not known any more.
    func blanked(_ text: Data) -> Data {
        let (start, end) = (Data(start.utf8), Data(end.utf8))
        guard !start.isEmpty, !end.isEmpty else { return text }
        var result = Data()
        var rest = text[...]
        while let begin = rest.firstRange(of: start) {
            result += rest[..<begin.upperBound] + Data(SecretPatterns.mark)
            rest = rest[begin.upperBound...]
            // What was cut off before its end is cited to the end of what is there.
            guard let stop = rest.firstRange(of: end) else { return result }
            result += rest[stop]
            rest = rest[stop.upperBound...]
        }
        return result + rest
    }
}
