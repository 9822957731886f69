import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Forwards
@testable import Vocabulary
@testable import Workloads

/// The recorded namespace has one Deployment, a writer of a hostPath under RollingUpdate whose new
/// pod found the data locked by the old one.
struct LockSurveyTests {
    private func sample(locks: JSONValue = []) throws -> SampleSession {
        let sample = try SampleSession(["namespace": "rec-db", "locks": locks])
        try sample.remember()
        return sample
    }

    static func expectSurvey(_ sample: SampleSession, replacing: [String: String] = [:]) throws {
        let text = try Fixture.cluster("locks-blocked").replacing(replacing)
        sample.runner.expectKubectl(
            ["get", "deployments.apps,statefulsets.apps,replicasets.apps,pods"],
            returning: .ok(text))
    }

    static func expectLog(_ sample: SampleSession) throws {
        sample.runner.expectKubectl(
            ["logs"], returning: .ok(try Fixture.text("kubectl-1.32.4-logs-previous-locked.txt")))
    }

    @Test func `a pod that the lock keeps from starting is found by its log`() async throws {
        let sample = try sample()
        try Self.expectSurvey(sample)
        try Self.expectLog(sample)
        let report = try await Locks(session: sample.session).list()
        let lock = try #require(report.locks.first)
        #expect(report.locks.count == 1)
        #expect(lock.workload == "deployment/mongodb")
        #expect(lock.database == "MongoDB")
        #expect(lock.state == .blocked)
        #expect(lock.storage == ["hostPath /var/lib/mongo-rec"])
        #expect(lock.reason.contains("DBPathInUse: Unable to lock the lock file"))
        #expect(lock.advice == "set 'strategy: {type: Recreate}' in its manifest")
        #expect(report.exitCode == 2)
        #expect(sample.runner.kubectlCalls.last?.contains("--previous") == true)
    }

    /// The pod that the lock keeps from starting, before it was started again.
    static let firstEnd = ["\"restartCount\": 3": "\"restartCount\": 0"]

