/// The rules that several kinds of names share. Each check returns what is wrong, or nil.
package enum NameGrammar {
    package static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte)
    }

    package static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || isLowerOrDigit(byte)
    }

    package static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte) || isDigit(byte)
    }

    /// Length in bytes, which for every valid name is the length in characters.
    static func length(_ text: some StringProtocol, atMost limit: Int) -> String? {
        let count = text.utf8.count
        return count > limit ? "\(count) characters, \(limit) are allowed" : nil
    }

    /// RFC 1123 label: lower-case letters, digits and `-`, not at an end.
    package static func label(_ text: some StringProtocol, atMost limit: Int = 63) -> String? {
        characters(text, allowed: "a-z, 0-9 and \"-\"") {
            isLowerOrDigit($0) || $0 == UInt8(ascii: "-")
        } ?? ends(text) ?? length(text, atMost: limit)
    }

    /// RFC 1123 subdomain: labels joined by dots.
    static func subdomain(_ text: some StringProtocol, atMost limit: Int = 253) -> String? {
        let wrong = characters(text, allowed: "a-z, 0-9, \"-\" and \".\"") {
            isLowerOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        if let wrong = wrong ?? length(text, atMost: limit) { return wrong }
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            if part.isEmpty { return "it must not begin or end with \".\" or contain \"..\"" }
            if let wrong = ends(part) { return wrong }
        }
        return nil
    }

    /// The first character that is not allowed.
    static func characters(
        _ text: some StringProtocol, allowed: String, _ isAllowed: (UInt8) -> Bool
    ) -> String? {
        for character in text
        where !(character.utf8.count == 1 && character.utf8.allSatisfy(isAllowed)) {
            return "\(ShownText.quoted(String(character))) is not allowed, only \(allowed)"
        }
        return nil
    }

    private static func ends(_ text: some StringProtocol) -> String? {
        guard let first = text.utf8.first, let last = text.last?.utf8.last,
            isLowerOrDigit(first), isLowerOrDigit(last)
        else { return "it must begin and end with a letter or digit" }
        return nil
    }
}
