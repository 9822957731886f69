import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Vocabulary

struct NodeImagesTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }
    private var images: NodeImages { NodeImages(session: sample.session) }

    init() throws {
        sample = try SampleSession()
        engine.install(sample.runner)
    }

    @Test func `every node is read in one run, with what uses each image`() async throws {
        try runner.expectContents("control-plane", "worker")
        let report = try await images.read()
        #expect(report.problems.isEmpty)
        #expect(report.nodes.map(\.node) == SampleEngine.nodes)
        let worker = report.nodes[1]
        let web = try #require(worker.images.first { $0.id.description == SampleNode.web })
        #expect(
            web.tags == ["localhost:5112/other:1", "localhost:5112/web:1", "localhost:5112/web:1b"])
        #expect(web.digests.contains("localhost:5112/web@\(SampleNode.webDigest)"))
        #expect(web.size == 1_090_040)
        #expect(
            web.uses == [
                .init(namespace: "default", pod: "web", container: "web", isRunning: true)
            ])
        let unused = try #require(worker.images.first { $0.id.description == SampleNode.unused })
        #expect(!unused.isInUse)
        let coreDNS = report.nodes[0].images.first { $0.tags == ["k8s.gcr.io/coredns:1.7.0"] }
        #expect(coreDNS?.uses.count == 2)
    }

    @Test func `the image under every pod counts as used, also where nothing is pinned`()
        async throws
    {
        let list = try await SampleNode.list(
            replacing: ["\"pinned\": true": "\"pinned\": false"])
        #expect(list.images.filter(\.isPinned).map(\.tags) == [["k8s.gcr.io/pause:3.2"]])
    }

    @Test func `a node without crictl or stopped is named, the others are read`() async throws {
        engine.stop("devcluster-demo-control-plane")
        runner.expectExec("worker", "sh") { _ in
            .failure(127, stderr: "sh: 1: crictl: not found\n")
        }
        let report = try await images.read()
        #expect(report.nodes.isEmpty)
        #expect(
            report.problems == [
                NodeProblem(node: "devcluster-demo-control-plane", reason: "it is exited"),
                NodeProblem(
                    node: "devcluster-demo-worker", reason: "sh: 1: crictl: not found"),
            ])
    }

    @Test(arguments: ["", "{}", "{\"images\": []}\0", "{\"images\": 1}\0{}\0{}"])
    func `an answer that is not crictl's is a problem, no crash`(text: String) async throws {
        runner.expectExec("worker", "sh") { _ in .ok(text) }
        let report = try await images.read(["devcluster-demo-worker"])
        #expect(
            report.problems.map(\.reason) == [
                "crictl printed something that is not the expected JSON"
            ])
    }

    @Test func `an interruption ends it all`() async throws {
        runner.expect("podman", ["exec", "--env"], throwing: .cancelled)
        await #expect(throws: InvocationError.self) {
            _ = try await images.read(["devcluster-demo-worker"])
        }
    }

    @Test func `only the reference goes while another tag is there`() async throws {
        try runner.expectContents("worker")
        runner.expectRemoval("worker")
        let report = try await images.remove(
            ["localhost:5112/web:1"], from: ["devcluster-demo-worker"])
        #expect(runner.removals == ["worker": ["localhost:5112/web:1"]])
        #expect(
            report.references == [
                RemovedReference(
                    node: "devcluster-demo-worker", reference: "localhost:5112/web:1",
                    outcome: .removed, freedBytes: 0)
            ])
    }

    @Test func `a reference that is not there is a success, and nothing runs for it`() async throws
    {
        try runner.expectContents("control-plane", "worker")
        let report = try await images.remove(["busybox"])
        #expect(runner.removals.isEmpty)
        #expect(
            report.references.map(\.reference) == ["docker.io/library/busybox:latest"] + [
                "docker.io/library/busybox:latest"
            ])
        #expect(report.references.allSatisfy { $0.outcome == .absent })
    }

    @Test func `what somebody else removed meanwhile is absent`() async throws {
        try runner.expectContents("worker")
        runner.expectRemoval("worker", of: ["localhost:5112/web:2"])
        let report = try await images.remove(
            ["localhost:5112/web:2"], from: ["devcluster-demo-worker"])
        #expect(report.references.map(\.outcome) == [.absent])
        #expect(report.freedBytes == 0)
    }

    @Test func `a failing ctr is a problem, with what it did remove`() async throws {
        try runner.expectContents("worker")
        runner.expectExec("worker", "ctr") { _ in
            .failure(1, stderr: "ctr: boom\n", output: "localhost:5112/web:1\n")
        }
        let report = try await images.remove(
            ["localhost:5112/web:1", "localhost:5112/web:2"], from: ["devcluster-demo-worker"])
        #expect(report.references.map(\.reference) == ["localhost:5112/web:1"])
        #expect(
            report.problems == [NodeProblem(node: "devcluster-demo-worker", reason: "ctr: boom")])
    }
}

