import Spelling
import Vocabulary

extension SchemaType {
    /// Text that follows the grammar of this type.
    static func text<Text: ValidatedText>(_ type: Text.Type, _ typeName: String) -> SchemaType {
        .scalar(.text(type, typeName))
    }

    /// A port number.
    static let port = SchemaType.scalar(
        SchemaScalar(typeName: "port number", shape: .number) {
            value throws(DevClusterError) in
            _ = try PortNumber(value.integer?.value ?? 0)
            return value
        })

    /// A port number, or the name of a port.
    static let targetPort = SchemaType.scalar(
        SchemaScalar(typeName: "port number or port name", shape: .textOrNumber) {
            value throws(DevClusterError) in
            switch try TargetPort(value.string ?? value.digits ?? "") {
            case .number(let number): return .integer(Int64(number.value))
            case .name(let name): return .string(name.description)
            }
        })

    /// A whole number in this range.
    static func count(_ range: ClosedRange<Int>) -> SchemaType {
        let typeName = "number from \(range.lowerBound) to \(range.upperBound)"
        return .scalar(
            SchemaScalar(typeName: typeName, shape: .number) { value throws(DevClusterError) in
                guard let number = value.integer, range.contains(number.value) else {
                    let found = value.digits ?? "another"
                    throw DevClusterError(.usage, "expected a \(typeName), found \(found)")
                }
                return value
            })
    }

    /// One of the cases of this type.
    static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ type: Choice.Type
    ) -> SchemaType {
        .choice(type.allCases.map(\.rawValue))
    }

    /// One of these words.
    static func choice(_ words: [String]) -> SchemaType {
        let typeName = words.joined(separator: " | ")
        return .scalar(
            SchemaScalar(typeName: typeName, shape: .text) { value throws(DevClusterError) in
                let word = value.string ?? ""
                guard !words.contains(word) else { return value }
                let meant = closestMatch(to: word, in: words)
                throw DevClusterError(
                    .usage,
                    "expected \(typeName), found \(ShownText.quoted(word))"
                        + (meant.map { "; did you mean \($0)?" } ?? ""))
            })
    }

    /// A time span longer than nothing.
    static let duration = SchemaType.scalar(
        SchemaScalar(typeName: "duration such as 30s or 1h30m", shape: .text) {
            value throws(DevClusterError) in
            let duration = try HumanDuration(value.string ?? "")
            guard duration.duration > .zero else {
                throw DevClusterError(.usage, "a duration must be longer than 0")
            }
            return .string(duration.description)
        })

    /// An image reference without tag and digest.
    static let repositoryReference = SchemaType.scalar(
        SchemaScalar(typeName: "image reference without tag", shape: .text) {
            value throws(DevClusterError) in
            let reference = try ImageReference(value.string ?? "")
            guard reference.tag == nil, reference.digest == nil else {
                throw DevClusterError(
                    .usage,
                    "expected an image reference without tag and digest, as "
                        + "\(reference.repository), found \(reference)")
            }
            return value
        })

    /// A path.
    static let path = SchemaType.scalar(.path)

    /// Any text that is shown and passed on as it is.
    static let anyText = SchemaType.scalar(
        SchemaScalar(typeName: "text", shape: .text) { value throws(DevClusterError) in
            try SchemaScalar.plain(value, "the text")
        })

    /// A program's argument, which may be empty.
    static let argument = SchemaType.scalar(
        SchemaScalar(typeName: "argument", shape: .text) { value throws(DevClusterError) in
            guard let text = value.string, !text.utf8.contains(0) else {
                throw DevClusterError(.usage, "the argument holds a zero byte")
            }
            return value
        })
}

extension SchemaScalar {
    /// Text that follows the grammar of this type; kept as the type prints it.
    static func text<Text: ValidatedText>(_ type: Text.Type, _ typeName: String) -> SchemaScalar {
        SchemaScalar(typeName: typeName, shape: .text) { value throws(DevClusterError) in
            .string(try Text(value.string ?? "").description)
        }
    }

    /// A path.
    static let path = SchemaScalar(typeName: "path", shape: .text, isPath: true) {
        value throws(DevClusterError) in
        try plain(value, "the path")
    }

    /// Text that is not empty and holds no control character.
    static func plain(_ value: JSONValue, _ what: String) throws(DevClusterError) -> JSONValue {
        let text = value.string ?? ""
        guard !text.isEmpty else { throw DevClusterError(.usage, "\(what) is empty") }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw DevClusterError(
                .usage, "\(what) \(ShownText.quoted(text)) holds a control character")
        }
        return value
    }
}
