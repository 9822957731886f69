import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Sessions
@testable import StateFiles
@testable import Tools
@testable import Vocabulary

struct ClusterUpTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession(["cluster": ["workers": 1]])
        engine.install(sample.runner)
    }

    private func up(recreates: Bool = false) async throws -> UpReport {
        try await ClusterUp(
            session: sample.session, permissions: UpPermissions(recreates: recreates)
        ).run()
    }

    @Test func `a healthy cluster is looked at once, and nothing is changed`() async throws {
        try sample.remember()
        try runner.expectHealthyCluster()
        let report = try await up()
        #expect(report.changes.isEmpty)
        #expect(report.nodes == SampleEngine.nodes)
        #expect(report.context == "kind-devcluster-demo")
        #expect(report.registry == "localhost:5051")
        #expect(runner.changes.isEmpty)
        // Containers, API, registry, a pull in each node; and, as nobody did before, where the
        // user's kubeconfig leads.
        #expect(runner.calls.count == 6)
    }

    @Test func `a stopped node is started, and the cluster mended`() async throws {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        let report = try await up()
        #expect(report.changes == ["started devcluster-demo-worker"])
        #expect(sample.activity.notes.contains("node devcluster-demo-worker is exited"))
        #expect(runner.changes.first == "podman start devcluster-demo-worker")
        // Readiness is believed only with a heartbeat after the start.
        #expect(runner.kubectlCalls.contains { $0.hasPrefix("get nodes,leases") })
    }

    @Test func `a node whose containerd is gone is restarted`() async throws {
        try sample.remember()
        engine.silence("devcluster-demo-worker")
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        let report = try await up()
        #expect(report.changes == ["restarted devcluster-demo-worker"])
        #expect(runner.changes.first == "podman restart -t")
    }

    @Test func `a kubeconfig that cannot be read is named, and what ran beside it is cut short`()
        async throws
    {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expect(
            where: { $0.arguments.starts(with: ["config", "view"]) && $0.arguments.count == 5 },
            named: "the user's kubeconfig", times: nil
        ) { _ in
            .failure(
                1,
                stderr: "error: error loading config file \"/tmp/kc.yaml\": yaml: line 1: did not"
                    + " find expected ',' or '}'\n")
        }
        runner.expect(
            where: { $0.arguments.contains { $0.contains("crictl pull") } }, named: "pull proof",
            times: nil
        ) { _ in
            try await Task.sleep(for: .seconds(60))
            return .ok()
        }
        try runner.expectHealthyCluster()
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(error?.message.contains("the kubeconfig cannot be read") == true)
        #expect(sample.activity.cancelled == ["every node pulls from the registry"])
    }

    @Test func `a restarted node is ready when its kubelet has said so since`() async throws {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        // What the API still has of before: the new kubelet has renewed its lease only.
        runner.expectKubectl(
            ["get", "nodes,leases"],
            returning: .ok(
                try Fixture.cluster("nodes-leases")
                    .replacing("renewTime\":\"2026", with: "renewTime\":\"2099")))
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        _ = try await up()
        #expect(runner.kubectlCalls.count { $0.hasPrefix("get nodes,leases") } == 2)
        #expect(sample.activity.progress.contains("waiting for devcluster-demo-worker"))
    }

    @Test func `a network that was deleted under all nodes is made anew`() async throws {
        try sample.remember()
        engine.replace("\"kind\": {", with: "\"other\": {")
        try runner.expectHealthyCluster()
        runner.expect(
            "podman", ["network", "inspect", "kind"],
            returning: .failure(
                125, stderr: "Error: network kind: network not found\n", output: "[]\n"))
        runner.expect("podman", ["network", "create", "--driver", "bridge", "--ipv6", "kind"])
        runner.expect("podman", ["network", "inspect", "kind"], times: nil)
        runner.expect("podman", ["network", "connect", "kind"], times: 2)
        runner.expect("podman", ["image", "inspect"])
        runner.expect("podman", ["rm"], times: 2)
        runner.expect(
            "podman", ["volume", "ls"], returning: .ok("devcluster-demo-registry-data\n"))
        runner.expect("podman", ["run"])
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        let changes = try await up().changes
        #expect(changes.first == "made the network 'kind' anew")
        #expect(changes.contains("connected devcluster-demo-worker to the network"))
    }

    @Test func `nodes whose removal was killed half way are removed, and count as gone`()
        async throws
    {
        try sample.remember(.creating, nodes: [])
        engine.halfRemove("devcluster-demo-worker")
        engine.remove(["devcluster-demo-control-plane"])
        runner.expect("podman", ["rm", "--force"]) { [engine] _ in
            engine.remove(["devcluster-demo-worker"])
            return .ok()
        }
        try runner.expectCreation(in: engine)
        #expect(
            try await up().changes == [
                "removed what was left of devcluster-demo-worker", "created the cluster",
            ])
    }

    @Test func `hosts files are written for both names of the registry`() async throws {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        _ = try await up()
        let script = try #require(
            runner.calls.first { $0.arguments.contains("--interactive") }?.inputText)
        for host in ["localhost:5051", "devcluster-demo-registry:5000"] {
            #expect(script.contains("cat > '/etc/containerd/certs.d/\(host)/hosts.toml'"))
        }
        #expect(script.contains("server = \"http://devcluster-demo-registry:5000\""))
    }

    @Test func `a cluster of others is neither changed nor deleted`() async throws {
        runner.expectKubectl(
            ["get", "nodes,configmaps"],
            returning: .ok(
                try Fixture.cluster("nodes-configmaps").replacing(
                    #""name":"devcluster","#, with: #""name":"another","#)), times: 2)
        for recreates in [false] {
            let error = await #expect(throws: DevClusterError.self) {
                try await up(recreates: recreates)
            }
            #expect(error?.message.contains("was not made by devcluster") == true)
            #expect(error?.hint?.contains("kind delete cluster --name devcluster-demo") == true)
        }
        #expect(runner.changes.isEmpty)
    }

    @Test func `recreating does not delete a cluster of others either`() async throws {
        runner.expectKubectl(["get", "nodes,configmaps"], returning: .failure(1), times: 2)
        await #expect(throws: DevClusterError.self) { try await up(recreates: true) }
        #expect(runner.changes.isEmpty)
    }

    @Test func `a record of other containers does not make a cluster ours`() async throws {
        try sample.remember(nodes: ["foreign"])
        runner.expectKubectl(["get", "nodes,configmaps"], returning: .failure(1), times: nil)
        runner.expectCurl("refused", times: nil)
        runner.expect("podman", ["exec"], returning: .failure(1), times: nil)
        await #expect(throws: DevClusterError.self) { try await up() }
        #expect(runner.changes.isEmpty)
    }

    @Test func `a lost state folder is made up for by the cluster's own word`() async throws {
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        let report = try await up()
        #expect(report.changes == ["restored what was not right"])
        #expect(try sample.place.record.read()?.phase == .ready)
        #expect(try sample.place.record.read()?.nodes.count == 2)
    }

    @Test func `a node that was replaced is damage, with the way out`() async throws {
        try sample.remember()
        engine.remove(["devcluster-demo-worker"])
        try runner.expectHealthyCluster()
        runner.expectKubectl(
            ["get", "persistentvolumeclaims"],
            returning: .ok(
                #"{"items": [{"metadata": {"name": "data", "namespace": "shop"}, "#
                    + #""status": {"phase": "Bound"}}]}"#))
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(error?.message.contains("node devcluster-demo-worker is gone") == true)
        #expect(error?.hint?.contains("devcluster up --recreate") == true)
        #expect(error?.hint?.contains("and the data of shop/data") == true)
        #expect(runner.changes.isEmpty)
    }

    @Test func `whoever took the port of a stopped node is named`() async throws {
        try sample.remember()
        engine.stop("devcluster-demo-control-plane")
        let recorded = try #require(try Fixture.container("control-plane").publications.first)
        let socket = try ListeningSocket(port: freePort())
        engine.replace("\"\(recorded.hostPort)\"", with: "\"\(socket.port)\"")
        try runner.expectHealthyCluster()
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(
            error?.message.hasPrefix(
                "port \(socket.port) is needed for the node 'devcluster-demo-control-plane', but"
                    + " process \(getpid()) ") == true)
        #expect(runner.changes.isEmpty)
    }

    @Test func `no node is restarted because the engine hangs`() async throws {
        try sample.remember()
        engine.hang()
        try runner.expectHealthyCluster()
        let error = await #expect(throws: InvocationError.self) { try await up() }
        #expect(error?.reason == .timedOut)
        #expect(runner.changes.isEmpty)
    }

    @Test func `our own kubeconfig is made anew when it cannot be read`() async throws {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        let path = sample.place.kubeconfig
        try sample.folder.write("{{{", to: "state/clusters/podman-devcluster-demo/kubeconfig")
        #expect(FileManager.default.fileExists(atPath: path))
        runner.expect(where: { $0.arguments.suffix(2) == ["--kubeconfig", path] }) { _ in
            .failure(1, stderr: "error: error loading config file \"\(path)\": yaml: line 1\n")
        }
        // kind 0.27.0 merges, and so cannot replace what it cannot read.
        runner.expect("kind", ["export", "kubeconfig"]) { _ in
            FileManager.default.fileExists(atPath: path)
                ? .failure(1, stderr: "ERROR: failed to get kubeconfig to merge: yaml: line 1\n")
                : .ok()
        }
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expectKubectl(["apply"])
        #expect(try await up().changes == ["started devcluster-demo-worker"])
    }

    @Test func `a missing entry in the user's kubeconfig is put back, the current context kept`()
        async throws
    {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        let view = try Fixture.text("kubectl-1.32.4-config-view.json")
        runner.expect(
            where: {
                $0.arguments.starts(with: ["config", "view"])
                    && !$0.arguments.contains("--kubeconfig")
            },
            named: "the user's kubeconfig", times: nil
        ) { _ in .ok(view.replacing("kind-devcluster-demo", with: "their-own")) }
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expect("kind", ["export", "kubeconfig", "--name", "devcluster-demo"])
        runner.expect("kubectl", ["config", "use-context", "their-own"])
        runner.expectKubectl(["apply"])
        let report = try await up()
        #expect(report.changes.contains("restored the kubeconfig's entry"))
    }

    @Test(arguments: [
        (#""cluster": "kind-devcluster-demo""#, #""cluster": "theirs""#),
        (#""server": "https"#, #""proxy-url": "http://127.0.0.1:9", "server": "https"#),
        (#""client-key-data": "D"#, #""client-key-data": "d"#),
    ]) func `an entry that leads elsewhere, or in another way, is put right`(
        text: String, other: String
    ) async throws {
        try sample.remember()
        engine.stop("devcluster-demo-worker")
        let view = try Fixture.text("kubectl-1.32.4-config-view.json")
        runner.expect(
            where: { $0.arguments.starts(with: ["config", "view"]) && $0.arguments.count == 5 },
            named: "the user's kubeconfig", times: nil
        ) { _ in .ok(view.replacing(text, with: other)) }
        try runner.expectHealthyCluster()
        runner.expect("podman", ["exec", "--interactive"], times: 2)
        runner.expect("kind", ["export", "kubeconfig", "--name", "devcluster-demo"])
        runner.expect("kubectl", ["config", "use-context"])
        runner.expectKubectl(["apply"])
        #expect(try await up().changes.contains("restored the kubeconfig's entry"))
    }

    @Test func `two at once are refused with the other's command`() async throws {
        let lock = try await StateLock.take(sample.place.lock, for: "devcluster down")
        let error = await #expect(throws: DevClusterError.self) { try await up() }
        #expect(error?.message.contains("'devcluster down'") == true)
        #expect(runner.calls.isEmpty)
        withExtendedLifetime(lock) {}
    }
}

struct LoadBalancerTests {
    @Test func `kind's load balancer is no node of Kubernetes`() throws {
        var container = try Fixture.container("worker")
        #expect(!container.isLoadBalancer)
        // A guess after kind's constants: a cluster of three control planes is too big to record.
        container.labels["io.x-k8s.kind.role"] = "external-load-balancer"
        #expect(container.isLoadBalancer)
    }
}
