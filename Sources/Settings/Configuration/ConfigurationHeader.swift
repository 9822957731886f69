import Spelling
import Vocabulary

/// Judges `apiVersion` and `kind`: whether the document is one of ours, and of which version.
enum ConfigurationHeader {
    /// Errors to report together with the others; an empty list for a good header.
    ///
    /// - Throws: `DevClusterError` when the rest of the document cannot be judged, as it is
    ///   something else or of a newer version.
    static func check(_ document: JSONValue, file: String?) throws(DevClusterError) -> [String] {
        let shownFile = file.map { ShownText.line($0) } ?? "the configuration"
        guard document.object != nil else {
            throw DevClusterError(
                .usage, "\(shownFile) is \(document.kindName), not a devcluster configuration",
                hint: example)
        }
        var errors: [String] = []
        switch document["kind"] {
        case .string(ConfigurationSchema.kind): break
        case nil, .null: errors.append("kind: missing; write kind: \(ConfigurationSchema.kind)")
        case let found?: throw wrongKind(found, shownFile)
        }
        switch document["apiVersion"] {
        case .string(ConfigurationSchema.apiVersion): break
        case nil, .null:
            errors.append(
                "apiVersion: missing; write apiVersion: \(ConfigurationSchema.apiVersion)")
        case let found?: throw wrongVersion(found, shownFile)
        }
        return errors
    }

    private static let example =
        "a configuration begins with apiVersion: \(ConfigurationSchema.apiVersion) and "
        + "kind: \(ConfigurationSchema.kind)"

    private static func shown(_ found: JSONValue) -> String {
        found.string.map { ShownText.quoted($0) } ?? found.kindName
    }

    private static func wrongKind(_ found: JSONValue, _ file: String) -> DevClusterError {
        let isNear = closestMatch(to: found.string ?? "", in: [ConfigurationSchema.kind]) != nil
        return DevClusterError(
            .usage,
            "\(file): kind is \(shown(found)), not \(ConfigurationSchema.kind)"
                + (isNear ? "; did you mean \(ConfigurationSchema.kind)?" : ""),
            hint: example)
    }

    private static func wrongVersion(_ found: JSONValue, _ file: String) -> DevClusterError {
        let text = found.string ?? ""
        if isNewer(text) {
            return DevClusterError(
                .usage,
                "\(file) is made for \(ShownText.line(text)), newer than the "
                    + "\(ConfigurationSchema.apiVersion) that this devcluster reads",
                hint: "use a newer devcluster")
        }
        let isNear = closestMatch(to: text, in: [ConfigurationSchema.apiVersion]) != nil
        return DevClusterError(
            .usage,
            "\(file): apiVersion is \(shown(found)), "
                + "not \(ConfigurationSchema.apiVersion)"
                + (isNear ? "; did you mean \(ConfigurationSchema.apiVersion)?" : ""),
            hint: example)
    }

    /// Whether it is `devcluster.dev/v2`, `…/v3alpha1` and so on.
    private static func isNewer(_ version: String) -> Bool {
        let group = "devcluster.dev/v"
        guard version.hasPrefix(group) else { return false }
        let major = version.dropFirst(group.count).prefix { $0.isNumber }
        return Int(major).map { $0 > 1 } ?? false
    }
}
