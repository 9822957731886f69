import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct ClusterProbeTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession()
        engine.install(sample.runner)
    }

    private func problems() async throws -> [String] {
        try await ClusterProbe.take(sample.session, nodes: SampleEngine.nodes)
            .problems(sample.session, nodes: SampleEngine.nodes)
    }

    @Test func `a healthy cluster has none`() async throws {
        try runner.expectHealthyCluster()
        #expect(try await problems().isEmpty)
    }

    @Test func `the API is asked through the user's own kubeconfig`() async throws {
        try runner.expectHealthyCluster()
        _ = try await problems()
        let call = try #require(runner.calls.first { $0.tool == "kubectl" })
        #expect(!call.arguments.contains("--kubeconfig"))
        #expect(call.arguments.starts(with: ["--context", "kind-devcluster-demo"]))
    }

    @Test func `missing and stopped containers are named`() async throws {
        engine.remove(["devcluster-demo-registry"])
        engine.stop("devcluster-demo-worker")
        try runner.expectHealthyCluster()
        let problems = try await problems()
        #expect(problems.contains("node devcluster-demo-worker is exited"))
        #expect(problems.contains("registry: there is none"))
    }

    @Test func `what a node cannot pull is named in crictl's words`() async throws {
        // crictl 1.32 of the lab, for a tag that is not there.
        let words =
            "time=\"2026-11-21T12:03:21Z\" level=fatal msg=\"pulling image: rpc error: code ="
            + " NotFound desc = failed to pull and unpack image"
            + " \\\"localhost:5051/devcluster-proof:nope\\\"\""
        runner.expect(
            where: {
                $0.arguments.contains("devcluster-demo-worker") && $0.arguments.contains("timeout")
            },
            named: "pull in the worker"
        ) { _ in .failure(1, stderr: "first\n" + words + "\n") }
        try runner.expectHealthyCluster()
        #expect(try await problems() == ["devcluster-demo-worker cannot pull: \(words)"])
    }

    @Test func `an API that does not answer is one problem`() async throws {
        runner.expectKubectl(
            ["get", "nodes,configmaps"], returning: .failure(1, stderr: "refused"))
        try runner.expectHealthyCluster()
        #expect(try await problems() == ["the API does not answer through the kubeconfig"])
    }

    @Test(arguments: [
        (#""type":"Ready","status":"True""#, #""type":"Ready","status":"False""#),
        (#""name":"devcluster-demo-worker""#, #""name":"another""#),
        (#""name":"local-registry-hosting""#, #""name":"another""#),
        (#"host: \"localhost:5051\""#, #"host: \"localhost:5001\""#),
        (#""cluster":"devcluster-demo""#, #""cluster":"another""#),
    ]) func `an API that says something else is a problem`(text: String, other: String) async throws
    {
        let recorded = try Fixture.cluster("nodes-configmaps")
        #expect(recorded.contains(text))
        runner.expectKubectl(
            ["get", "nodes,configmaps"], returning: .ok(recorded.replacing(text, with: other)))
        try runner.expectHealthyCluster()
        #expect(try await !problems().isEmpty)
    }

    @Test func `a registry that does not answer is named with the reason`() async throws {
        runner.expectCurl("get-html")
        try runner.expectHealthyCluster()
        #expect(try await problems() == ["registry: what answers there is no image registry"])
    }

    @Test func `of an engine that does not work it is not said that containers are missing`()
        async throws
    {
        let runner = ScriptedRunner()
        runner.expect("podman", returning: .failure(125, stderr: "broken"), times: nil)
        runner.expect("curl", throwing: .notFound)
        runner.expect("kubectl", throwing: .notFound)
        let sample = try SampleSession(runner: runner)
        let error = await #expect(throws: DevClusterError.self) {
            try await ClusterProbe.take(sample.session, nodes: SampleEngine.nodes)
        }
        #expect(error?.message == "podman does not work")
    }
}

struct ClusterOwnershipTests {
    @Test func `a node that was made anew by hand is damage`() throws {
        var node = try Fixture.container("worker")
        let record = ClusterRecord(
            phase: .ready, nodes: [node.name: node.id, "gone": "1"], nodeImage: nil, registry: "r",
            createdAt: Date())
        #expect(ClusterOwnership.damage([node], record) == ["node gone is gone"])
        node.id = "other"
        #expect(
            ClusterOwnership.damage([node], record) == [
                "node devcluster-demo-worker is another container than it was", "node gone is gone",
            ])
    }

    @Test func `without a record nothing is known to be damaged`() throws {
        #expect(ClusterOwnership.damage([try Fixture.container("worker")], nil).isEmpty)
    }
}
