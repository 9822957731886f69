import Sessions
import SystemLibraries
import Tools

/// Tells which tags devcluster made, and when; any other was chosen by a person.
///
/// A unique tag says it itself. One that names a commit or inputs is ours when a build was
/// recorded under it: others may use such names too.
package struct OwnTags: Sendable {
    private var recorded: [ManifestName: Date] = [:]

    package init(_ records: [BuildRecord] = []) {
        for record in records {
            let name = ManifestName(repository: record.image.name, reference: record.image.tag)
            recorded[name] = record.time
        }
    }

    /// When the tag was made; nil for one that is not ours.
    package func time(of tag: String, in repository: String) -> Date? {
        UniqueTag.time(of: tag)
            ?? recorded[ManifestName(repository: repository, reference: tag)]
    }
}

extension Session {
    /// The tags that the build records of this engine tell of.
    package var ownTags: OwnTags {
        get throws { OwnTags(try buildRecords.all()) }
    }
}
