#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A build that was pushed, or that gave just what was pushed before, as the records keep it.
public struct BuildRecord: LoggedRecord, Equatable {
    static let kind = RecordKind.build

    /// When it was pushed.
    public var time: Date
    /// What was built, and how long build and push took.
    public var image: BuiltImage
    /// The commit it was built from; nil outside git.
    public var commit: String?
    /// Whether the working tree differed from the commit.
    public var isDirty: Bool
    /// What it was built from; nil in lines of older versions.
    public var inputs: BuildInputs?
}

/// What is known of the sources that an image was built from.
public struct BuildInputs: Codable, Sendable, Equatable {
    /// Digest, 64 hexadecimal digits, of everything that the Containerfile takes in; nil when it
    /// could not be told.
    public var contextHash: String?
    /// Digest of target and build arguments; two builds are compared only where it is the same.
    public var variant: String
    /// Whether a stage that was needed runs a command with files mounted, which the layer cache
    /// knows nothing of.
    public var hasMounts: Bool
    /// Whether layers of earlier builds could be used.
    public var usedCache: Bool
    /// Whether the sources changed and the image did not, so that it may be an old one.
    public var isProbablyStale: Bool
}
