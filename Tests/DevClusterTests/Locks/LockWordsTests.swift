import Testing

@testable import Workloads

struct LockWordsTests {
    /// As programs print them: DuckDB, HSQLDB, Tarantool, Lucene, a Go and a Rust library.
    @Test(arguments: [
        #"IO Error: Could not set lock on file "/data/a.duckdb": Conflicting lock is held in"#,
        "Database lock acquisition failure: lockFile: the lock is already held",
        "failed to lock WAL directory /var/lib/tarantool and hot_standby mode is off",
        "LockObtainFailedException: Lock held by another program: /var/solr/write.lock",
        "cannot open database: flock /data/app.lock: resource temporarily unavailable",
        #"Failed to acquire index lock: Os { code: 11, kind: WouldBlock }"#,
        "Another instance of ledger has the lock",
    ]) func `a line that says that another one has the lock is found`(line: String) {
        #expect(LockWords.line(in: "starting\n\(line)\nbye\n") == line)
    }

    @Test(arguments: [
        "waiting for queue:5672", "block 5 is held by another process",
        "clock is already in use", "failed to unlock the vault", "failed to get user",
        "failed to parse package-lock.json", "acquired lock on /data/ledger",
        "could not acquire lock on /data/ledger: Permission denied",
        "cannot lock file /data/x: Read-only file system",
    ]) func `a line about something else is none`(line: String) {
        #expect(LockWords.line(in: "starting\n\(line)\nbye\n") == nil)
    }

    private let lock = "Another instance of ledger has the lock"
    private let other = "cannot read /etc/ledger/extra.conf: no such file"

    @Test func `what stands far away in the log is another matter`() {
        let between = (0..<6).map { "step \($0)" }.joined(separator: "\n")
        #expect(LockWords.line(in: "\(other)\n\(between)\n\(lock)\n") == lock)
        #expect(LockWords.line(in: "\(lock)\n\(between)\n\(other)\n") == lock)
        #expect(LockWords.line(in: "\(other)\n\(lock)\n") == nil)
    }

    @Test func `a cause below the frames of a stack trace is still the lock's`() {
        let frames = (0..<30).map { "\tat org.example.Store.open\($0)(Store.java)" }
            .joined(separator: "\n")
        let cause = "Caused by: java.nio.file.AccessDeniedException: /data/node.lock"
        let words = "java.io.IOException: failed to obtain node locks"
        #expect(LockingDatabase.locked(in: "\(words)\n\(frames)\n\(cause)\n") == nil)
        let elsewhere = (0..<6).map { "step \($0)" }.joined(separator: "\n")
        #expect(
            LockingDatabase.locked(in: "\(cause)\n\(elsewhere)\n\(words)\n")?.line == words)
    }
}
