/// A TCP or UDP port, 1 to 65535.
public struct PortNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The number.
    public let value: UInt16

    /// Checks the number.
    ///
    /// - Throws: `DevClusterError` with code `usage` when it is out of range.
    package init(_ value: Int) throws(DevClusterError) {
        guard let value = UInt16(exactly: value), value > 0 else {
            throw DevClusterError(.usage, "port \(value) is not in the range 1 to 65535")
        }
        self.value = value
    }

    /// Reads a decimal number without sign.
    ///
    /// - Throws: `DevClusterError` with code `usage` when it is none, or out of range.
    public init(_ text: String) throws(DevClusterError) {
        guard !text.isEmpty, text.utf8.allSatisfy(NameGrammar.isDigit), let value = Int(text)
        else { throw .invalid("port", text, "it must be a number from 1 to 65535") }
        try self.init(value)
    }

    /// The decimal number.
    public var description: String { value.description }

    /// The order of the numbers.
    public static func < (left: PortNumber, right: PortNumber) -> Bool {
        left.value < right.value
    }
}

extension PortNumber: Codable {
    /// Reads a JSON number.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer().decode(Int.self)
        do {
            try self.init(value)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.message))
        }
    }

    /// Writes a JSON number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A port of a pod or Service: by number, or by its name there.
public enum TargetPort: Sendable, Hashable, CustomStringConvertible {
    /// By number.
    case number(PortNumber)
    /// By name.
    case name(PortName)

    /// Reads a number or a name.
    ///
    /// - Throws: `DevClusterError` with code `usage`.
    public init(_ text: String) throws(DevClusterError) {
        if !text.isEmpty, text.utf8.allSatisfy(NameGrammar.isDigit) {
            self = .number(try PortNumber(text))
        } else {
            self = .name(try PortName(text))
        }
    }

    /// The number or the name, as kubectl takes it.
    public var description: String {
        switch self {
        case .number(let number): number.description
        case .name(let name): name.description
        }
    }
}

extension TargetPort: Codable {
    /// Reads a JSON number or text.
    public init(from decoder: any Decoder) throws {
        if let number = try? PortNumber(from: decoder) {
            self = .number(number)
        } else {
            self = .name(try PortName(from: decoder))
        }
    }

    /// Writes a JSON number or text.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .number(let number): try number.encode(to: encoder)
        case .name(let name): try name.encode(to: encoder)
        }
    }
}
