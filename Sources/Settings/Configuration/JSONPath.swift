import Vocabulary

/// Where values stand in an object, as kubectl's `--output jsonpath` says it, without functions:
/// `.spec.image`, `.spec.pods[*].image`, `.spec.env[?(@.name=="IMAGE")].value`.
///
/// The grammar is that of `k8s.io/client-go/util/jsonpath`: braces around it and `$` before it may
/// be left out, and a dot in a name is written `\.` or the name as `['a.b']`.
public struct JSONPath: ValidatedText {
    enum Part: Hashable {
        case member(String)
        case element(Int)
        case every
        /// Elements whose member has this text.
        case filter(member: [String], text: String)
    }

    /// As it was written.
    public let description: String
    let parts: [Part]

    /// How many bytes one may have.
    private static let longest = 500

    /// Reads a path.
    ///
    /// - Throws: `DevClusterError` with code `usage` that says what is wrong with it.
    public init(_ text: String) throws(DevClusterError) {
        description = text
        guard text.utf8.count <= JSONPath.longest else {
            throw DevClusterError(
                .usage, "a JSONPath of more than \(JSONPath.longest) bytes is not read")
        }
        var scanner = JSONPathScanner(text)
        do throws(DevClusterError) {
            parts = try scanner.parts()
        } catch {
            throw DevClusterError(
                .usage, "JSONPath \(ShownText.quoted(text)) is not valid: \(error.message)",
                hint: "write it like .spec.image or .spec.pods[*].image")
        }
    }

    /// The places that it leads to in an object.
    func paths(in object: JSONValue) -> [ObjectPath] {
        var found = [(path: ObjectPath(), value: object)]
        for part in parts {
            found = found.flatMap { path, value in
                JSONPath.step(part, value).map { (path.appending($0), $1) }
            }
        }
        return found.map(\.path)
    }

    private static func step(_ part: Part, _ value: JSONValue) -> [(ObjectPath.Step, JSONValue)] {
        let elements = (value.array ?? []).enumerated().map { index, element in
            (ObjectPath.Step.element(index, name: element["name"]?.string), element)
        }
        switch part {
        case .member(let name): return value[name].map { [(.member(name), $0)] } ?? []
        case .element(let index):
            let index = index < 0 ? elements.count + index : index
            return elements.indices.contains(index) ? [elements[index]] : []
        case .every:
            let members = (value.object ?? [:]).sorted { $0.key < $1.key }
            return elements + members.map { (.member($0.key), $0.value) }
        case .filter(let members, let text):
            return elements.filter { _, element in
                members.reduce(element as JSONValue?) { $0?[$1] }?.string == text
            }
        }
    }
}

/// Reads the text of a `JSONPath`.
private struct JSONPathScanner {
    private var rest: Substring

    init(_ text: String) {
        rest = text.hasPrefix("{") && text.hasSuffix("}") ? text.dropFirst().dropLast() : text[...]
    }

    mutating func parts() throws(DevClusterError) -> [JSONPath.Part] {
        _ = take("$")
        var parts: [JSONPath.Part] = []
        if let first = rest.first, first != ".", first != "[" { parts.append(try member()) }
        while !rest.isEmpty {
            if take("[") {
                parts.append(try brackets())
            } else if take(".") {
                guard !rest.hasPrefix(".") else { throw wrong("'..' is not supported") }
                parts.append(take("*") ? .every : try member())
            } else {
                throw wrong("'.' or '[' expected before \(ShownText.quoted(String(rest)))")
            }
        }
        guard !parts.isEmpty else { throw wrong("it names nothing") }
        return parts
    }

    private mutating func member() throws(DevClusterError) -> JSONPath.Part {
        .member(try name())
    }

    private mutating func name() throws(DevClusterError) -> String {
        var name = ""
        while let next = rest.first, !".[]=(){} ".contains(next) {
            rest.removeFirst()
            if next == "\\", let escaped = rest.first {
                rest.removeFirst()
                name.append(escaped)
            } else {
                name.append(next)
            }
        }
        guard !name.isEmpty else { throw wrong("a name is missing") }
        return name
    }

    private mutating func brackets() throws(DevClusterError) -> JSONPath.Part {
        let part: JSONPath.Part
        if take("*") {
            part = .every
        } else if take("?(@") {
            part = try filter()
        } else if let text = try quoted() {
            part = .member(text)
        } else {
            let digits = rest.prefix { $0 == "-" || $0.isASCII && $0.isNumber }
            guard let index = Int(digits) else { throw wrong("[N], [*] or ['NAME'] expected") }
            rest = rest.dropFirst(digits.count)
            part = .element(index)
        }
        guard take("]") else { throw wrong("']' is missing") }
        return part
    }

    private mutating func filter() throws(DevClusterError) -> JSONPath.Part {
        var members: [String] = []
        while take(".") { members.append(try name()) }
        while take(" ") {}
        guard take("=="), !members.isEmpty else {
            throw wrong("a filter is written [?(@.NAME==\"TEXT\")]")
        }
        while take(" ") {}
        guard let text = try quoted(), take(")") else {
            throw wrong("a filter is written [?(@.NAME==\"TEXT\")]")
        }
        return .filter(member: members, text: text)
    }

    private mutating func quoted() throws(DevClusterError) -> String? {
        guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
        rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else { throw wrong("a quote is missing") }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[..<end])
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private func wrong(_ text: String) -> DevClusterError { DevClusterError(.usage, text) }
}
