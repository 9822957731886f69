import Vocabulary

/// A field of the configuration file: the reader, `config view` and the docs follow from it.
struct SchemaField: Sendable {
    /// Its key in the object.
    let name: String
    /// What it may hold.
    let type: SchemaType
    /// What holds where the file has none; nil for a field that may be absent.
    var fallback: JSONValue?
    /// Whether its object is wrong without it.
    var isRequired = false
    /// What an absent field means, for the docs.
    var absent: String?
    /// What it is for, in one line.
    let summary: String

    /// A field with a default, or one that may be absent.
    static func field(
        _ name: String, _ type: SchemaType, default fallback: JSONValue? = nil,
        absent: String? = nil, _ summary: String
    ) -> SchemaField {
        SchemaField(
            name: name, type: type, fallback: fallback, absent: absent, summary: summary)
    }

    /// A field that must be there.
    static func required(
        _ name: String, _ type: SchemaType, _ summary: String
    ) -> SchemaField {
        SchemaField(name: name, type: type, isRequired: true, summary: summary)
    }
}

/// What a field may hold.
indirect enum SchemaType: Sendable {
    /// One value.
    case scalar(SchemaScalar)
    /// An object of these fields.
    case object([SchemaField])
    /// Any number of elements.
    case list(SchemaType)
    /// Texts by name.
    case map
    /// Values of any kind by keys that another tool defines.
    case values
    /// A value, or an object with just one of these fields.
    case either(SchemaScalar, [SchemaField])

    /// What it is, for messages and docs.
    var typeName: String {
        switch self {
        case .scalar(let scalar): scalar.typeName
        case .object: "object"
        case .list(let element): "list of: \(element.typeName)"
        case .map: "texts by name"
        case .values: "values by key"
        case .either(let scalar, let fields):
            scalar.typeName + fields.map { ", or {\($0.name): …}" }.joined()
        }
    }
}

/// One value of the configuration file: a number or a text that follows some rule.
struct SchemaScalar: Sendable {
    /// The JSON kinds it may have.
    enum Shape: Sendable {
        case text
        case number
        case textOrNumber
    }

    /// What it is, for messages and docs: `port number`.
    let typeName: String
    /// The JSON kinds it may have.
    let shape: Shape
    /// Whether it is a path, which outside the file belongs to the working directory.
    var isPath = false
    /// Checks a value of the right kind and returns it as `Configuration` decodes it.
    let check: @Sendable (JSONValue) throws(DevClusterError) -> JSONValue

    /// The value that a text from outside the file stands for.
    func value(ofText text: String) -> JSONValue {
        if shape != .text, let number = Int64(text) { return .integer(number) }
        return .string(text)
    }

    /// Checks a value of any kind.
    func read(_ value: JSONValue) throws(DevClusterError) -> JSONValue {
        let fits: Bool
        switch (value, shape) {
        case (.string, .text), (.string, .textOrNumber): fits = true
        case (.integer, .number), (.integer, .textOrNumber): fits = true
        default: fits = false
        }
        guard fits else {
            throw DevClusterError(.usage, "expected \(typeWithArticle), found \(described(value))")
        }
        return try check(value)
    }

    /// `a port number`, `an image reference`; a choice and plain text have no article.
    private var typeWithArticle: String {
        if typeName == "text" || typeName.contains(" | ") { return typeName }
        return (typeName.first.map { "aeiouI".contains($0) } ?? false ? "an " : "a ") + typeName
    }

    private func described(_ value: JSONValue) -> String {
        switch value {
        case .null, .array, .object: return value.kindName
        case .string(let text): return "the text \(ShownText.quoted(text))"
        case .bool, .integer, .unsigned, .number:
            let text = (try? value.encoded()).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return shape == .text ? "\(text); write it in quotes" : text
        }
    }
}
