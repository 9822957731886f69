import StateFiles
import SystemLibraries

/// A build that was pushed, or that gave just what was pushed before, as the records keep it.
package struct BuildRecord: LoggedRecord, Equatable {
    package static let kind = RecordKind.build

    /// When it was pushed.
    package var time: Date
    /// What was built, and how long build and push took.
    package var image: BuiltImage
    /// The commit it was built from; nil outside git.
    package var commit: String?
    /// Whether the working tree differed from the commit.
    package var isDirty: Bool
    /// What it was built from; nil in lines of older versions.
    package var inputs: BuildInputs?
}

/// What is known of the sources that an image was built from.
package struct BuildInputs: Codable, Sendable, Equatable {
    /// Digest, 64 hexadecimal digits, of everything that the Containerfile takes in; nil when it
    /// could not be told.
    package var contextHash: String?
    /// Digest of target and build arguments; two builds are compared only where it is the same.
    package var variant: String
    /// Whether a stage that was needed runs a command with files mounted, which the layer cache
    /// knows nothing of.
    package var hasMounts: Bool
    /// Whether layers of earlier builds could be used.
    package var usedCache: Bool
    /// Whether the sources changed and the image did not, so that it may be an old one.
    package var isProbablyStale: Bool
    /// IDs of the images of ours whose files a command saw, by their names; nil for none.
    package var mounted: [String: String]?
}
