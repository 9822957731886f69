import Vocabulary

extension Configuration {
    /// Where manifests come from.
    public enum ManifestSource: Sendable, Hashable {
        /// A file, folder or kustomization, or a pattern of those, as written.
        case path(String)
        /// A program and its arguments; its standard output is manifests.
        case render([String])
        /// A chart, rendered by Helm.
        case helm(Chart)
    }

    /// A Helm chart, and what it is rendered as.
    public struct Chart: Sendable, Hashable, Codable {
        /// Path of its folder or archive, as written.
        public var chart: String
        /// Name of the release; nil means the project's.
        public var release: ReleaseName?
        /// Paths of files with values, as written; the last one wins.
        public var values: [String]
        /// Single values by Helm's keys, as `image.tag`; they win over files.
        public var set: [String: JSONValue]

        /// A chart, by default with its own values.
        init(
            _ chart: String, release: ReleaseName? = nil, values: [String] = [],
            set: [String: JSONValue] = [:]
        ) {
            self.chart = chart
            self.release = release
            self.values = values
            self.set = set
        }
    }
}

extension Configuration.ManifestSource: Codable {
    private enum CodingKeys: String, CodingKey {
        case render
        case helm
    }

    /// Reads a path, `{render: […]}` or `{helm: {…}}`.
    public init(from decoder: any Decoder) throws {
        if let path = try? decoder.singleValueContainer().decode(String.self) {
            self = .path(path)
            return
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if let chart = try values.decodeIfPresent(Configuration.Chart.self, forKey: .helm) {
            self = .helm(chart)
        } else {
            self = .render(try values.decode([String].self, forKey: .render))
        }
    }

    /// Writes a path, `{render: […]}` or `{helm: {…}}`.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .path(let path):
            var container = encoder.singleValueContainer()
            try container.encode(path)
        case .render(let command):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(command, forKey: .render)
        case .helm(let chart):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(chart, forKey: .helm)
        }
    }
}
