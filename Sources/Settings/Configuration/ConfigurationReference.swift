import SystemLibraries
import Vocabulary

/// The page of the docs that describes every field of `devcluster.yaml`.
package enum ConfigurationReference {
    /// One field as the page shows it.
    private struct Row {
        var path: String
        var field: SchemaField
        /// Whether it has one place, so that a variable can set it.
        var isFixed: Bool
    }

    /// The page, in Markdown; made from the same description that the reader uses.
    package static func markdown() -> String {
        var lines = [
            "# Fields of devcluster.yaml", "",
            "Every field has a default, so every command works without a file. A flag wins over an",
            "environment variable, that over the file, and that over the default. An empty variable",
            "counts as not set. `[]` stands for the elements of a list. If a key appears twice in the",
            "file, the last one counts.", "",
            "| field | value | default | variable | meaning |", "|---|---|---|---|---|",
        ]
        let fields = ConfigurationSchema.header + ConfigurationSchema.fields
        for row in rows(fields, below: "", isFixed: true) { lines.append(markdown(row)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rows(
        _ fields: [SchemaField], below path: String, isFixed: Bool
    ) -> [Row] {
        fields.flatMap { field -> [Row] in
            let place = path.isEmpty ? field.name : "\(path).\(field.name)"
            let row = Row(path: place, field: field, isFixed: isFixed)
            switch field.type {
            case .object(let members): return rows(members, below: place, isFixed: isFixed)
            case .list(.object(let members)), .list(.either(_, let members)):
                return [row] + rows(members, below: "\(place)[]", isFixed: false)
            default: return [row]
            }
        }
    }

    private static func markdown(_ row: Row) -> String {
        var variable = ""
        if row.isFixed, case .scalar = row.field.type, !row.field.isRequired {
            variable = "`\(FieldPath(row.path).variable)`"
        }
        let cells = [
            "`\(row.path)`", row.field.type.typeName, fallback(row.field), variable,
            row.field.summary,
        ]
        return "| " + cells.map(cell).joined(separator: " | ") + " |"
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|")
    }

    private static func fallback(_ field: SchemaField) -> String {
        if field.isRequired { return "required" }
        guard let value = field.fallback else { return field.absent ?? "" }
        if let text = value.string { return "`\(text)`" }
        if value == [] || value == [:] { return "none" }
        return (try? value.encoded()).map { "`\(String(decoding: $0, as: UTF8.self))`" } ?? ""
    }
}
