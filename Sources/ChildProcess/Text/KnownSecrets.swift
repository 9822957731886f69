import Synchronization
public import SystemLibraries

/// The passwords and tokens that this process came to know, to be blanked in all that is shown.
public enum KnownSecrets {
    private static let patterns = Mutex(SecretPatterns())
    /// Shorter ones stand in other text by chance.
    private static let shortest = 7

    /// Remembers a password or token; what shorter than seven bytes stays unknown.
    public static func add(_ value: String) {
        guard value.utf8.count >= shortest else { return }
        patterns.withLock { $0.insertAllForms(of: value) }
    }

    /// Remembers the passwords of URLs that have one, as proxies' do: `http://user:password@host`.
    public static func addPasswords(ofURLsIn values: some Sequence<String>) {
        for value in values {
            guard let start = value.firstRange(of: "://")?.upperBound else { continue }
            let authority = value[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            guard let at = authority.lastIndex(of: "@"),
                let colon = authority[..<at].firstIndex(of: ":")
            else { continue }
            let password = String(authority[..<at][colon...].dropFirst())
            add(password)
            add(percentDecoded(password))
        }
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.first {
            let digits = String(Substring(rest.dropFirst().prefix(2)))
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2,
                let decoded = UInt8(digits, radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text with `<redacted>` in place of everything known, however it is encoded.
    public static func blanked(_ text: String) -> String {
        let known = patterns.withLock { $0 }
        guard !known.isEmpty else { return text }
        return String(decoding: known.blanked(Data(text.utf8)), as: UTF8.self)
    }

    /// The bytes, in the same way.
    public static func blanked(_ bytes: Data) -> Data {
        patterns.withLock { $0 }.blanked(bytes)
    }
}
