/// Any JSON document: for what is passed through whole, or read in a few places only.
///
/// Numbers keep their kind, so that a document survives being read and written: 64-bit integers
/// exactly, decimals as the shortest text of the same double.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits with sign.
    case integer(Int64)
    /// A number without fraction and exponent above `Int64.max`.
    case unsigned(UInt64)
    /// Any other number.
    case number(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Members by name; their order is not kept, and of two with one name the last counts.
    case object([String: JSONValue])
}

extension JSONValue {
    /// Whether this is `null`.
    package var isNull: Bool { self == .null }

    /// The truth value, or nil when this is something else.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, or nil when this is something else; `1.0` is no integer.
    package var integer: BoundedInteger? {
        if case .integer(let value) = self { BoundedInteger(value) } else { nil }
    }

    /// An integer's digits, however many there are; nil when this is something else.
    package var digits: String? {
        switch self {
        case .integer(let value): value.description
        case .unsigned(let value): value.description
        default: nil
        }
    }

    /// The number as a double, rounded where it must be, or nil when this is no number.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The text, or nil when this is something else.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements, or nil when this is no list.
    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, or nil when this is no object.
    package var object: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name; nil when there is none, or this is no object.
    ///
    /// Setting a member of `null` makes an object of it; setting one of anything else that is
    /// no object does nothing; setting nil removes the member.
    package subscript(name: String) -> JSONValue? {
        get {
            if case .object(let members) = self { members[name] } else { nil }
        }
        set {
            switch self {
            case .object(var members):
                // Drops this value's own reference, so that the members are changed in place.
                self = .null
                members[name] = newValue
                self = .object(members)
            case .null:
                if let newValue { self = .object([name: newValue]) }
            default: break
            }
        }
    }

    /// The element at that index; nil when there is none, or this is no list.
    ///
    /// Setting an existing element replaces it, or removes it when set to nil; anything else
    /// does nothing.
    package subscript(index: Int) -> JSONValue? {
        get {
            if case .array(let elements) = self, elements.indices.contains(index) {
                elements[index]
            } else {
                nil
            }
        }
        set {
            guard case .array(var elements) = self, elements.indices.contains(index) else {
                return
            }
            self = .null
            if let newValue {
                elements[index] = newValue
            } else {
                elements.remove(at: index)
            }
            self = .array(elements)
        }
    }

    /// What it is, for messages: `text`, `a number`, `a list`, …
    package var kindName: String {
        switch self {
        case .null: "nothing"
        case .bool: "a truth value"
        case .integer, .unsigned, .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of two members with one name the last counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
