import SystemLibraries

extension JSONValue {
    /// Reads a JSON text (RFC 8259), which must be one value and nothing else.
    ///
    /// Nesting is limited to 512 levels; numbers, text and syntax are checked strictly.
    /// - Throws: `DevClusterError` with code `failed` naming line and column.
    package init(parsing data: Data) throws(DevClusterError) {
        let result: Result<JSONValue, DevClusterError> = data.withUnsafeBytes { bytes in
            var parser = JSONParser(bytes.bindMemory(to: UInt8.self))
            do throws(DevClusterError) {
                return .success(try parser.document())
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads a list as the Kubernetes API writes one, an object with `items`, and hands over each
    /// element as soon as it is read, so that the document is never in memory as a whole.
    ///
    /// - Throws: `DevClusterError` when it is none, and what `take` throws.
    package static func parseItems(of data: Data, _ take: (JSONValue) throws -> Void) throws {
        try data.withUnsafeBytes { bytes in
            var parser = JSONParser(bytes.bindMemory(to: UInt8.self))
            try parser.items(take)
        }
    }

    /// Reads a JSON text; see `init(parsing: Data)`.
    ///
    /// - Throws: `DevClusterError` with code `failed` naming line and column.
    package init(parsing text: String) throws(DevClusterError) {
        try self.init(parsing: Data(text.utf8))
    }

    /// The same document as JSON text, slashes not escaped.
    ///
    /// - Parameter sorted: members in the order of their names, so that equal documents have
    ///   equal text.
    /// - Parameter pretty: over several lines, indented by two spaces.
    /// - Throws: `DevClusterError` for a number that JSON cannot express (infinite, not a number).
    package func encoded(
        sorted: Bool = true, pretty: Bool = false
    ) throws(DevClusterError) -> Data {
        var writer = JSONWriter(sorted: sorted, pretty: pretty)
        try writer.write(self)
        return Data(writer.bytes)
    }

    /// The document that the value would be encoded as.
    package init(encoding value: some Encodable) throws {
        try self.init(parsing: JSONEncoder().encode(value))
    }

    /// Reads this document, or part of one, as another type.
    package func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONValueDecoder(self).decode(type)
    }
}

extension JSONValue: Codable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads a value inside another type that is being decoded.
    ///
    /// A decoder does not say what comes next, so the kinds are tried one after the other, the
    /// most frequent first. Whole documents are read faster by `init(parsing:)`.
    public init(from decoder: any Decoder) throws {
        if let decoder = decoder as? JSONValueDecoder {
            self = decoder.value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let members = try? decoder.container(keyedBy: Name.self) {
            var object: [String: JSONValue] = [:]
            for key in members.allKeys {
                object[key.stringValue] = try members.decode(JSONValue.self, forKey: key)
            }
            self = .object(object)
        } else if var elements = try? decoder.unkeyedContainer() {
            var array: [JSONValue] = []
            while !elements.isAtEnd { array.append(try elements.decode(JSONValue.self)) }
            self = .array(array)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    /// Writes a value inside another type that is being encoded.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
