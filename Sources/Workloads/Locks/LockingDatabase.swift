import Vocabulary

/// A program of which only one may have its data open, as its lock file says: one row a kind.
package struct LockingDatabase: Sendable, Equatable {
    /// As people call it.
    var name: String
    /// Last components of the images that are known to run it.
    var images: [String]
    /// Parts of a log line that say that another one has the data.
    var logs: [String]
    /// Parts of a log that give the same words another reason.
    var otherReasons: [String] = []

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
        // The same words with "permission denied" are no other process.
        LockingDatabase(
            name: "Prometheus", images: ["prometheus"],
            logs: ["lock DB directory: resource temporarily unavailable"]),
        LockingDatabase(
            name: "MySQL or MariaDB",
            images: [
                "mysql", "mysql-server", "mariadb", "mariadb-server", "percona", "percona-server",
            ],
            logs: [
                "InnoDB: Unable to lock ", "[InnoDB] Unable to lock ",
                "Check that you do not already have another mysqld process",
                "Can't lock aria control file",
            ]),
        LockingDatabase(
            name: "Elasticsearch",
            images: ["elasticsearch", "elasticsearch-oss", "opensearch"],
            logs: ["failed to obtain node locks", "Lock held by another program: "],
            otherReasons: ["AccessDeniedException", "Permission denied"]),
        LockingDatabase(
            name: "etcd", images: ["etcd"],
            logs: ["db file is flocked by another process", "fileutil: file already locked"]),
        LockingDatabase(
            name: "Kafka", images: ["kafka", "kafka-native", "cp-kafka", "cp-server"],
            logs: ["Failed to acquire lock on file .lock in "]),
        LockingDatabase(
            name: "Neo4j", images: ["neo4j"],
            logs: ["ock file has been locked by another process"]),
        LockingDatabase(
            name: "ClickHouse", images: ["clickhouse", "clickhouse-server"],
            logs: ["Another server instance in same directory is already running"]),
        LockingDatabase(
            name: "VictoriaMetrics", images: ["victoria-metrics", "vmstorage"],
            logs: ["/flock.lock\": resource temporarily unavailable"]),
        LockingDatabase(
            name: "ActiveMQ", images: ["activemq", "activemq-classic"],
            logs: ["is locked by another server. This broker is now in slave mode"]),
        LockingDatabase(
            name: "Badger", images: [],
            logs: ["Another process is using this Badger database"]),
        LockingDatabase(
            name: "RocksDB or LevelDB", images: [],
            // The same message with "Permission denied" is no other process.
            logs: [
                "/LOCK: Resource temporarily unavailable", "/LOCK: already held by process",
            ]),
        LockingDatabase(
            name: "SQLite", images: [], logs: ["database is locked", "SQLITE_BUSY"]),
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
        let lines = log.split(whereSeparator: \.isNewline)
        for (place, line) in lines.enumerated().reversed() {
            if let database = all.first(where: { $0.logs.contains { line.contains($0) } }),
                !database.otherReasons.contains(
                    where: LockWords.surroundings(of: place, in: lines).contains)
            {
                return (database, ShownText.line(String(line)))
            }
        }
        return nil
    }
}
