/// Reads JSON text (RFC 8259) from memory; strict, and safe with hostile input.
///
/// JSONDecoder can fill an enum like `JSONValue` only by trying one type after the other, each
/// failed attempt throwing: 87 ms for 1 MB of Kubernetes JSON, against 10 ms here (release build,
/// Swift 6.3.1 on Linux). JSONSerialization is not in FoundationEssentials.
struct JSONParser {
    /// Deeper nesting is an error rather than a stack overflow.
    static let deepest = 512

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// The one value that the text consists of.
    mutating func document() throws(DevClusterError) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("more text after the end of the value") }
        return value
    }

    /// The elements of the member `items` of the one object that the text consists of.
    mutating func items(_ take: (JSONValue) throws -> Void) throws {
        var hasItems = false
        skipSpace()
        guard self.take(UInt8(ascii: "{")) else { throw failure("an object is missing here") }
        depth += 1
        repeat {
            let name = try name()
            skipSpace()
            if name == "items" {
                guard !hasItems else { throw failure("a second list of items") }
                hasItems = true
                try elements(take)
            } else {
                _ = try value()
            }
            skipSpace()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "}")) else { throw failure("a comma or } is missing") }
        skipSpace()
        guard position == bytes.count else { throw failure("more text after the end of the value") }
        guard hasItems else { throw failure("it has no list of items") }
    }

    private mutating func elements(_ take: (JSONValue) throws -> Void) throws {
        guard self.take(UInt8(ascii: "[")) else { throw failure("a list is missing here") }
        depth += 1
        skipSpace()
        if !self.take(UInt8(ascii: "]")) {
            repeat {
                try take(try value())
                skipSpace()
            } while self.take(UInt8(ascii: ","))
            guard self.take(UInt8(ascii: "]")) else { throw failure("a comma or ] is missing") }
        }
        depth -= 1
    }

    private mutating func value() throws(DevClusterError) -> JSONValue {
        skipSpace()
        guard let byte = current else { throw failure("the text ends too early") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"):
            return try nested { parser throws(DevClusterError) in
                try parser.object()
            }
        case UInt8(ascii: "["):
            return try nested { parser throws(DevClusterError) in
                try parser.array()
            }
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value is missing here")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(DevClusterError) -> JSONValue
    ) throws(DevClusterError) -> JSONValue {
        depth += 1
        guard depth <= Self.deepest else {
            throw failure("nested deeper than \(Self.deepest) levels")
        }
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(DevClusterError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            let name = try name()
            members[name] = try value()
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("a comma or } is missing") }
        return .object(members)
    }

    /// The name of a member, and the colon behind it.
    private mutating func name() throws(DevClusterError) -> String {
        skipSpace()
        guard current == UInt8(ascii: "\"") else { throw failure("a name in quotes is missing") }
        let name = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw failure("a colon is missing") }
        return name
    }

    private mutating func array() throws(DevClusterError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("a comma or ] is missing") }
        return .array(elements)
    }

    private mutating func literal(
        _ word: StaticString, _ value: JSONValue
    ) throws(DevClusterError) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            (0..<word.utf8CodeUnitCount).allSatisfy({
                bytes[position + $0] == word.utf8Start[$0]
            })
        else { throw failure("a value is missing here") }
        position = end
        return value
    }

    private mutating func number() throws(DevClusterError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let leading = current
        guard digits() > 0 else { throw failure("a digit is missing") }
        let first = start + (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
        guard leading != UInt8(ascii: "0") || position == first + 1 else {
            throw failure("a number must not begin with 0")
        }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard digits() > 0 else { throw failure("a digit is missing") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw failure("a digit is missing") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, text != "-0" {
            if let value = Int64(text) { return .integer(value) }
            if let value = UInt64(text) { return .unsigned(value) }
        }
        guard let value = Double(text), value.isFinite else {
            throw failure("the number is out of range")
        }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = current, byte &- UInt8(ascii: "0") <= 9 { position += 1 }
        return position - start
    }

    private mutating func string() throws(DevClusterError) -> String {
        var scanner = JSONStringScanner(bytes: bytes, position: position + 1)
        do throws(JSONStringScanner.Failure) {
            let text = try scanner.scan()
            position = scanner.position
            return text
        } catch {
            position = scanner.position
            throw failure(error.reason)
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = current,
            byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        {
            position += 1
        }
    }

    private func failure(_ reason: String) -> DevClusterError {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return DevClusterError(
            .failed, "malformed JSON: line \(line), column \(column): \(reason)")
    }
}
