/// Writes a `JSONValue` as text.
struct JSONWriter {
    let sorted: Bool
    let pretty: Bool
    private(set) var bytes: [UInt8] = []
    private var level = 0

    init(sorted: Bool, pretty: Bool) {
        self.sorted = sorted
        self.pretty = pretty
    }

    mutating func write(_ value: JSONValue) throws(DevClusterError) {
        switch value {
        case .null: add("null")
        case .bool(let value): add(value ? "true" : "false")
        case .integer(let value): add(value.description)
        case .unsigned(let value): add(value.description)
        case .number(let value):
            guard value.isFinite else {
                throw DevClusterError(.failed, "the number \(value) cannot be written as JSON")
            }
            add(value.description)
        case .string(let value): write(text: value)
        case .array(let elements): try write(elements)
        case .object(let members): try write(members)
        }
    }

    private mutating func write(_ elements: [JSONValue]) throws(DevClusterError) {
        guard !elements.isEmpty else { return add("[]") }
        add("[")
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { add(",") }
            breakLine()
            try write(element)
        }
        level -= 1
        breakLine()
        add("]")
    }

    private mutating func write(_ members: [String: JSONValue]) throws(DevClusterError) {
        guard !members.isEmpty else { return add("{}") }
        add("{")
        level += 1
        var isFirst = true
        for (name, value) in sorted ? members.sorted(by: { $0.key < $1.key }) : Array(members) {
            if !isFirst { add(",") }
            isFirst = false
            breakLine()
            write(text: name)
            add(pretty ? ": " : ":")
            try write(value)
        }
        level -= 1
        breakLine()
        add("}")
    }

    private mutating func write(text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): add("\\\"")
            case UInt8(ascii: "\\"): add("\\\\")
            case 0x0A: add("\\n")
            case 0x0D: add("\\r")
            case 0x09: add("\\t")
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                add("\\u00" + (hex.count == 1 ? "0" : "") + hex)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func breakLine() {
        guard pretty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    private mutating func add(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}
