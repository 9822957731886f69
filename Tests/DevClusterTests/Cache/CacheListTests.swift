import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Vocabulary

struct CacheListTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession(registryPort: 5112)
        try sample.remember()
        engine.install(sample.runner)
    }

    /// A registry that serves for these tags of `web` the digest that the node has, or not.
    private func expectRegistry(current: String..., pushedAgain: String...) {
        runner.expectNodeRegistry(current: current, pushedAgain: pushedAgain)
    }

    private func list() async throws -> CacheListReport {
        try await CacheList(session: sample.session).run()
    }

    @Test func `an image is listed once, with its nodes and what uses it`() async throws {
        try runner.expectContents("control-plane", "worker")
        expectRegistry(current: "web:1", "web:1b", "other:1", pushedAgain: "web:2")
        let report = try await list()
        #expect(report.exitCode == 0)
        let coreDNS = try #require(
            report.images.first { $0.references.first?.name == "k8s.gcr.io/coredns:1.7.0" })
        #expect(coreDNS.references.map(\.nodes) == [SampleEngine.nodes])
        #expect(coreDNS.references.map(\.freshness) == [nil])
        #expect(coreDNS.holders.map(\.uses.count) == [2, 0])
        let web = try #require(report.images.first { $0.id.description == SampleNode.web })
        #expect(
            web.references.map { "\($0.name) \($0.freshness?.rawValue ?? "")" } == [
                "localhost:5112/other:1 current", "localhost:5112/web:1 current",
                "localhost:5112/web:1b current",
            ])
        let again = report.images.first { $0.id.description == SampleNode.unused }
        #expect(again?.references.map(\.freshness) == [.stale])
    }

    @Test func `the image that proves pulls is not shown`() async throws {
        try runner.expectContents("control-plane", "worker")
        expectRegistry()
        let report = try await list()
        #expect(!report.images.contains { $0.digests.contains { $0.contains("proof") } })
        #expect(
            !report.images.contains { $0.references.contains { $0.name.contains("proof") } })
    }

    @Test func `a tag that the registry does not have is missing`() async throws {
        try runner.expectContents("control-plane", "worker")
        expectRegistry(current: "web:1", "web:1b", "other:1")
        let again = try await list().images.first { $0.id.description == SampleNode.unused }
        #expect(again?.references.map(\.freshness) == [.missing])
    }

    @Test func `a registry that does not answer leaves it open`() async throws {
        try runner.expectContents("control-plane", "worker")
        runner.expect("curl", times: nil) { invocation in
            let script = try CurlScript(invocation)
            return script.outcome(
                try script.requests.map { _ in try Fixture.data("curl-7.88.1-refused.txt") })
        }
        let report = try await list()
        let web = try #require(report.images.first { $0.id.description == SampleNode.web })
        #expect(web.references.allSatisfy { $0.freshness == .unknown })
        #expect(report.registryProblem?.contains("connect") == true)
    }

    @Test func `a node that cannot be read makes the list partial`() async throws {
        engine.stop("devcluster-demo-worker")
        try runner.expectContents("control-plane")
        expectRegistry()
        let report = try await list()
        #expect(report.exitCode == 3)
        #expect(report.nodes == ["devcluster-demo-control-plane"])
        #expect(report.problems.map(\.node) == ["devcluster-demo-worker"])
        #expect(!report.images.isEmpty)
    }

    @Test func `without nodes there is nothing to list`() async throws {
        engine.remove(SampleEngine.nodes)
        let error = await #expect(throws: DevClusterError.self) { try await list() }
        #expect(error?.hint == "devcluster up")
    }
}
