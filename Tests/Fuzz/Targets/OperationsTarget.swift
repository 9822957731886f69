import ChildProcess
import Foundation
import Synchronization

@testable import Clusters
@testable import Deployment
@testable import Diagnosis
@testable import GettingStarted
@testable import Images
@testable import Registries
@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Verification
@testable import Vocabulary
@testable import Workloads

extension FuzzTarget {
    /// Whole commands, whose tools lie.
    ///
    /// A thousandth of all executions: each is tens of runs of tools, and may wait for a while.
    static let operations = FuzzTarget(name: "operations", share: 14) { random in
        let folder = NSTemporaryDirectory() + "devcluster-fuzz-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let liar = LyingRunner(salt: random.next(), folder: folder)
        let session = try Operations.session(liar, folder)
        try Operations.leaveState(of: session, &random)
        let operation = Operations.all[random.below(Operations.all.count)]
        // What waits for something that never comes is given up, and has to end then.
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await operation(session) }
            group.addTask { try await Task.sleep(for: .milliseconds(250)) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// The commands, each on a session of its own.
private enum Operations {
    typealias Operation = @Sendable (Session) async throws -> Void

    static let all: [Operation] = [
        { _ = try await ClusterStatus(session: $0).run() },
        { session in
            _ = try await Doctor(
                environment: session.environment, runner: session.runner, state: session.state,
                session: .success(session)
            ).run()
        },
        { _ = try await CacheList(session: $0).run() },
        { session in
            let clear = CacheClear(session: session, selection: .all)
            _ = try await clear.run(clear.plan())
        },
        { _ = try await Locks(session: $0).list() },
        { _ = try await Locks(session: $0).clear([]) },
        { _ = try await RegistryList(session: $0).run([]) },
        { _ = try await RegistryPrune(session: $0).run { _ in } },
        { _ = try await ImageVerification(session: $0).run(.allNamespaces) },
        { _ = try await WorkloadRestart(session: $0).run([WorkloadReference("deployment/fine")]) },
        { session in
            _ = try await NamespaceDeletion(session: session, namespace: NamespaceName("rec-a"))
                .run()
        },
        { session in
            _ = try await ObjectDeletion.reading(
                [session.environment["HOME"] ?? "/"], session: session
            )
            .run()
        },
        { _ = try await $0.objectNames("deployments") },
        { _ = try await Rollback(session: $0).run(nil) },
        { _ = try await Preload(session: $0, images: [ImageReference("busybox:1")]).run() },
        { _ = try await ClusterStop(session: $0).run() },
        { _ = try await Deploy(session: $0).run([]) },
        { _ = try await Deploy(session: $0, alwaysNewTags: true).run([]) },
        { session in
            let builder = ImageBuilder(session: session, usesCache: false)
            let images = try builder.select([])
            _ = try await builder.run(images, as: builder.newVersion(of: images))
        },
        { session in
            _ = try await ImageFix(
                session: session, verification: ImageVerification(session: session)
            ).run(.namespace("rec-a"))
        },
        { session in
            let permissions = UpPermissions(
                recreates: true, replacesForeign: true, confirm: { _ in })
            _ = try await ClusterUp(session: session, permissions: permissions).run()
        },
        { _ = try await ClusterUp(session: $0).run() },
        { _ = try await ClusterDown(session: $0, removesData: true).run() },
        { _ = try DeployHistory(session: $0).list() },
        { session in
            let folder = session.configuration.folder
            _ = try await Initialization(
                file: "\(folder)/new.yaml", runner: session.runner, isFree: { _ in true }
            ).run()
        },
    ]

    private static let records = Mutation(
        corpus: Samples.texts([
            #"{"version":1,"kind":"deploy","record":{"time":"2026-01-02T03:04:05.678Z","seconds":1.5,"#
                + #""namespace":"rec-a","images":[{"name":"hello","tag":"1","digest":"sha256:"#
                + String(repeating: "a", count: 64) + #""}],"steps":[{"name":"a","seconds":0.1}],"#
                + #""exitCode":0}}"# + "\n",
            #"{"version":1,"kind":"build","record":{"time":"2026-01-02T03:04:05.678Z","image":{"#
                + #""name":"hello","tag":"1","reference":"localhost:5051/hello:1"}}}"# + "\n",
        ]), words: ["\"version\":2", "\"kind\":\"deploy\"", "\n"])
    private static let project = Mutation(
        corpus: Samples.texts([
            "docker_build('hello', '.')\nk8s_yaml('web.yaml')\n", "a: [1, {b: c}]\n---\nd: e\n",
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", "FROM scratch\nCOPY . /\n",
        ]), words: ["{{", "---\n", "docker_build(", "COPY "])

    /// What earlier commands and other tools left: right, wrong, or nothing.
    static func leaveState(of session: Session, _ random: inout FuzzRandom) throws {
        let state = session.place.folder
        if !random.isOne(in: 3) {
            try AtomicFile.write(records.text(&random), to: "\(state)/records.jsonl")
        }
        if random.isOne(in: 10) {
            try AtomicFile.write(records.text(&random), to: "\(state)/cluster.json")
        }
        let folder = session.configuration.folder
        for name in ["Tiltfile", "compose.yaml", "web.yaml", "Containerfile", ".dockerignore"]
        where random.isOne(in: 3) {
            try AtomicFile.write(project.text(&random), to: "\(folder)/\(name)")
        }
    }

    static func session(_ runner: any Runner, _ folder: String) throws -> Session {
        for tool in ["podman", "kind", "kubectl", "curl", "git"] {
            try AtomicFile.makeFolder("\(folder)/bin")
            try AtomicFile.write(Data(), to: "\(folder)/bin/\(tool)", mode: 0o755)
        }
        try AtomicFile.write(Data("FROM scratch\n".utf8), to: "\(folder)/Containerfile")
        try AtomicFile.write(Data("kind: Deployment\n".utf8), to: "\(folder)/web.yaml")
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "metadata": ["name": "devcluster-demo"],
                "spec": [
                    "namespace": "rec-a",
                    "registry": ["name": "devcluster-demo-registry", "port": 5051],
                    "images": [["name": "hello", "context": "."]], "manifests": ["web.yaml"],
                ],
            ], folder: folder)
        let session = try Session(
            configuration: configuration, runner: runner, activity: Silence(),
            state: StateFolder(path: "\(folder)/state"),
            environment: ["PATH": "\(folder)/bin", "HOME": folder], command: "fuzz")
        let nodes = Dictionary(
            Truth.nodes.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        try session.place.record.write(
            ClusterRecord(
                phase: .ready, nodes: nodes, nodeImage: nil, registry: "devcluster-demo-registry",
                createdAt: Date(timeIntervalSince1970: 1.7e9)))
        return session
    }
}

/// Shows nothing.
private struct Silence: Activity {
    func report(_ event: ActivityEvent) {}
}
