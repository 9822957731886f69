import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Sessions
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

struct ClusterCreationTests {
    private let sample: SampleSession
    private let engine = SampleEngine([SampleEngine.registry])
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession([
            "cluster": ["workers": 1, "nodeImage": "localhost/devlab/node:v1.20.2"]
        ])
        engine.install(sample.runner)
    }

    private func up(recreates: Bool = false) async throws -> UpReport {
        try await ClusterUp(
            session: sample.session, permissions: UpPermissions(recreates: recreates)
        ).run()
    }

    @Test func `a cluster is made, wired, proven and remembered`() async throws {
        try runner.expectCreation(in: engine)
        let report = try await up()
        #expect(report.changes == ["created the cluster"])
        #expect(report.nodes == SampleEngine.nodes)
        let create = try #require(runner.calls.first { $0.arguments.first == "create" })
        #expect(create.arguments.contains("localhost/devlab/node:v1.20.2"))
        #expect(create.arguments.contains(sample.place.kubeconfig))
        let nodes = try JSONValue(parsing: create.inputText)["nodes"]
        #expect(nodes == [["role": "control-plane"], ["role": "worker"]])
        let record = try #require(try sample.place.record.read())
        #expect(record.phase == .ready)
        #expect(record.nodes["devcluster-demo-worker"] == (try Fixture.container("worker").id))
        #expect(record.registry == "devcluster-demo-registry")
    }

    @Test func `a half-made cluster is deleted and made anew`() async throws {
        engine.add(SampleEngine.nodes)
        try sample.remember(.creating, nodes: [])
        runner.expect("kind", ["delete", "cluster", "--name", "devcluster-demo"]) { [engine] _ in
            engine.remove(SampleEngine.nodes)
            return .ok()
        }
        try runner.expectCreation(in: engine)
        let report = try await up()
        #expect(
            report.changes == [
                "deleted the old cluster, it never became ready", "created the cluster",
            ])
        #expect(runner.changes.first == "kind delete cluster")
    }

    @Test func `recreating deletes first`() async throws {
        engine.add(SampleEngine.nodes)
        try sample.remember()
        runner.expect("kind", ["delete", "cluster"]) { [engine] _ in
            engine.remove(SampleEngine.nodes)
            return .ok()
        }
        try runner.expectCreation(in: engine)
        let report = try await up(recreates: true)
        #expect(report.changes == ["deleted the old cluster, as asked", "created the cluster"])
    }

    @Test func `tools that are not installed are named before anything is begun`() async throws {
        for tool in ["kind", "curl"] {
            try FileManager.default.removeItem(atPath: sample.folder.file("bin/\(tool)"))
        }
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(error?.code == .unavailable)
        #expect(error?.message == "'kind', 'curl' are not installed")
        #expect(error?.hint?.contains("https://kind.sigs.k8s.io") == true)
        #expect(runner.calls.isEmpty)
        #expect(try sample.place.record.read() == nil)
    }

    @Test func `a network without a name service is found before kind starts`() async throws {
        let sample = try SampleSession(registryPort: freePort())
        sample.runner.expect(
            "kubectl", ["config", "view"],
            returning: .ok(try Fixture.text("kubectl-1.32.4-config-view.json")))
        sample.runner.expect("podman", ["ps"], times: nil)
        sample.runner.expect(
            "podman", ["inspect"], returning: .failure(125, output: "[]\n"), times: nil)
        // podman 4.3.1 after 'network create --disable-dns kind'
        sample.runner.expect(
            "podman", ["network", "inspect", "kind", "--format", "{{.DNSEnabled}}"],
            returning: .ok("false\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await ClusterUp(session: sample.session).run()
        }
        #expect(error?.message.contains("has no name service") == true)
        #expect(sample.runner.changes.isEmpty)
    }

    @Test func `an unreadable kubeconfig is found before kind starts`() async throws {
        runner.expectCurl("get-v2")
        runner.expect(
            "kubectl", ["config", "view"],
            // kubectl 1.32.4, a file that is no YAML.
            returning: .failure(
                1,
                stderr: "error: error loading config file \"/tmp/kc.yaml\": yaml: line 1: did not"
                    + " find expected ',' or '}'\n"))
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(error?.message.contains("the kubeconfig cannot be read") == true)
        #expect(runner.count("kind") == 0)
        #expect(try sample.place.record.read() == nil)
    }

    @Test func `a registry's name that others use is found before kind starts`() async {
        engine.replace("docker.io/library/registry:2", with: "docker.io/library/nginx:1")
        engine.replace("devcluster.dev/managed", with: "other")
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(error?.message.contains("which is no registry") == true)
        #expect(error?.hint?.contains("spec.registry.name") == true)
        #expect(runner.count("kind") == 0)
    }

    @Test func `a busy registry port is found before kind starts, with its holder`() async throws {
        let socket = try ListeningSocket()
        let sample = try SampleSession(registryPort: socket.port)
        SampleEngine([]).install(sample.runner)
        let error = await #expect(throws: DevClusterError.self) {
            try await ClusterUp(session: sample.session).run()
        }
        #expect(error?.message.hasPrefix("port \(socket.port) is needed for the registry") == true)
        #expect(error?.hint?.contains("spec.registry.port") == true)
        #expect(sample.runner.count("kind") == 0)
    }

    @Test func `after kind failed, a cluster somebody makes by hand is not taken for our wreck`()
        async throws
    {
        let failure = Outcome.failure(
            1, stderr: try Fixture.text("kind-0.27.0-create-no-image.txt"))
        runner.expect("kind", ["create", "cluster"], returning: failure)
        try runner.expectHealthyCluster()
        let error = await #expect(throws: InvocationError.self) { try await up() }
        #expect(error?.tail.contains("failed to pull image") == true)
        #expect(try sample.place.record.read() == nil)
    }

    /// kind does not wait for its `podman run` of other nodes when one fails.
    @Test(arguments: [true, false])
    func `nodes that a failed kind left are removed, or remembered as our wreck`(canDelete: Bool)
        async throws
    {
        runner.expect("kind", ["create", "cluster"]) { [engine] _ in
            engine.add(["devcluster-demo-worker"])
            return .failure(
                1, stderr: "ERROR: failed to create cluster: command failed: signal: killed\n")
        }
        runner.expect("kind", ["delete", "cluster"]) { [engine] _ in
            guard canDelete else { return .failure(1, stderr: "ERROR: failed to delete nodes\n") }
            engine.remove(["devcluster-demo-worker"])
            return .ok()
        }
        try runner.expectHealthyCluster()
        await #expect(throws: InvocationError.self) { try await up() }
        #expect(try sample.place.record.read()?.phase == (canDelete ? nil : .creating))
    }

    @Test func `nodes that somebody made at the same time are not`() async throws {
        runner.expect("kind", ["create", "cluster"]) { [engine] _ in
            engine.add(SampleEngine.nodes)
            // kind 0.27.0
            return .failure(
                1,
                stderr: "ERROR: failed to create cluster: node(s) already exist for a cluster with"
                    + " the name \"devcluster-demo\"\n")
        }
        try runner.expectHealthyCluster()
        await #expect(throws: InvocationError.self) { try await up() }
        #expect(try sample.place.record.read() == nil)
    }

    @Test func `a creation that was cut short is remembered as one`() async throws {
        runner.expect("kind", ["create", "cluster"], throwing: .timedOut)
        try runner.expectHealthyCluster()
        await #expect(throws: InvocationError.self) { try await up() }
        #expect(try sample.place.record.read()?.phase == .creating)
    }

    @Test func `mirrors in the user's kind file are refused before kind starts`() async throws {
        try sample.folder.write("", to: "kind.yaml")
        let sample = try SampleSession(["cluster": ["kindConfig": "kind.yaml"]])
        SampleEngine([SampleEngine.registry]).install(sample.runner)
        sample.runner.expectCurl("get-v2")
        sample.runner.expect(
            "kubectl", ["config", "view"],
            returning: .ok(try Fixture.text("kubectl-1.32.4-config-view-empty.json")))
        sample.runner.expect(
            "kubectl", ["annotate"],
            returning: .ok(
                #"{"containerdConfigPatches":["[plugins.\"cri\".registry.mirrors.\"x\"]"],"#
                    + #""kind":"Cluster","metadata":{"annotations":{}}}"# + "\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await ClusterUp(session: sample.session).run()
        }
        #expect(error?.message.contains("registry.mirrors") == true)
        #expect(try sample.place.record.read() == nil)
    }
}
