import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Sessions
@testable import Settings
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

/// A session with a scripted runner and a state folder of its own; nothing is installed.
struct SampleSession {
    let folder: TemporaryFolder
    let runner: ScriptedRunner
    let activity = RecordedActivity()
    let session: Session

    /// A session for the recorded cluster `devcluster-demo`, whose registry is at 5051.
    ///
    /// - Parameter spec: members of `spec`; without a registry the recorded one's are added.
    /// - Parameter more: further members of that registry.
    init(
        _ spec: [String: JSONValue] = [:], registryPort: Int = 5051,
        registry more: [String: JSONValue] = [:],
        runner: ScriptedRunner = ScriptedRunner(), environment: [String: String] = [:],
        lockWait: Duration = .zero, isDryRun: Bool = false, allowedContext: String? = nil,
        hasNameService: Bool = false
    ) throws {
        folder = try TemporaryFolder()
        // The session looks its tools up; they are never started.
        for tool in ["podman", "kind", "kubectl", "curl"] {
            try folder.write("", to: "bin/\(tool)", mode: 0o755)
        }
        self.runner = runner
        var whole = spec
        let registry: [String: JSONValue] = [
            "name": "devcluster-demo-registry", "port": .integer(Int64(registryPort)),
            "volume": "devcluster-demo-registry-data",
            "image": "docker.io/library/registry:2",
        ]
        whole["registry"] = whole["registry"] ?? .object(registry.merging(more) { $1 })
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "metadata": ["name": "devcluster-demo"], "spec": .object(whole),
            ], folder: folder.path)
        session = try Session(
            configuration: configuration, runner: runner, activity: activity,
            state: StateFolder(path: folder.file("state")),
            environment: ["PATH": folder.file("bin")].merging(environment) { $1 },
            command: "devcluster test", lockWait: lockWait, isDryRun: isDryRun,
            allowedContext: allowedContext,
            nameServiceFolder: hasNameService ? folder.file("run/networks/aardvark-dns") : nil)
    }

    var place: ClusterPlace { session.place }

    /// Remembers the recorded cluster as one that was made by us.
    func remember(
        _ phase: ClusterRecord.Phase = .ready, nodes states: [String] = ["control-plane", "worker"]
    ) throws {
        let nodes = try states.map { try Fixture.container($0) }
        try place.record.write(
            ClusterRecord(
                phase: phase,
                nodes: Dictionary(uniqueKeysWithValues: nodes.map { ($0.name, $0.id) }),
                nodeImage: nil, registry: place.registry.name, createdAt: Date()))
    }
}

/// Keeps what was reported.
final class RecordedActivity: Activity {
    private let events = Mutex<[ActivityEvent]>([])

    func report(_ event: ActivityEvent) {
        events.withLock { $0.append(event) }
    }

    var warnings: [String] {
        events.withLock { $0 }.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    var notes: [String] {
        events.withLock { $0 }.compactMap { if case .note(let text) = $0 { text } else { nil } }
    }

    var cancelled: [String] {
        events.withLock { $0 }.compactMap {
            if case .cancelled(_, let name, _) = $0 { name } else { nil }
        }
    }

    var rollouts: [RolloutProgress] {
        events.withLock { $0 }.compactMap {
            if case .rollout(_, let progress) = $0 { progress } else { nil }
        }
    }

    var progress: [String] {
        events.withLock { $0 }.compactMap {
            if case .progressed(_, let detail) = $0 { detail } else { nil }
        }
    }
}

extension ScriptedRunner {
    /// Expects a kubectl call whose arguments, after those that say where, begin with these.
    /// The control planes of these kind clusters, as an engine lists and inspects them.
    func expectKindNodes(of clusters: [String], times: Int? = 1) throws {
        let names = clusters.map { "\($0)-control-plane" }
        expect(
            "podman", ["ps", "--all", "--filter", "label=io.x-k8s.kind.cluster", "--format"],
            returning: .ok(names.map { $0 + "\n" }.joined()), times: times)
        guard !names.isEmpty else { return }
        let label = #""io.x-k8s.kind.cluster": "#
        let nodes = try clusters.map { cluster in
            try Fixture.inspect(
                ["control-plane"],
                replacing: [
                    "devcluster-demo-control-plane": "\(cluster)-control-plane",
                    label + #""devcluster-demo""#: label + "\"\(cluster)\"",
                ]
            ).dropFirst().dropLast()
        }
        expect(
            "podman", ["inspect", "--type", "container"] + names,
            returning: .ok("[\(nodes.joined(separator: ","))]"), times: times)
    }

    func expectKubectl(
        _ arguments: [String], returning outcome: Outcome = .ok(), times: Int? = 1,
        namespace: String? = nil
    ) {
        expectKubectl(arguments, times: times, namespace: namespace) { _ in outcome }
    }

    func expectKubectl(
        _ arguments: [String], times: Int? = 1, namespace: String? = nil,
        printing first: String = "", answering answer: @escaping Answer
    ) {
        expect(
            where: { invocation in
                guard invocation.tool == "kubectl" else { return false }
                let rest = invocation.arguments.afterPlace
                if let namespace, !invocation.arguments.contains(["--namespace", namespace]) {
                    return false
                }
                return rest.starts(with: arguments)
            }, named: "kubectl … " + arguments.joined(separator: " "), times: times,
            printing: Data(first.utf8), answering: answer)
    }

    /// The kubectl calls so far, without the arguments that say where.
    var kubectlCalls: [String] {
        calls.filter { $0.tool == "kubectl" }.map { $0.arguments.afterPlace.joined(separator: " ") }
    }
}

extension [String] {
    /// kubectl's arguments after `--kubeconfig`, `--context` and `--namespace`.
    fileprivate var afterPlace: ArraySlice<String> {
        var rest = self[...]
        while let first = rest.first, ["--kubeconfig", "--context", "--namespace"].contains(first) {
            rest = rest.dropFirst(2)
        }
        return rest
    }

    fileprivate func contains(_ pair: [String]) -> Bool {
        zip(self, dropFirst()).contains { [$0, $1] == pair }
    }
}

extension Invocation {
    /// What the child reads, also when it is a secret.
    var inputText: String {
        switch input {
        case .none: ""
        case .bytes(let data), .secret(let data), .partlySecret(let data, _, _, _):
            String(decoding: data, as: UTF8.self)
        }
    }
}