    @Test func `a pod that ends beside an older one with its data is blocked, whatever it says`()
        async throws
    {
        let sample = try sample()
        try Self.expectSurvey(sample, replacing: ["/mongodb:dev": "/writer:dev"])
        sample.runner.expectKubectl(["logs"], returning: .ok("bye\n"), times: 2)
        let lock = try #require(try await Locks(session: sample.session).list().locks.first)
        #expect(lock.state == .blocked)
        #expect(lock.database == nil)
        #expect(
            lock.reason == "pod mongodb-79d7c9ff64-kfjqx ended with exit code 100 while pod"
                + " mongodb-7485685bfd-xbmr9 of the same workload has hostPath /var/lib/mongo-rec")
    }

    @Test func `the words of a program that nobody knows count beside an older one with its data`()
        async throws
    {
        let sample = try sample()
        try Self.expectSurvey(
            sample, replacing: Self.firstEnd.merging(["/mongodb:dev": "/writer:dev"]) { $1 })
        sample.runner.expectKubectl(
            ["logs"], returning: .ok("could not acquire lock on /data/ledger\n"), times: 1)
        let lock = try #require(try await Locks(session: sample.session).list().locks.first)
        #expect(lock.state == .blocked)
        #expect(lock.database == nil)
        #expect(lock.reason.hasSuffix(": could not acquire lock on /data/ledger"))
    }

    @Test func `without the log's word it would block, by its shape`() async throws {
        let sample = try sample()
        try Self.expectSurvey(sample, replacing: Self.firstEnd)
        sample.runner.expectKubectl(["logs"], returning: .ok("out of memory\n"), times: 2)
        let report = try await Locks(session: sample.session).list()
        #expect(report.locks.map(\.state) == [.wouldBlock])
        #expect(report.exitCode == 0)
    }

    @Test func `a program that nobody knows only may block`() async throws {
        #expect(try await stateOfUnknown(locks: []) == .mayBlock)
    }

    @Test func `a program that is configured would block, also if nobody knows it`() async throws {
        let locks: JSONValue = [["workload": "deployment/mongodb"]]
        #expect(try await stateOfUnknown(locks: locks) == .wouldBlock)
    }

    private func stateOfUnknown(locks: JSONValue) async throws -> LockFinding.State? {
        let sample = try sample(locks: locks)
        try Self.expectSurvey(
            sample, replacing: ["/mongodb:dev": "/writer:dev"].merging(Self.firstEnd) { $1 })
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        return try await Locks(session: sample.session).list().locks.first?.state
    }

    @Test func `with Recreate the old pod is gone first`() async throws {
        let sample = try sample()
        try Self.expectSurvey(
            sample, replacing: ["\"type\": \"RollingUpdate\"": "\"type\": \"Recreate\""])
        sample.runner.expectKubectl(["logs"], returning: .ok(""), times: 2)
        let lock = try #require(try await Locks(session: sample.session).list().locks.first)
        #expect(lock.state == .safe)
        #expect(lock.reason == "the old pod is gone before the new one starts")
        #expect(lock.advice == nil)
    }

    @Test func `several replicas on one volume share it by design`() {
        let storage = WorkloadStorage(deployment(replicas: 3))
        #expect(!storage.blocksRollouts)
        #expect(WorkloadStorage(deployment(replicas: 1)).blocksRollouts)
    }

    @Test(
        arguments: [
            ["emptyDir": [:]], ["configMap": ["name": "settings"]],
            ["hostPath": ["path": "/var/run/docker.sock"]],
            ["hostPath": ["path": "/srv/x", "type": "Socket"]],
            ["persistentVolumeClaim": ["claimName": "data", "readOnly": true]],
        ] as [JSONValue])
    func `what no two pods can write blocks nothing`(volume: JSONValue) {
        #expect(!WorkloadStorage(deployment(volume: volume)).blocksRollouts)
    }

    @Test func `a mount that is only read blocks nothing`() {
        var object = deployment()
        object["spec"]?["template"]?["spec"]?["containers"]?[0]?["volumeMounts"] = [
            ["name": "data", "readOnly": true]
        ]
        #expect(!WorkloadStorage(object).blocksRollouts)
    }

    @Test func `the logs of a crashing program without data are not read`() async throws {
        let sample = try sample()
        try Self.expectSurvey(
            sample,
            replacing: [
                "/mongodb:dev": "/web:dev",
                "\"mountPath\": \"/data/db\"":
                    "\"mountPath\": \"/data/db\", \"readOnly\": true",
            ])
        #expect(try await Locks(session: sample.session).list().locks.isEmpty)
        #expect(sample.runner.kubectlCalls.count == 1)
    }

    /// A made up Deployment: the shapes are the API's, nothing was recorded.
    private func deployment(
        replicas: Int64 = 1,
        volume: JSONValue = ["persistentVolumeClaim": ["claimName": "data"]]
    ) -> JSONValue {
        var volume = volume
        volume["name"] = "data"
        return [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "db"],
            "spec": [
                "replicas": .integer(replicas),
                "template": [
                    "spec": [
                        "containers": [
                            [
                                "name": "db", "image": "docker.io/bitnami/mongodb:7",
                                "volumeMounts": [["name": "data", "mountPath": "/data"]],
                            ]
                        ], "volumes": [volume],
                    ]
                ],
            ],
        ]
    }

    private func survey(_ namespace: String, _ name: String) async throws -> LockFinding? {
        let sample = try SampleSession(["namespace": "evidence-rec"])
        try sample.remember()
        sample.runner.expectKubectl(
            ["get", "deployments.apps,statefulsets.apps,replicasets.apps,pods"],
            returning: .ok(try Fixture.cluster("rollout-evidence")))
        sample.runner.expectKubectl(
            ["logs"], returning: .ok("httpd: bind: Address already in use\n"), times: nil)
        return try await Locks(session: sample.session).list().locks
            .first { $0.workload == "deployment/\(name)" }
    }

    @Test(arguments: [
        ("entry", "host port 18081"), ("port", "host port 18080"), ("net", "the node's network"),
    ]) func `a port that an old pod has blocks its successor`(name: String, port: String)
        async throws
    {
        let lock = try #require(try await survey("evidence-rec", name))
        #expect(lock.state == .blocked)
        #expect(lock.port == port)
        #expect(lock.advice == "set 'strategy: {type: Recreate}' in its manifest")
    }

    @Test func `a port costs only data that somebody wrote`() throws {
        var object = deployment(volume: ["emptyDir": [:]])
        object["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"] = "web:1"
        #expect(WorkloadStorage(object).losesData(isPort: true))
        #expect(WorkloadStorage(object).objection(isPort: true, isConfigured: true) == nil)
        object["spec"]?["template"]?["spec"]?["volumes"] = []
        #expect(!WorkloadStorage(object).losesData(isPort: true))
        #expect(WorkloadStorage(object).losesData())
    }

    /// Recorded from PostgreSQL 15.20, RocksDB 7.8.3, LevelDB 1.23 and H2 2.1.214; the one of
    /// MongoDB 3 is a guess; those of Prometheus, MySQL, MariaDB, Elasticsearch, etcd, Kafka, Neo4j,
    /// ClickHouse, VictoriaMetrics, ActiveMQ and Badger as users report them.
    @Test(arguments: [
        (
            "2026-11-21 17:41:43.362 UTC [19925] FATAL:  lock file \"postmaster.pid\" already exists",
            "PostgreSQL"
        ),
        (
            "Failed: IO error: While lock file: rdb/LOCK: Resource temporarily unavailable",
            "RocksDB or LevelDB"
        ),
        (
            "plyvel._plyvel.IOError: b'IO error: lock /data/LOCK: Resource temporarily unavailable'",
            "RocksDB or LevelDB"
        ),
        ("IO error: lock /data/LOCK: already held by process", "RocksDB or LevelDB"),
        (
            "Exception in thread \"main\" org.h2.jdbc.JdbcSQLNonTransientConnectionException: Database"
                + " may be already in use: \"/data/test.mv.db\". Possible solutions: close all other"
                + " connection(s); use the server mode [90020-214]", "H2"
        ),
        (
            "Caused by: org.h2.mvstore.MVStoreException: The file is locked: /data/test.mv.db"
                + " [2.1.214/7]", "H2"
        ),
        (
            "exception in initAndListen: 98 Unable to lock file: /data/db/mongod.lock Resource"
                + " temporarily unavailable. Is a mongod instance already running?, terminating",
            "MongoDB"
        ),
        (
            #"level=error caller=main.go:915 err="opening storage failed: lock DB directory: "#
                + #"resource temporarily unavailable""#, "Prometheus"
        ),
        ("[ERROR] InnoDB: Unable to lock ./ibdata1 error: 11", "MySQL or MariaDB"),
        (
            "2026-11-26T09:40:00.000000Z 1 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1"
                + " error: 11", "MySQL or MariaDB"
        ),
        (
            "[ERROR] mariadbd: Can't lock aria control file '/var/lib/mysql/aria_log_control' for"
                + " exclusive use, error: 11", "MySQL or MariaDB"
        ),
        (
            "java.lang.IllegalStateException: failed to obtain node locks, tried"
                + " [[/usr/share/elasticsearch/data]] with lock id [0]", "Elasticsearch"
        ),
        (
            #"{"level":"info","msg":"db file is flocked by another process, or taking too long"}"#,
            "etcd"
        ),
        (
            "org.apache.kafka.common.KafkaException: Failed to acquire lock on file .lock in"
                + " /kafka/kafka-data. A Kafka instance in another process or thread is using this"
                + " directory.", "Kafka"
        ),
        (
            "org.neo4j.kernel.internal.locker.FileLockException: Lock file has been locked by another"
                + " process: /data/databases/store_lock.", "Neo4j"
        ),
        (
            "<Error> Application: DB::Exception: Cannot lock file /var/lib/clickhouse/status. Another"
                + " server instance in same directory is already running.", "ClickHouse"
        ),
        (
            #"FATAL: cannot acquire lock on file "/victoria-metrics-data/flock.lock": resource"#
                + " temporarily unavailable", "VictoriaMetrics"
        ),
        (
            "INFO | Database /data/kahadb/lock is locked by another server. This broker is now in"
                + " slave mode waiting a lock to be acquired", "ActiveMQ"
        ),
        (
            #"Cannot acquire directory lock on "/badger".  Another process is using this Badger"#
                + " database.", "Badger"
        ),
        ("sqlite3.OperationalError: database is locked", "SQLite"),
    ]) func `other programs are known by their words`(line: String, name: String) {
        let found = LockingDatabase.locked(in: "starting\n\(line)\nbye\n")
        #expect(found?.database.name == name)
        #expect(found?.line == line)
        #expect(LockingDatabase.locked(in: "starting\nbye\n") == nil)
    }

    /// Guesses at what these programs print.
    @Test(arguments: [
        #"{"msg":"Detected unclean shutdown - Lock file is not empty","attr":{"lockFile":"/data/db/mongod.lock"}}"#,
        "IO error: While open a file for lock: /data/LOCK: Permission denied",
        "opening storage failed: lock DB directory: open /prometheus/lock: permission denied",
        "failed to obtain node locks, tried [/data]\nCaused by: java.nio.file.AccessDeniedException",
    ]) func `a lock file that is named for another reason blocks nothing`(line: String) {
        #expect(LockingDatabase.locked(in: line) == nil)
    }

    @Test func `claims of a StatefulSet's pods outlive them`() {
        var object = deployment(volume: ["emptyDir": [:]])
        #expect(WorkloadStorage(object).losesData())
        object["kind"] = "StatefulSet"
        object["spec"]?["volumeClaimTemplates"] = [["metadata": ["name": "data"]]]
        #expect(!WorkloadStorage(object).losesData())
    }

    @Test(arguments: [
        ("docker.io/library/mongo:7", "MongoDB"), ("localhost:5001/mongodb:dev-1", "MongoDB"),
        ("postgres", "PostgreSQL"), ("mongo-express:1", nil),
        ("prom/prometheus:v3.1.0", "Prometheus"), ("mariadb:11", "MySQL or MariaDB"),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.17.0", "Elasticsearch"),
        ("quay.io/coreos/etcd:v3.5.0", "etcd"), ("apache/kafka:3.9.0", "Kafka"),
        ("registry:5000/web", nil),
    ]) func `images are known by their last name`(image: String, name: String?) {
        #expect(LockingDatabase.running(image: image)?.name == name)
    }
}
