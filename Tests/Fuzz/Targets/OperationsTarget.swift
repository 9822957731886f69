import ChildProcess
import Foundation
import Synchronization

@testable import DevCluster

extension FuzzTarget {
    /// Whole commands, whose tools lie.
    ///
    /// A thousandth of all executions: each is tens of runs of tools, and may wait for a while.
    static let operations = FuzzTarget(name: "operations", share: 14) { random in
        let folder = NSTemporaryDirectory() + "devcluster-fuzz-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let liar = LyingRunner(salt: random.next(), folder: folder)
        let session = try Operations.session(liar, folder)
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
            _ = try await NamespaceDeletion(session: session, namespace: NamespaceName("shop"))
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
    ]

    static func session(_ runner: any Runner, _ folder: String) throws -> Session {
        for tool in ["podman", "kind", "kubectl", "curl", "git"] {
            try AtomicFile.makeFolder("\(folder)/bin")
            try AtomicFile.write(Data(), to: "\(folder)/bin/\(tool)", mode: 0o755)
        }
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "metadata": ["name": "devcluster-demo"],
                "spec": [
                    "namespace": "shop",
                    "registry": ["name": "devcluster-demo-registry", "port": 5051],
                    "images": [["name": "web", "context": "."]],
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
