#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Invocation.Input: Codable {
    private enum Key: String, CodingKey {
        case kind, text, base64
    }

    private enum Kind: String, Codable {
        case none, bytes, secret
    }

    /// Reads `{"kind": "none"}`, `{"kind": "bytes", "text": …}` (or `"base64"` where the bytes
    /// are not UTF-8), `{"kind": "secret"}`.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(Kind.self, forKey: .kind) {
        case .none: self = .none
        case .secret: self = .secret(Data())
        case .bytes:
            self = .bytes(
                try container.decodeData(text: .text, base64: .base64) ?? Data())
        }
    }

    /// Writes what `init(from:)` reads: a secret without its bytes.
    ///
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .none: try container.encode(Kind.none, forKey: .kind)
        case .secret: try container.encode(Kind.secret, forKey: .kind)
        case .bytes(let data), .partlySecret(_, shown: let data, _):
            try container.encode(Kind.bytes, forKey: .kind)
            try container.encode(data, text: .text, base64: .base64)
        }
    }
}

extension Invocation.Input: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// How much there is, never what.
    public var description: String {
        switch self {
        case .none: "none"
        case .bytes(let data), .partlySecret(let data, _, _): "\(data.count) bytes"
        case .secret: "<redacted>"
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }

    /// Nothing, so that `dump` and a failed test's report show no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension KeyedEncodingContainer {
    /// Encodes bytes readably if they are text.
    mutating func encode(_ data: Data, text: Key, base64: Key) throws {
        if let string = String(validating: data, as: UTF8.self) {
            try encode(string, forKey: text)
        } else {
            try encode(data.base64EncodedString(), forKey: base64)
        }
    }
}

extension KeyedDecodingContainer {
    /// Decodes bytes written by `encode(_:text:base64:)`; nil if neither key is there.
    func decodeData(text: Key, base64: Key) throws -> Data? {
        if let string = try decodeIfPresent(String.self, forKey: text) {
            return Data(string.utf8)
        }
        guard let string = try decodeIfPresent(String.self, forKey: base64) else { return nil }
        guard let data = Data(base64Encoded: string) else {
            throw DecodingError.dataCorruptedError(
                forKey: base64, in: self, debugDescription: "not base64")
        }
        return data
    }
}
