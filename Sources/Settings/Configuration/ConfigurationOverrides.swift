import Spelling
import Vocabulary

/// Values from outside the file: environment variables, and flags, which win over them.
struct ConfigurationOverrides: Sendable {
    /// One value from outside the file.
    struct Override: Sendable {
        var text: String
        var origin: ConfigurationView.Origin
        /// What the user set: the variable's name, or the field's path.
        var source: String
    }

    /// Variables with this prefix that are no fields, read elsewhere.
    private static let others = [
        "DEVCLUSTER_STATE", "DEVCLUSTER_BASE_IMAGE", "DEVCLUSTER_LIVE", "DEVCLUSTER_RUN",
        "DEVCLUSTER_EXECUTABLE",
    ]
    private static let prefix = "DEVCLUSTER_"

    private(set) var values: [FieldPath: Override] = [:]
    /// Variables that look like ours and are not.
    private(set) var warnings: [String] = []
    /// Flags for fields that cannot be set so.
    private(set) var errors: [String] = []

    init(environment: [String: String] = [:], flags: [FieldPath: String] = [:]) {
        let paths = ConfigurationSchema.scalars.map(\.path)
        let pathsByVariable = Dictionary(paths.map { ($0.variable, $0) }) { first, _ in first }
        for (name, text) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(Self.prefix) {
            if let path = pathsByVariable[name] {
                // An empty variable is one that is not set: `DEVCLUSTER_ENGINE= devcluster up`.
                guard !text.isEmpty else { continue }
                values[path] = Override(text: text, origin: .variable, source: name)
            } else if !Self.others.contains(name), !name.hasPrefix("DEVCLUSTER_IMAGE_") {
                let known = pathsByVariable.keys.sorted() + Self.others
                warnings.append(Self.unknown(variable: name, among: known))
            }
        }
        for (path, text) in flags.sorted(by: { $0.key < $1.key }) {
            if paths.contains(path) {
                values[path] = Override(text: text, origin: .flag, source: path.description)
            } else {
                errors.append(Self.unknown(path, among: paths))
            }
        }
    }

    private static func unknown(variable: String, among known: [String]) -> String {
        // Without the prefix, which would make every variable look much like every other.
        let rest = String(variable.dropFirst(prefix.count))
        let meant = closestMatch(to: rest, in: known.map { String($0.dropFirst(prefix.count)) })
        let question = meant.map { "; did you mean \(prefix)\($0)?" } ?? ""
        return "unknown variable \(ShownText.line(variable))\(question)"
    }

    private static func unknown(_ path: FieldPath, among paths: [FieldPath]) -> String {
        let shown = ShownText.line(path.description)
        if ConfigurationSchema.all.contains(where: { $0.path == path }) {
            return "\(shown): only the file can set this field"
        }
        let meant = closestMatch(to: path.description, in: paths.map(\.description))
        return "\(shown): unknown field" + (meant.map { "; did you mean \($0)?" } ?? "")
    }
}
