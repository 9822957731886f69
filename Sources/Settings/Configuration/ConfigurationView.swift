/// Each value of a configuration and where it comes from, as `config view` shows it.
public struct ConfigurationView: Sendable, Hashable, Encodable {
    /// Where a value comes from; a later case wins over an earlier.
    public enum Origin: String, Sendable, Hashable, Encodable, Comparable, CaseIterable {
        /// Nothing sets it.
        case `default`
        /// The configuration file.
        case file
        /// An environment variable.
        case variable
        /// A flag of the command.
        case flag

        private var rank: Int {
            switch self {
            case .default: 0
            case .file: 1
            case .variable: 2
            case .flag: 3
            }
        }

        /// The order of precedence.
        public static func < (left: Origin, right: Origin) -> Bool { left.rank < right.rank }
    }

    /// One value.
    public struct Entry: Sendable, Hashable, Encodable {
        /// Its place, `spec.images[0].name`.
        public var path: String
        /// The value as text, as it was written; nil when the field is absent.
        public var value: String?
        /// What an absent field means.
        public var absent: String?
        /// Where the value comes from.
        public var origin: Origin
        /// The file's path or the variable's name; nil for flags and defaults.
        public var source: String?
    }

    /// The values, in the order of the docs; an empty list or map is one entry.
    public var entries: [Entry]

    /// Paths of the fields that file, variables or flags set.
    public var stated: Set<String> {
        Set(entries.filter { $0.origin != .default }.map(\.path))
    }

    /// The value at that path, or nil when there is none.
    subscript(path: String) -> Entry? {
        entries.first { $0.path == path }
    }
}
