import Sessions
import StateFiles
import Tools
import Vocabulary

/// The builds that were recorded under any cluster of an engine: they share one registry, so what
/// runs in one cluster may have been built for another.
package struct BuildRecords: Sendable {
    private let logs: [RecordLog]

    /// The records of all clusters that this engine runs.
    ///
    /// - Throws: `DevClusterError` when the state folder cannot be read.
    init(state: StateFolder, engine: EngineName) throws {
        let mine = state.cluster(engine, "")
        logs = try state.allPlaces()
            .filter { !$0.hasPrefix("\(state.path)/clusters/") || $0.hasPrefix(mine) }
            .map { RecordLog(path: StateFolder.records(ofPlace: $0)) }
    }

    /// All of them, oldest first.
    ///
    /// - Throws: `DevClusterError` when they cannot be read.
    package func all() throws -> [BuildRecord] {
        try logs.flatMap { try $0.records(BuildRecord.self) }.sorted { $0.time < $1.time }
    }

    /// The build that was pushed to a repository with this digest.
    ///
    /// - Returns: the newest that pushed it; a build that only gave the same again stands for it
    ///   where that one is no longer recorded.
    /// - Throws: `DevClusterError` when the records cannot be read.
    func build(repository: String, digest: Digest) throws -> BuildRecord? {
        try newest { $0.image.name == repository && $0.image.digest == digest }
    }

    /// The build whose image has this ID, the digest of its configuration (`sha256:…`).
    ///
    /// - Parameter repository: the image's name; nil for any.
    /// - Returns: the newest that pushed it, as above.
    /// - Throws: `DevClusterError` when the records cannot be read.
    func build(imageID: String, repository: String? = nil) throws -> BuildRecord? {
        try newest { record in
            record.image.imageID == imageID
                && (repository == nil || record.image.name == repository)
        }
    }

    private func newest(where condition: (BuildRecord) -> Bool) throws -> BuildRecord? {
        func newest(_ condition: (BuildRecord) -> Bool) throws -> BuildRecord? {
            try logs.compactMap { try $0.newest(where: condition) }.max { $0.time < $1.time }
        }
        return try newest { condition($0) && !$0.image.isUnchanged } ?? newest(condition)
    }
}

extension Session {
    /// What was built for any cluster of this engine.
    package var buildRecords: BuildRecords {
        get throws { try BuildRecords(state: state, engine: engine.name) }
    }
}
