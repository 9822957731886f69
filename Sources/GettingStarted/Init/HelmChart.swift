import Vocabulary

/// A chart of a project, and what it would be installed as.
struct HelmChart: Sendable, Equatable {
    /// The chart's folder.
    var path: String
    var release: String
    /// Files with values, beside the chart's own.
    var values: [String] = []
    /// Single values by Helm's keys.
    var set: [String: JSONValue] = [:]
    /// The images that these name.
    var images: [String] = []

    /// The references of images in a chart's values: `image: {repository: …}`, `image: NAME`.
    static func references(in values: JSONValue) -> [String] {
        guard let members = values.object else {
            return (values.array ?? []).flatMap { references(in: $0) }
        }
        return members.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
            guard key.lowercased().hasSuffix("image") else { return references(in: value) }
            if let text = value.string { return [text] }
            guard let name = (value["repository"] ?? value["name"])?.string else {
                return references(in: value)
            }
            let registry = value["registry"]?.string.map { $0.isEmpty ? "" : "\($0)/" } ?? ""
            return [registry + name]
        }.filter { (try? ImageReference($0)) != nil }
    }
}
