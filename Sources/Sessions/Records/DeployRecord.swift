import StateFiles
import SystemLibraries
import Vocabulary

/// A deploy as the records keep it, whether it ended well or not.
public struct DeployRecord: LoggedRecord, Equatable {
    package static let kind = RecordKind.deploy

    /// An image that was deployed.
    public struct Image: Codable, Sendable, Equatable {
        /// Its repository.
        public var name: String
        /// The tag that the pods were given.
        public var tag: String
        /// Digest of the manifest that was pushed; nil where nobody said it.
        public var digest: Digest?

        package init(name: String, tag: String, digest: Digest? = nil) {
            self.name = name
            self.tag = tag
            self.digest = digest
        }
    }

    /// A step and how long it took.
    public struct Step: Codable, Sendable, Equatable {
        /// Its name, as it was shown.
        public var name: String
        /// How long it took.
        public var seconds: Double
    }

    /// When it ended.
    public var time: Date
    /// How long the whole deploy took.
    public var seconds: Double
    /// The namespace.
    public var namespace: String
    /// What was built for it.
    public var images: [Image]
    /// How many containers got each verdict; nil when it did not come to that.
    public var verdicts: [String: Int]?
    /// What the process exits with.
    public var exitCode: Int32
    /// What went wrong; nil when everything was done.
    public var error: String?
    /// The steps in the order in which they ended.
    public var steps: [Step]
    /// For a rollback, when the deploy ended that it repeats.
    public var repeats: Date?
    /// All namespaces that something was applied to; nil in a record of an older version.
    public var namespaces: [String]?
    /// Whether the verification proved what runs; nil when it did not come to that, and in records
    /// of older versions.
    public var isVerified: Bool?

    package init(
        time: Date, seconds: Double, namespace: String, images: [Image],
        verdicts: [String: Int]? = nil, exitCode: Int32, error: String? = nil, steps: [Step],
        repeats: Date? = nil, namespaces: [String]? = nil, isVerified: Bool? = nil
    ) {
        self.time = time
        self.seconds = seconds
        self.namespace = namespace
        self.images = images
        self.verdicts = verdicts
        self.exitCode = exitCode
        self.error = error
        self.steps = steps
        self.repeats = repeats
        self.namespaces = namespaces
        self.isVerified = isVerified
    }

    /// Whether it was proven that what was built runs, whatever failed after that.
    public var isProven: Bool { isVerified ?? (exitCode == 0) }
}
