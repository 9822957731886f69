extension Configuration {
    /// Where manifests come from.
    public enum ManifestSource: Sendable, Hashable {
        /// A file, folder or kustomization, as written.
        case path(String)
        /// A program and its arguments; its standard output is manifests.
        case render([String])
    }
}

extension Configuration.ManifestSource: Codable {
    private enum CodingKeys: String, CodingKey {
        case render
    }

    /// Reads a path, or `{render: […]}`.
    public init(from decoder: any Decoder) throws {
        if let path = try? decoder.singleValueContainer().decode(String.self) {
            self = .path(path)
        } else {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self = .render(try values.decode([String].self, forKey: .render))
        }
    }

    /// Writes a path, or `{render: […]}`.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .path(let path):
            var container = encoder.singleValueContainer()
            try container.encode(path)
        case .render(let command):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(command, forKey: .render)
        }
    }
}
