/// A whole number from outside: what a tool, a server or a file says may be any number.
///
/// It is held to the range in which every JSON reader is exact, and has no `+`, `-` and `*`: they
/// end the process where `Int` is left, so that arithmetic is only had with results that stay in
/// the range.
public struct BoundedInteger: Sendable, Hashable, Comparable {
    /// What is beyond counts as the bound.
    static let range = -(1 << 53)...(1 << 53)

    /// The number.
    public let value: Int

    /// The number, or the bound that it is beyond.
    package init(_ value: some BinaryInteger) {
        self.value = min(max(Int(clamping: value), Self.range.lowerBound), Self.range.upperBound)
    }

    /// The number without its fraction, or the bound that it is beyond; 0 for what is no number.
    public init(_ value: Double) {
        self.init(Int64(min(max(value.isNaN ? 0 : value, -0x1p60), 0x1p60)))
    }

    /// Reads decimal digits, perhaps with a sign; nil when the text is something else.
    package init?(_ text: some StringProtocol) {
        if let value = Int(text) {
            self.init(value)
            return
        }
        // More digits than `Int` holds are a number too.
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let hasSign = isNegative || text.utf8.first == UInt8(ascii: "+")
        let digits = text.utf8.dropFirst(hasSign ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy(NameGrammar.isDigit) else { return nil }
        self.init(isNegative ? Int.min : Int.max)
    }

    /// The sum.
    public func adding(_ other: BoundedInteger) -> BoundedInteger {
        // Neither can be beyond 2^53.
        BoundedInteger(value + other.value)
    }

    /// The difference.
    package func subtracting(_ other: BoundedInteger) -> BoundedInteger {
        BoundedInteger(value - other.value)
    }

    /// The product.
    package func multiplied(by other: BoundedInteger) -> BoundedInteger {
        let (product, isBeyond) = value.multipliedReportingOverflow(by: other.value)
        guard isBeyond else { return BoundedInteger(product) }
        return BoundedInteger((value < 0) == (other.value < 0) ? Int.max : Int.min)
    }

    /// Adds to this number.
    package mutating func add(_ other: BoundedInteger) { self = adding(other) }

    /// The order of the numbers.
    public static func < (left: BoundedInteger, right: BoundedInteger) -> Bool {
        left.value < right.value
    }
}

extension BoundedInteger: ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// A number of the program's own.
    public init(integerLiteral value: Int) { self.init(value) }

    /// Decimal digits, with a sign when it is negative.
    public var description: String { value.description }
}

extension BoundedInteger: Codable {
    /// Reads any whole JSON number, also one that no integer type holds.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Int64.self) {
            self.init(value)
            return
        }
        let value = try container.decode(Double.self)
        guard value == value.rounded(.towardZero) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a whole number: \(value)")
        }
        self.init(value)
    }

    /// Writes the number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

extension Sequence<BoundedInteger> {
    /// The sum of all.
    package func sum() -> BoundedInteger { reduce(0) { $0.adding($1) } }
}

extension BoundedInteger {
    /// So many seconds.
    package var seconds: Duration { .seconds(value) }
}
