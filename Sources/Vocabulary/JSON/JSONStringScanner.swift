/// Reads one JSON string; `position` begins behind the opening quote, ends behind the closing.
struct JSONStringScanner {
    struct Failure: Error {
        var reason: String
    }

    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int

    mutating func scan() throws(Failure) -> String {
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return try text(
                    UnsafeBufferPointer(rebasing: bytes[start..<position]), isASCII: isASCII)
            }
            if byte == UInt8(ascii: "\\") { return try scanWithEscapes(from: start) }
            guard byte >= 0x20 else { throw Failure(reason: "a control character in a text") }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        throw Failure(reason: "a text without closing quote")
    }

    private mutating func scanWithEscapes(from start: Int) throws(Failure) -> String {
        var collected = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try text(collected, isASCII: false)
            case UInt8(ascii: "\\"):
                try escape(into: &collected)
            default:
                guard byte >= 0x20 else { throw Failure(reason: "a control character in a text") }
                collected.append(byte)
            }
        }
        throw Failure(reason: "a text without closing quote")
    }

    private mutating func escape(into collected: inout [UInt8]) throws(Failure) {
        guard position < bytes.count else { throw Failure(reason: "a text without closing quote") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(byte)
        case UInt8(ascii: "n"): collected.append(0x0A)
        case UInt8(ascii: "t"): collected.append(0x09)
        case UInt8(ascii: "r"): collected.append(0x0D)
        case UInt8(ascii: "b"): collected.append(0x08)
        case UInt8(ascii: "f"): collected.append(0x0C)
        case UInt8(ascii: "u"):
            collected.append(contentsOf: Array(UTF8.encode(try scalar()) ?? .init()))
        default: throw Failure(reason: "an unknown escape in a text")
        }
    }

    /// The character of `\uXXXX`, or of two of them that make a pair; the first `\u` is read.
    private mutating func scalar() throws(Failure) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let broken = Failure(reason: "half of a surrogate pair in a text")
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw broken }
        position += 2
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(
                0x10000 + ((UInt32(first) - 0xD800) << 10) + (UInt32(second) - 0xDC00))
        else { throw broken }
        return scalar
    }

    private mutating func fourHexDigits() throws(Failure) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count,
                let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw Failure(reason: "four hexadecimal digits are missing after \\u") }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    private func text(
        _ slice: some RandomAccessCollection<UInt8>, isASCII: Bool
    ) throws(Failure) -> String {
        if isASCII { return String(decoding: slice, as: UTF8.self) }
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw Failure(reason: "bytes that are not UTF-8 in a text")
        }
        return text
    }
}
