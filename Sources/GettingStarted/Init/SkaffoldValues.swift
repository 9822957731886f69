import Vocabulary

/// The values that a skaffold file gives to a chart, as Helm's keys and what they are set to.
struct SkaffoldValues {
    private(set) var set: [String: JSONValue] = [:]
    /// The images that they name.
    private(set) var images: [String] = []
    /// The keys of values that only skaffold can work out.
    private(set) var computed: [String] = []

    private let artifacts: [String]

    /// - Parameter artifacts: the images that the file builds.
    init(_ release: JSONValue, artifacts: [String]) {
        self.artifacts = artifacts
        add(release["overrides"], at: "", isText: false)
        add(release["setValues"], at: "", isText: true)
        add(release["setValueTemplates"], at: "", isText: true)
    }

    /// - Parameter isText: whether it goes through Helm's `--set`, which guesses types.
    private mutating func add(_ value: JSONValue?, at key: String, isText: Bool) {
        switch value {
        case .object(let members)?:
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                // A dot within a name of `overrides` is no path.
                let name = isText ? name : name.replacing(".", with: "\\.")
                add(member, at: key.isEmpty ? name : "\(key).\(name)", isText: isText)
            }
        case .string(let text)? where isText: add(text: text, at: key)
        case let value?: if !key.isEmpty { set[key] = value }
        case nil: break
        }
    }

    private mutating func add(text: String, at key: String) {
        guard let filled = filled(text) else { return computed.append(key) }
        set[key] = SkaffoldValues.typed(filled)
    }

    /// The text with the images in place of skaffold's variables; nil where another is in it.
    private mutating func filled(_ text: String) -> String? {
        // A digest is known after a build only, and the tag says as much.
        var rest = text.replacing(/@?\{\{\s*\.IMAGE_DIGEST[A-Za-z0-9_]*\s*\}\}/, with: "")[...]
        var result = ""
        while let match = rest.firstMatch(
            of: /\{\{\s*\.IMAGE_([A-Z_]+?)(?:_([a-z0-9_]+|[0-9]+))?\s*\}\}/)
        {
            guard let image = image(String(match.2 ?? "")) else { return nil }
            result += rest[..<match.range.lowerBound]
            switch match.1 {
            case "REPO", "NAME", "FULLY_QUALIFIED":
                result += image
                if !images.contains(image) { images.append(image) }
            case "TAG": result += "dev"
            default: return nil
            }
            rest = rest[match.range.upperBound...]
        }
        result += rest
        return result.contains("{{") ? nil : result
    }

    /// The artifact that a variable means: by its name with other signs as `_`, or the only one.
    private func image(_ suffix: String) -> String? {
        guard !suffix.isEmpty else { return artifacts.count == 1 ? artifacts[0] : nil }
        return artifacts.first { artifact in
            artifact.map { $0.isLetter || $0.isNumber ? $0 : "_" } == Array(suffix)
        }
    }

    /// What Helm's `--set` takes a text for.
    private static func typed(_ text: String) -> JSONValue {
        switch text {
        case "true": .bool(true)
        case "false": .bool(false)
        case "null": .null
        default:
            text == "0" || !text.hasPrefix("0")
                ? Int64(text).map { .integer($0) } ?? .string(text) : .string(text)
        }
    }
}
