import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Forwards
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary
@testable import Workloads

struct ClusterDownTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession()
        engine.install(sample.runner)
    }

    private func down(registry: Bool = false, data: Bool = false) async throws -> DownReport {
        try await ClusterDown(
            session: sample.session, removesRegistry: registry, removesData: data
        ).run()
    }

    private func expectDelete() {
        runner.expect("kind", ["delete", "cluster", "--name", "devcluster-demo"]) { [engine] _ in
            engine.remove(SampleEngine.nodes)
            return .ok()
        }
    }

    @Test func `a cluster of ours is deleted and forgotten, its registry stays`() async throws {
        try sample.remember()
        try AtomicFile.write(Data(), to: sample.place.kubeconfig)
        expectDelete()
        #expect(try await down().deleted == ["cluster devcluster-demo"])
        #expect(runner.changes == ["kind delete cluster"])
        #expect(try sample.place.record.read() == nil)
        #expect(!FileManager.default.fileExists(atPath: sample.place.kubeconfig))
    }

    @Test func `deleting twice is no error`() async throws {
        try sample.remember()
        expectDelete()
        _ = try await down()
        #expect(try await down().deleted.isEmpty)
    }

    @Test func `a cluster of others is not deleted, and nothing else either`() async throws {
        runner.expectKubectl(["get", "nodes,configmaps"], returning: .failure(1), times: 2)
        let process = try SleepingProcess()
        try ForwardLedger(folder: sample.place.folder).write(
            sampleForward("a", process: process.identity))
        let error = await #expect(throws: DevClusterError.self) {
            try await down(registry: true, data: true)
        }
        #expect(error?.message.contains("does not delete it") == true)
        #expect(runner.changes.isEmpty)
        #expect(process.identity.isAlive)
    }

    @Test func `forwards to the cluster are ended with it`() async throws {
        try sample.remember()
        let process = try SleepingProcess()
        try ForwardLedger(folder: sample.place.folder).write(
            sampleForward("hello", process: process.identity))
        expectDelete()
        #expect(try await down().deleted == ["port-forward hello", "cluster devcluster-demo"])
        #expect(!process.identity.isAlive)
    }

    @Test func `the registry goes when asked for, its images only with the data`() async throws {
        try sample.remember()
        expectDelete()
        runner.expect("podman", ["ps", "--all", "--format"])
        runner.expect("podman", ["rm", "--force", "-t", "0", "devcluster-demo-registry"])
        #expect(
            try await down(registry: true).deleted == [
                "cluster devcluster-demo", "registry devcluster-demo-registry",
            ])
    }

    @Test func `with the data the volumes of registry and mirrors go, and no others`() async throws
    {
        engine.remove(SampleEngine.nodes)
        let mirror = "devcluster-demo-registry-mirror-quay-io"
        runner.expect(
            "podman", ["ps", "--all", "--format"],
            returning: .ok("\(mirror)\nanother-registry-mirror-quay-io\n"))
        runner.expect("podman", ["rm", "--force"], times: 2)
        runner.expect(
            "podman", ["volume", "ls", "--quiet"],
            returning: .ok("devcluster-demo-registry-data\n\(mirror)-data\nanother-data\n"),
            times: 3)
        runner.expect("podman", ["volume", "rm", "\(mirror)-data"])
        runner.expect("podman", ["volume", "rm", "devcluster-demo-registry-data"])
        #expect(
            try await down(data: true).deleted == [
                "mirror \(mirror)", "volume \(mirror)-data", "registry devcluster-demo-registry",
                "volume devcluster-demo-registry-data",
            ])
    }

    /// Removes the registry where the engine also has a cluster `other`.
    private func downBesideOther(_ runner: ScriptedRunner) async throws {
        engine.remove(SampleEngine.nodes)
        try runner.expectKindNodes(of: ["other"])
        engine.install(runner)
        let session = try Session(
            configuration: sample.session.configuration, runner: runner,
            activity: sample.activity, state: sample.session.state,
            environment: sample.session.environment, command: "devcluster down")
        _ = try await ClusterDown(session: session, removesRegistry: true).run()
    }

    @Test func `a registry that another cluster of ours uses is kept`() async throws {
        let other = sample.session.state.cluster(.podman, "other")
        try StoredFile<ClusterRecord>(path: other + "/cluster.json").write(
            ClusterRecord(
                phase: .ready, nodes: [:], nodeImage: nil, registry: "devcluster-demo-registry",
                createdAt: Date()))
        let runner = ScriptedRunner()
        let error = await #expect(throws: DevClusterError.self) {
            try await downBesideOther(runner)
        }
        #expect(error?.message.contains("is also used by the cluster other") == true)
        #expect(runner.changes.isEmpty)
    }

    @Test func `a registry that the nodes of somebody else's cluster pull from is kept`()
        async throws
    {
        let runner = ScriptedRunner()
        let wiring = "other-control-plane:/etc/containerd/certs.d/localhost:5051/hosts.toml"
        runner.expect("podman", ["cp", wiring, "-"])
        let error = await #expect(throws: DevClusterError.self) {
            try await downBesideOther(runner)
        }
        #expect(error?.message.contains("is also used by the cluster other") == true)
        #expect(runner.changes.isEmpty)
    }

    @Test func `a registry used by a cluster that is gone is not kept for it`() async throws {
        engine.remove(SampleEngine.nodes)
        let other = sample.session.state.cluster(.podman, "other")
        try StoredFile<ClusterRecord>(path: other + "/cluster.json").write(
            ClusterRecord(
                phase: .ready, nodes: [:], nodeImage: nil, registry: "devcluster-demo-registry",
                createdAt: Date()))
        runner.expect("podman", ["ps", "--all", "--format"])
        runner.expect("podman", ["rm", "--force"])
        #expect(
            try await down(registry: true).deleted == ["registry devcluster-demo-registry"])
    }

    @Test func `a registry of others is not removed`() async throws {
        engine.remove(SampleEngine.nodes)
        engine.replace("devcluster.dev/managed", with: "other")
        let error = await #expect(throws: DevClusterError.self) { try await down(registry: true) }
        #expect(error?.message.contains("was not made by devcluster") == true)
        #expect(runner.changes.isEmpty)
    }

    @Test func `claims that would be lost are listed; silence is not none`() async throws {
        // A guess: the lab's cluster has no storage class to bind a claim with.
        runner.expectKubectl(
            ["get", "persistentvolumeclaims"],
            returning: .ok(
                """
                {"items": [{"metadata": {"name": "data", "namespace": "a"}, "status": {"phase":
                "Bound"}}, {"metadata": {"name": "new"}, "status": {"phase": "Pending"}}]}
                """))
        let down = ClusterDown(session: sample.session)
        #expect(await down.boundClaims() == [BoundClaim(namespace: "a", name: "data")])
        runner.expectKubectl(["get", "persistentvolumeclaims"], returning: .failure(1))
        #expect(await down.boundClaims() == nil)
    }
}
