import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

/// The real tools, with one cluster that all live tests share.
///
/// `DEVCLUSTER_LIVE=1` turns the tests on. `DEVCLUSTER_NODE_IMAGE`, `DEVCLUSTER_REGISTRY_IMAGE` and
/// `DEVCLUSTER_BASE_IMAGE` name images where the public ones cannot be pulled.
final class LiveWorld: Sendable {
    static let isOn = ProcessInfo.processInfo.environment["DEVCLUSTER_LIVE"] != nil
    /// Whether the tests that take minutes each run too.
    static let isLong = ProcessInfo.processInfo.environment["DEVCLUSTER_LIVE"] == "all"

    /// The shared world; set by `SharedCluster` while the tests run.
    static var current: LiveWorld {
        get throws { try #require(shared.withLock { $0 }, "the shared cluster is not there") }
    }
    static let shared = Mutex<LiveWorld?>(nil)

    let folder: String
    let cluster: String
    let registry: String
    let registryPort: Int
    let forwardPort: Int
    let environment: [String: String]
    let runner = SystemRunner()

    static let baseImage =
        ProcessInfo.processInfo.environment["DEVCLUSTER_BASE_IMAGE"]
        ?? "docker.io/library/busybox:1.36"

    static let registryImage =
        ProcessInfo.processInfo.environment["DEVCLUSTER_REGISTRY_IMAGE"]
        ?? "docker.io/library/registry:2"

    init() throws {
        let id = "dct-\(getpid())-\(String(UInt16.random(in: 0...UInt16.max), radix: 16))"
        folder = NSTemporaryDirectory() + id
        cluster = id
        registry = "\(id)-registry"
        registryPort = freePort()
        forwardPort = freePort()
        environment = [
            "DEVCLUSTER_STATE": "\(folder)/state", "KUBECONFIG": "\(folder)/kubeconfig",
            "DEVCLUSTER_RUN": id, "NO_COLOR": "1",
            "KIND_EXPERIMENTAL_PROVIDER": "\(LiveWorld.engine)",
        ]
        for name in ["state", "app/www"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        try write("app/www/index.html", "first")
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }

    static let executable = ExecutableUnderTest.path

    /// Runs devcluster in the application's folder.
    @discardableResult
    func devcluster(
        _ arguments: String..., environment more: [String: String] = [:],
        deadline: Duration = .seconds(400), folder name: String = "app"
    ) async throws -> Outcome {
        try await runner.run(
            Invocation(
                LiveWorld.executable, arguments,
                environment: environment.merging(more) { $1 }, directory: "\(folder)/\(name)",
                deadline: deadline))
    }

    /// Runs any tool and expects it to succeed.
    @discardableResult
    func tool(_ name: String, _ arguments: String..., input: String? = nil) async throws -> String {
        try await runner.run(
            Invocation(
                name, arguments, environment: environment,
                input: input.map { .bytes(Data($0.utf8)) } ?? .none, deadline: .seconds(180))
        ).orFailure.text
    }

    /// Runs kubectl in the cluster and expects it to succeed.
    @discardableResult
    func kubectl(_ arguments: String..., input: String? = nil) async throws -> String {
        try await runner.run(
            Invocation(
                "kubectl", ["--context", "kind-\(cluster)"] + arguments, environment: environment,
                input: input.map { .bytes(Data($0.utf8)) } ?? .none, deadline: .seconds(180))
        ).orFailure.text
    }

    /// The first of these versions in which the API server has a resource, such as `cronjobs`.
    func version(of resource: String, _ versions: String...) async throws -> String {
        for version in versions {
            let list = try? await kubectl("get", "--raw", "/apis/\(version)")
            if list?.contains("\"name\":\"\(resource)\"") == true { return version }
        }
        throw ToolFailure(description: "the API server has no \(resource) in \(versions)")
    }

    /// Waits until a condition holds.
    func eventually(
        _ what: String, within limit: Duration = .seconds(180),
        _ condition: () async throws -> Bool
    ) async throws {
        try #require(
            try await TestSupport.eventually(
                within: limit, every: .milliseconds(200), condition),
            "not within \(limit): \(what)")
    }

    /// Writes `devcluster.yaml` of the application; `spec` is YAML below `spec:`, indented by two.
    func configure(_ spec: String) throws {
        try write(
            "app/devcluster.yaml",
            """
            apiVersion: devcluster.dev/v1
            kind: DevCluster
            metadata: {name: \(cluster)}
            spec:
              cluster: {workers: 1}
              registry: {name: \(registry), port: \(registryPort), volume: \(registry)-data}
            \(spec)
            """)
    }

    /// The application with a single image `web`, in a namespace of its own.
    func configureWeb(namespace: String, forwards: String = "[]") throws {
        try configure(
            """
              namespace: \(namespace)
              images: [{name: web, buildArgs: {BASE: "\(LiveWorld.baseImage)"}}]
              manifests: [web.yaml]
              forwards: \(forwards)
            """)
        try write("app/Containerfile", LiveWorld.containerfile)
        try write("app/web.yaml", LiveWorld.webManifest(image: "web"))
    }

    /// The base image in the cluster's own registry.
    func pushedBase() async throws -> String {
        let reference = "localhost:\(registryPort)/base:1"
        try await push(LiveWorld.baseImage, as: reference)
        return reference
    }

    static let containerfile = """
        ARG BASE
        FROM ${BASE}
        COPY www /www
        CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]

        """

    static func webManifest(image: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: web
                image: \(image)
                imagePullPolicy: IfNotPresent
                readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}

        """
    }
}

/// The last line of `--json` as a dictionary.
func result(_ outcome: Outcome) throws -> [String: Any] {
    let last = try #require(outcome.text.split(separator: "\n").last, "\(outcome.errorText)")
    return try #require(
        try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
}

/// Makes the cluster before the first live test, and removes everything after the last.
struct SharedCluster: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        let world = try LiveWorld()
        LiveWorld.shared.withLock { $0 = world }
        do {
            try await LeftoversOfDeadRuns.remove(world)
            try await body()
        } catch {
            await cleanUp(world)
            throw error
        }
        await cleanUp(world)
    }

    private func cleanUp(_ world: LiveWorld) async {
        guard ProcessInfo.processInfo.environment["DEVCLUSTER_LIVE_KEEP"] == nil else { return }
        _ = try? await world.devcluster("pf", "cleanup")
        _ = try? await world.devcluster("demo", "--clean", "--yes")
        try? world.configure("  namespace: default")
        _ = try? await world.devcluster("down", "--data", "--yes")
        await removeImages(world)
        LiveWorld.shared.withLock { $0 = nil }
        try? FileManager.default.removeItem(atPath: world.folder)
    }

    /// Hundreds are made in a run, and each makes every command of podman slower.
    private func removeImages(_ world: LiveWorld) async {
        let list = try? await world.engine("images", "--format", "{{.Repository}}:{{.Tag}}")
        let names = (list ?? "").split(separator: "\n").map(String.init).filter {
            !$0.hasSuffix(":<none>")
                && ($0.hasPrefix("localhost:\(world.registryPort)/")
                    || $0.hasPrefix("localhost/\(world.cluster)"))
        }
        guard !names.isEmpty else { return }
        _ = try? await world.runner.run(
            Invocation(
                "\(LiveWorld.engine)", ["rmi", "--force"] + names, deadline: .seconds(300)))
    }
}

/// What test runs that were killed left behind: their names hold the dead process's id.
enum LeftoversOfDeadRuns {
    static func remove(_ world: LiveWorld) async throws {
        for name in try await dead(["ps", "--all", "--format", "{{.Names}}"], world) {
            _ = try? await world.remove(name, volumes: true)
        }
        for name in try await dead(["volume", "ls", "--quiet"], world) {
            _ = try? await world.engine("volume", "rm", name)
        }
    }

    private static func dead(_ list: [String], _ world: LiveWorld) async throws -> [String] {
        let text = try await world.engine(list)
        return text.split(separator: "\n").map(String.init).filter { name in
            let parts = name.split(separator: "-")
            guard name.hasPrefix("dct-"), parts.count > 2, let pid = Int32(parts[1]) else {
                return false
            }
            return kill(pid, 0) != 0
        }
    }
}

/// All live tests: one cluster, one after the other.
@Suite(.serialized, .enabled(if: LiveWorld.isOn), SharedCluster())
struct Live {}

/// A tool that did not do what a test needed, with all that it said.
struct ToolFailure: Error, CustomStringConvertible {
    var description: String
}

extension Outcome {
    /// Itself, when the tool succeeded.
    var orFailure: Outcome {
        get throws {
            guard !succeeded else { return self }
            throw ToolFailure(
                description: "'\(invocation.shellQuoted)' \(exit): \(text)\(errorText)")
        }
    }
}
