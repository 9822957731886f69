import Spelling
import Vocabulary

/// Turns a document and the values from outside it into the tree that `Configuration` decodes.
///
/// Walks the schema, not the document: what the schema does not name is an error, what the
/// document does not name gets its default. Goes on after an error, to report all of them.
package struct ConfigurationReader {
    private let overrides: [FieldPath: ConfigurationOverrides.Override]
    private let ignored: Set<FieldPath>
    private let file: String?
    private let workingDirectory: String
    /// What is wrong, each with its place.
    private(set) var errors: [String] = []
    /// Each value and where it comes from.
    private(set) var entries: [ConfigurationView.Entry] = []

    /// - Parameter ignored: fields whose value in file and environment does not count.
    init(
        overrides: ConfigurationOverrides, ignored: Set<FieldPath>, file: String?,
        workingDirectory: String
    ) {
        self.overrides = overrides.values
        self.ignored = ignored
        self.file = file
        self.workingDirectory = workingDirectory
    }

    /// Reads the fields of the whole document.
    mutating func read(_ document: JSONValue?) -> JSONValue {
        let header = ConfigurationSchema.header.map(\.name)
        return object(
            document, ConfigurationSchema.fields, at: "", isFixed: true, alsoAllowed: header)
    }

    /// - Parameter isFixed: whether the place exists once, so that overrides can name it.
    private mutating func object(
        _ value: JSONValue?, _ fields: [SchemaField], at path: FieldPath, isFixed: Bool,
        alsoAllowed: [String] = []
    ) -> JSONValue {
        if let value, !value.isNull, value.object == nil {
            fail(path, "expected an object, found \(value.kindName)")
        }
        let members = value?.object ?? [:]
        refuse(members, without: fields.map(\.name) + alsoAllowed, at: path)
        var result: [String: JSONValue] = [:]
        for field in fields {
            let place = path.appending(field.name)
            result[field.name] = self.field(
                field, given: members[field.name], at: place, isFixed: isFixed)
        }
        return .object(result)
    }

    /// Fails for every member that is none of the known.
    private mutating func refuse(
        _ members: [String: JSONValue], without known: [String], at path: FieldPath
    ) {
        for name in members.keys.sorted() where !known.contains(name) {
            // Not looked for where it is not shown: a file may have any number of other fields.
            let meant =
                errors.count < LoadedConfiguration.shownErrors
                ? Self.suggestion(for: name, among: known) : ""
            fail(path.appending(name), "unknown field\(meant)")
        }
    }

    /// An object with just one of these fields.
    private mutating func form(
        _ members: [String: JSONValue], _ forms: [SchemaField], at path: FieldPath,
        origin: ConfigurationView.Origin
    ) -> JSONValue? {
        let names = forms.map(\.name)
        refuse(members, without: names, at: path)
        let given = forms.filter { !(members[$0.name] ?? .null).isNull }
        guard given.count == 1, let form = given.first, let member = members[form.name] else {
            fail(path, "expected a path, or just one of: \(names.joined(separator: ", "))")
            return nil
        }
        let read = value(member, form.type, at: path.appending(form.name), origin: origin)
        return read.map { [form.name: $0] }
    }

    private mutating func field(
        _ field: SchemaField, given: JSONValue?, at path: FieldPath, isFixed: Bool
    ) -> JSONValue? {
        var given = given == .null ? nil : given
        if ignored.contains(path) { given = nil }
        if isFixed, case .scalar(let scalar) = field.type, let override = overrides[path],
            override.origin == .flag || !ignored.contains(path)
        {
            return overridden(override, scalar, at: path)
        }
        if case .object(let fields) = field.type {
            return object(given, fields, at: path, isFixed: isFixed)
        }
        if let given { return value(given, field.type, at: path, origin: .file) }
        if field.isRequired {
            fail(path, "missing")
            return nil
        }
        guard let fallback = field.fallback else {
            entries.append(.init(path: path.description, absent: field.absent, origin: .default))
            return nil
        }
        return value(fallback, field.type, at: path, origin: .default)
    }

    private mutating func value(
        _ value: JSONValue, _ type: SchemaType, at path: FieldPath,
        origin: ConfigurationView.Origin
    ) -> JSONValue? {
        switch type {
        case .scalar(let scalar):
            return self.scalar(value, scalar, at: path, origin: origin)
        case .object(let fields):
            return object(value, fields, at: path, isFixed: false)
        case .list(let element):
            return list(value, of: element, at: path, origin: origin)
        case .map:
            return map(value, at: path, origin: origin)
        case .values:
            return values(value, at: path, origin: origin)
        case .either(let scalar, let forms):
            if let members = value.object {
                return form(members, forms, at: path, origin: origin)
            }
            return self.scalar(value, scalar, at: path, origin: origin)
        }
    }

    private mutating func scalar(
        _ value: JSONValue, _ scalar: SchemaScalar, at path: FieldPath,
        origin: ConfigurationView.Origin
    ) -> JSONValue? {
        do throws(DevClusterError) {
            let read = try scalar.read(value)
            add(path, value, origin)
            return read
        } catch {
            fail(path, error.message)
            return nil
        }
    }

    private mutating func overridden(
        _ override: ConfigurationOverrides.Override, _ scalar: SchemaScalar, at path: FieldPath
    ) -> JSONValue? {
        var text = override.text
        if scalar.isPath, !text.isEmpty {
            text = ConfigurationPath.joined(workingDirectory, text)
        }
        do throws(DevClusterError) {
            let read = try scalar.read(scalar.value(ofText: text))
            let source = override.origin == .variable ? override.source : nil
            entries.append(
                .init(
                    path: path.description, value: text, origin: override.origin, source: source))
            return read
        } catch {
            errors.append("\(override.source): \(error.message)")
            return nil
        }
    }

    private mutating func list(
        _ value: JSONValue, of element: SchemaType, at path: FieldPath,
        origin: ConfigurationView.Origin
    ) -> JSONValue? {
        guard let elements = value.array else {
            fail(path, "expected a list, found \(value.kindName)")
            return nil
        }
        if elements.isEmpty { add(path, "[]", origin) }
        var result: [JSONValue] = []
        for (index, item) in elements.enumerated() {
            // A wrong element stays in place as null, so that later checks name the right index.
            result.append(
                self.value(item, element, at: path.appending(index), origin: origin) ?? .null)
        }
        return .array(result)
    }

    private mutating func map(
        _ value: JSONValue, at path: FieldPath, origin: ConfigurationView.Origin
    ) -> JSONValue? {
        guard let members = value.object else {
            fail(path, "expected texts by name, found \(value.kindName)")
            return nil
        }
        if members.isEmpty { add(path, "{}", origin) }
        for (name, item) in members.sorted(by: { $0.key < $1.key }) {
            let place = path.appending(name)
            if !Self.isVariableName(name) {
                fail(place, "a name must be letters, digits and \"_\"")
            }
            guard case .scalar(let argument) = SchemaType.argument else { continue }
            _ = scalar(item, argument, at: place, origin: origin)
        }
        return value
    }

    private mutating func values(
        _ value: JSONValue, at path: FieldPath, origin: ConfigurationView.Origin
    ) -> JSONValue? {
        guard let members = value.object else {
            fail(path, "expected values by key, found \(value.kindName)")
            return nil
        }
        if members.isEmpty { add(path, "{}", origin) }
        for (key, item) in members.sorted(by: { $0.key < $1.key }) {
            let isControlled = key.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
            if key.isEmpty || key.contains("=") || isControlled {
                fail(path, "\(ShownText.quoted(key)) cannot be a key")
            }
            let text =
                item.string ?? (try? item.encoded()).map { String(decoding: $0, as: UTF8.self) }
            add(path.appending(key), .string(text ?? ""), origin)
        }
        return value
    }

    package static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !NameGrammar.isDigit(first) else { return false }
        return name.utf8.allSatisfy { NameGrammar.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    private mutating func add(
        _ path: FieldPath, _ value: JSONValue, _ origin: ConfigurationView.Origin
    ) {
        let text = value.string ?? value.digits
        entries.append(
            .init(
                path: path.description, value: text, origin: origin,
                source: origin == .file ? file : nil))
    }

    private mutating func fail(_ path: FieldPath, _ reason: String) {
        let place = path.description.isEmpty ? "the document" : path.description
        errors.append("\(place): \(reason)")
    }

    private static func suggestion(for name: String, among known: [String]) -> String {
        if let meant = closestMatch(to: name, in: known) { return "; did you mean \(meant)?" }
        let elsewhere = ConfigurationSchema.all.first {
            $0.field.name.lowercased() == name.lowercased()
        }
        return elsewhere.map { "; did you mean \($0.path)?" } ?? ""
    }
}
