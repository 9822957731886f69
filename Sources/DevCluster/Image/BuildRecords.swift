/// The builds that were recorded under any cluster of an engine: they share one registry, so what
/// runs in one cluster may have been built for another.
public struct BuildRecords: Sendable {
    private let logs: [RecordLog]

    /// The records of all clusters that this engine runs.
    public init(state: StateFolder, engine: EngineName) {
        let mine = state.cluster(engine, "")
        logs = state.allPlaces()
            .filter { !$0.hasPrefix("\(state.path)/clusters/") || $0.hasPrefix(mine) }
            .map { RecordLog(path: StateFolder.records(ofPlace: $0)) }
    }

    /// All of them, oldest first.
    public func all() -> [BuildRecord] {
        logs.flatMap { $0.records(BuildRecord.self) }.sorted { $0.time < $1.time }
    }

    /// The build that was pushed to a repository with this digest.
    ///
    /// - Returns: the newest that pushed it; a build that only gave the same again stands for it
    ///   where that one is no longer recorded.
    public func build(repository: String, digest: Digest) -> BuildRecord? {
        newest { $0.image.name == repository && $0.image.digest == digest }
    }

    /// The build whose image has this ID, the digest of its configuration (`sha256:…`).
    ///
    /// - Parameter repository: the image's name; nil for any.
    /// - Returns: the newest that pushed it, as above.
    public func build(imageID: String, repository: String? = nil) -> BuildRecord? {
        newest { record in
            record.image.imageID == imageID
                && (repository == nil || record.image.name == repository)
        }
    }

    private func newest(where condition: (BuildRecord) -> Bool) -> BuildRecord? {
        func newest(_ condition: (BuildRecord) -> Bool) -> BuildRecord? {
            logs.compactMap { $0.newest(where: condition) }.max { $0.time < $1.time }
        }
        return newest { condition($0) && !$0.image.isUnchanged } ?? newest(condition)
    }
}

extension StateFolder {
    /// The file with the records of a cluster, given its folder.
    static func records(ofPlace folder: String) -> String { "\(folder)/records.jsonl" }
}

extension Session {
    /// The records of this cluster.
    var records: RecordLog { RecordLog(path: StateFolder.records(ofPlace: place.folder)) }

    /// What was built for any cluster of this engine.
    public var buildRecords: BuildRecords { BuildRecords(state: state, engine: engine.name) }
}
