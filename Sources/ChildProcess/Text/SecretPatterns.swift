import SystemLibraries

/// Values to blank out of text, wherever they stand in it, in time linear in the text's length.
struct SecretPatterns: Sendable {
    static let mark: [UInt8] = Array("<redacted>".utf8)
    /// Bytes by which a value is found.
    private static let keyLength = 4
    /// Bytes that must agree; of what agrees further everything is blanked, so that a value that was
    /// cut off goes too.
    private static let decisiveLength = 32

    private var byKey: [UInt32: [[UInt8]]] = [:]
    private var known: Set<[UInt8]> = []

    var isEmpty: Bool { byKey.isEmpty }

    /// Adds a value; one of fewer than four bytes is left out, since it stands everywhere.
    mutating func insert(_ value: some Sequence<UInt8>) {
        let bytes = Array(value)
        guard bytes.count >= SecretPatterns.keyLength, known.insert(bytes).inserted else { return }
        // The longest first: it may begin with a shorter one.
        var same = byKey[SecretPatterns.key(bytes, 0), default: []]
        same.insert(bytes, at: same.firstIndex { $0.count < bytes.count } ?? same.count)
        byKey[SecretPatterns.key(bytes, 0)] = same
    }

    /// Adds a value as it is, and as tools repeat it: in a URL, in JSON, in a shell's quotes, and
    /// in base64, also as a part of something longer.
    mutating func insertAllForms(of value: String) {
        let bytes = Array(value.utf8)
        insert(bytes)
        for isUpper in [true, false] {
            insert(SecretPatterns.percentEncoded(bytes, isUpper: isUpper).utf8)
        }
        insert(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").utf8)
        insert(value.replacing("'", with: "'\\''").utf8)
        for offset in 0..<3 {
            let text = SecretPatterns.base64(bytes, offset: offset)
            insert(text.utf8)
            insert(text.replacing("+", with: "-").replacing("/", with: "_").utf8)
        }
    }

    /// The bytes with `<redacted>` in place of every value.
    func blanked(_ text: Data) -> Data {
        guard !isEmpty, text.count >= SecretPatterns.keyLength else { return text }
        let bytes = [UInt8](text)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let length = match(bytes, index) {
                result += SecretPatterns.mark
                index += length
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return Data(result)
    }

    /// How many bytes of a value stand there; nil when none does.
    private func match(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard start + SecretPatterns.keyLength <= bytes.count,
            let candidates = byKey[SecretPatterns.key(bytes, start)]
        else { return nil }
        for value in candidates {
            let needed = min(value.count, SecretPatterns.decisiveLength)
            var length = SecretPatterns.keyLength
            while length < value.count, start + length < bytes.count,
                bytes[start + length] == value[length]
            {
                length += 1
            }
            if length >= needed { return length }
        }
        return nil
    }

    private static func key(_ bytes: [UInt8], _ start: Int) -> UInt32 {
        bytes[start..<start + keyLength].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func percentEncoded(_ bytes: [UInt8], isUpper: Bool) -> String {
        bytes.map { byte in
            let scalar = UnicodeScalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || (48...57) ~= byte)
            if isPlain || "-._~".utf8.contains(byte) { return String(scalar) }
            let hex = String(byte, radix: 16, uppercase: isUpper)
            return "%" + (hex.count < 2 ? "0" : "") + hex
        }.joined()
    }

    /// The characters of base64 that only these bytes decide, where they stand after others.
    private static func base64(_ bytes: [UInt8], offset: Int) -> String {
        let whole = Data(repeating: 0, count: offset) + Data(bytes)
        let first = [0, 2, 3][offset]
        let count = whole.count * 8 / 6
        guard count > first else { return "" }
        let text = Array(whole.base64EncodedString().utf8)[first..<count]
        // Fewer stand in other text by chance.
        return text.count < 8 ? "" : String(decoding: text, as: UTF8.self)
    }
}
