/// A program of which only one may have its data open, as its lock file says: one row a kind.
struct LockingDatabase: Sendable, Equatable {
    /// As people call it.
    var name: String
    /// Last components of the images that are known to run it.
    var images: [String]
    /// Parts of a log line that say that another one has the data.
    var logs: [String]

    /// The rows, the most specific text first.
    static let all = [
        LockingDatabase(
            name: "MongoDB",
            images: [
                "mongo", "mongod", "mongodb", "mongodb-community-server",
                "mongodb-enterprise-server", "percona-server-mongodb",
            ],
            // Only that the file could not be locked: after a crash mongod starts with a warning
            // that names mongod.lock.
            logs: ["DBPathInUse", "Unable to lock the lock file", "Unable to lock file: "]),
        LockingDatabase(
            name: "PostgreSQL",
            images: [
                "postgres", "postgresql", "postgis", "timescaledb", "timescaledb-ha", "pgvector",
            ],
            logs: [#"lock file "postmaster.pid" already exists"#]),
        LockingDatabase(
            name: "H2", images: ["h2"],
            logs: ["Database may be already in use", "The file is locked: "]),
        LockingDatabase(
            name: "RocksDB or LevelDB", images: [],
            // The same message with "Permission denied" is no other process.
            logs: [
                "/LOCK: Resource temporarily unavailable", "/LOCK: already held by process",
            ]),
    ]

    /// The kind that an image is known to run.
    static func running(image: String) -> LockingDatabase? {
        guard let path = try? ImageReference(image).path,
            let last = path.split(separator: "/").last
        else { return nil }
        return all.first { $0.images.contains(String(last)) }
    }

    /// The kind that a log says is locked, with the line that says it.
    static func locked(in log: String) -> (database: LockingDatabase, line: String)? {
        for line in log.split(whereSeparator: \.isNewline).reversed() {
            if let database = all.first(where: { $0.logs.contains { line.contains($0) } }) {
                return (database, ShownText.line(String(line)))
            }
        }
        return nil
    }
}