struct NodeRemovalTests {
    @Test func `with the last tag of an unused image everything of it goes`() async throws {
        let list = try await SampleNode.list()
        let image = try #require(list.images.first { $0.id.description == SampleNode.unused })
        let removal = list.removal(of: ["localhost:5112/web:2"])
        #expect(removal.names == image.tags + image.digests + [image.id.description])
        #expect(removal.references.map(\.freedBytes) == [image.size])
    }

    @Test func `while a container uses the image its digests stay, so that its pod tells them`()
        async throws
    {
        let list = try await SampleNode.list()
        let tags = ["localhost:5112/other:1", "localhost:5112/web:1", "localhost:5112/web:1b"]
        let removal = list.removal(of: Set(tags))
        #expect(removal.names == tags)
        #expect(removal.references.allSatisfy { $0.freedBytes == 0 })
    }

    @Test func `a repository's digest goes with its last tag, other repositories stay`()
        async throws
    {
        var unused = try await SampleNode.list()
        for index in unused.images.indices { unused.images[index].uses = [] }
        #expect(unused.removal(of: ["localhost:5112/web:1"]).names == ["localhost:5112/web:1"])
        #expect(
            unused.removal(of: ["localhost:5112/web:1", "localhost:5112/web:1b"]).names == [
                "localhost:5112/web:1", "localhost:5112/web:1b",
                "localhost:5112/web@\(SampleNode.webDigest)",
            ])
    }

    @Test func `a whole image goes by its ID, with all its names`() async throws {
        let list = try await SampleNode.list()
        let removal = list.removal(of: [SampleNode.web])
        #expect(removal.names.count == 6)
        #expect(removal.names.last == SampleNode.web)
        #expect(removal.references.map(\.freedBytes).sum() == 1_090_040)
    }

    @Test func `what is in use stays when that was asked for`() async throws {
        let list = try await SampleNode.list()
        let removal = list.removal(
            of: ["localhost:5112/web:1", "localhost:5112/web:2"], keepsUsed: true)
        #expect(
            removal.references.map { "\($0.reference) \($0.outcome)" } == [
                "localhost:5112/web:1 inUse", "localhost:5112/web:2 removed",
            ])
        #expect(!removal.names.contains("localhost:5112/web:1"))
    }

    @Test(arguments: [
        ("busybox", "docker.io/library/busybox:latest"), ("a/b:1", "docker.io/a/b:1"),
        ("localhost:5001/web", "localhost:5001/web:latest"),
        ("localhost:5001/web:1@\(SampleNode.web)", "localhost:5001/web@\(SampleNode.web)"),
        (SampleNode.web, SampleNode.web), ("NOT a name", "NOT a name"),
    ])
    func `references mean the names that containerd keeps`(written: String, name: String) {
        #expect(NodeImages.name(of: written) == name)
    }
}
