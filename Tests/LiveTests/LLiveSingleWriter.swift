import ChildProcess
import Foundation

/// A program that locks its data as a database does, and ends with that database's words when
/// another one has it.
struct SingleWriter {
    /// A kind of database: the name of image and workload, its lock file, and what it says.
    struct Row {
        var name: String
        var file: String
        var words: String
    }

    /// MongoDB's words as users report them; the others recorded from PostgreSQL 15.20,
    /// H2 2.1.214, RocksDB 7.8.3 and LevelDB 1.23.
    static let rows = [
        Row(
            name: "mongodb", file: "mongod.lock",
            words: #"{"s":"E","c":"CONTROL","id":20557,"ctx":"initandlisten","msg":"DBException "#
                + #"in initAndListen, terminating","attr":{"error":"DBPathInUse: Unable to lock the "#
                + #"lock file: /data/db/mongod.lock (Resource temporarily unavailable). Another "#
                + #"mongod instance is already running on the /data/db directory"}}"#),
        Row(
            name: "postgres", file: "postmaster.pid",
            words: #"FATAL:  lock file "postmaster.pid" already exists"#),
        Row(
            name: "h2", file: "test.mv.db",
            words: "Caused by: org.h2.mvstore.MVStoreException: The file is locked:"
                + " /data/db/test.mv.db [2.1.214/7]"),
        Row(
            name: "ledger", file: "LOCK",
            words: "Failed: IO error: While lock file: /data/db/LOCK: Resource temporarily"
                + " unavailable"),
        Row(
            name: "cache", file: "LOCK",
            words: "IO error: lock /data/db/LOCK: Resource temporarily unavailable"),
    ]

    /// A program in no table, which says nothing that is known.
    static let unknown = Row(name: "register", file: "register.lock", words: "it is open already")

    let world: LiveWorld
    let row: Row
    let volume: String
    private let isClaim: Bool

    init(
        _ world: LiveWorld, _ row: Row = rows[0], isClaim: Bool = false, isEmptyDir: Bool = false
    ) {
        self.world = world
        self.row = row
        self.isClaim = isClaim
        volume =
            isClaim
            ? "persistentVolumeClaim: {claimName: data}"
            : isEmptyDir
                ? "emptyDir: {}"
                : "hostPath: {path: /var/lib/lock-test-\(row.name), type: DirectoryOrCreate}"
    }

    /// A static program, made with the C compiler that comes with Swift. The file `end` makes it
    /// end; with `held` there too, the lock counts as another's.
    private static let source = #"""
        #include <fcntl.h>
        #include <signal.h>
        #include <stdio.h>
        #include <sys/file.h>
        #include <unistd.h>
        static void end(int signal) { _exit(0); }
        int main(int count, char **words) {
            if (count < 3 || chdir("/data/db") != 0) return 2;
            int lock = open(words[1], O_RDWR | O_CREAT, 0644);
            int isHeld = access("held", F_OK) == 0 && access("end", F_OK) == 0;
            if (isHeld || lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
                puts(words[2]);
                return 100;
            }
            signal(SIGTERM, end);
            close(open("/tmp/ready", O_RDWR | O_CREAT, 0644));
            while (access("end", F_OK) != 0) sleep(1);
        }

        """#

    private static let containerfile = """
        ARG BASE
        FROM ${BASE}
        COPY writer /usr/bin/writer
        ENTRYPOINT ["/usr/bin/writer"]

        """

    private func writeImage() async throws {
        let folder = "\(world.folder)/app/writer"
        guard !FileManager.default.fileExists(atPath: "\(folder)/writer") else { return }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try world.write("app/writer/writer.c", Self.source)
        try world.write("app/writer/Containerfile", Self.containerfile)
        try await world.tool(
            "clang", "-static", "-O1", "\(folder)/writer.c", "-o", "\(folder)/writer")
    }

    /// Writes configuration and manifest; `more` is another field of `spec`.
    func configure(round: String, _ more: String = "") async throws {
        try await writeImage()
        try world.configure(
            """
              namespace: locks
              images: [{name: \(row.name), context: writer, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
              manifests: [writer.yaml]
              timeouts: {rollout: 90s}
              \(more)
            """)
        try world.write("app/writer.yaml", manifest(image: row.name, round: round))
    }

    /// Deploys it, unless an earlier test did.
    func ensureRunning() async throws {
        try await configure(round: "first")
        guard (try? await get(".status.readyReplicas")) != "1" else { return }
        try await world.devcluster("deploy").checked()
    }

    /// Where `push` puts the image.
    var reference: String { "localhost:\(world.registryPort)/\(row.name):1" }

    /// Builds and pushes the image without devcluster.
    func push() async throws {
        try await writeImage()
        try await world.build(
            reference, "\(world.folder)/app/writer", ["--build-arg", "BASE=\(LiveWorld.baseImage)"])
        try await world.push(reference)
    }

    /// The workload, with RollingUpdate as it is without a strategy, and its claim.
    func manifest(image: String, round: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(row.name)}
        spec:
          selector: {matchLabels: {app: \(row.name)}}
          template:
            metadata: {labels: {app: \(row.name)}, annotations: {round: "\(round)"}}
            spec:
              terminationGracePeriodSeconds: 5
              containers:
              - name: writer
                image: \(image)
                imagePullPolicy: IfNotPresent
                args: ["\(row.file)", '\(row.words)']
                readinessProbe: {exec: {command: [test, -f, /tmp/ready]}, periodSeconds: 1}
                volumeMounts: [{name: data, mountPath: /data/db}]
              volumes:
              - {name: data, \(volume)}
        \(isClaim ? Self.claim : "")
        """
    }

    private static let claim = """
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}

        """

    /// A field of the Deployment in namespace `locks`.
    func get(_ path: String) async throws -> String {
        try await world.kubectl(
            "get", "deployment", row.name, "-n", "locks", "-o", "jsonpath={\(path)}")
    }

    /// The UIDs of the pods in namespace `locks`.
    func pods() async throws -> String {
        try await world.kubectl(
            "get", "pods", "-n", "locks", "-o", "jsonpath={.items[*].metadata.uid}")
    }

    /// UID and phase of the claim.
    func claim() async throws -> String {
        try await world.kubectl(
            "get", "pvc", "data", "-n", "locks", "-o", "jsonpath={.metadata.uid} {.status.phase}")
    }
}
