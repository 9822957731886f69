import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Images
@testable import Registries
@testable import Sessions
@testable import StateFiles
@testable import Vocabulary

struct RegistryPruneTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession(["retention": ["tags": 1]])
        try sample.remember()
    }

    private static let registry = "devcluster-demo-registry"
    private let old = UniqueTag.text(git: nil, at: Date(timeIntervalSince1970: 1_767_323_045))
    private let new = UniqueTag.text(git: nil, at: Date(timeIntervalSince1970: 1_767_323_046))

    private func expectContainer(_ state: String = "running") throws {
        runner.expect(
            "podman", ["inspect", "--type", "container", Self.registry],
            returning: .ok(
                try Fixture.inspect(
                    [state],
                    replacing: [
                        "5068": "5051", "5069": "5051", "rec-kind-registry": Self.registry,
                        "rec-exited": Self.registry,
                    ])))
    }

    private func expectNodes(_ clusters: String...) throws {
        try runner.expectKindNodes(of: clusters)
    }

    /// An old tag with manifest 1, a new one with manifest 2.
    private func expectTwoTags(times: Int? = nil, onDisk tags: [String] = []) throws {
        var registry = SampleRegistry()
        try registry.add("web", old, "1")
        try registry.add("web", new, "2")
        runner.expectCurl(registry)
        let digests = try ["1", "2"].map {
            SHA256.hex(try Fixture.data("registry-2.8.2-manifest-\($0).json"))
        }
        let links = digests.map { "repositories/web/_manifests/revisions/sha256/\($0)/link\n" }
        let blobs = digests.map { "752 blobs/sha256/\($0.prefix(2))/\($0)/data\n" }
        runner.expect(
            "podman", ["exec", Self.registry, "sh", "-c"],
            returning: .ok(
                links.joined() + "--\n--\n"
                    + tags.map { "repositories/web/_manifests/tags/\($0)/current/link\n" }.joined()
                    + blobs.joined()), times: times)
    }

    private func expectCollection() {
        runner.expect("podman", ["stop", "-t", "0", Self.registry])
        runner.expect(
            "podman", ["run", "--rm", "--name", "\(Self.registry)-garbage-collection"],
            returning: .ok("5312\t/var/lib/registry\n5280\t/var/lib/registry\n"))
        expectRestart()
    }

    private func expectRestart() {
        runner.expect(
            "podman", ["rm", "--force", "-t", "0", "\(Self.registry)-garbage-collection"])
        runner.expect("podman", ["start", Self.registry])
    }

    private func prune(ignoring clusters: [String] = []) async throws -> PruneReport {
        try await RegistryPrune(session: sample.session, ignoring: clusters).run { _ in }
    }

    private var deleted: [String] {
        runner.calls.filter { $0.tool == "curl" && $0.effect == .changes }.flatMap {
            (try? CurlScript($0).requests.map(\.url)) ?? []
        }
    }

    @Test func `old tags go, garbage is collected while the registry stands still`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags()
        runner.expectKubectl(["get"], returning: .ok(#"{"items": []}"#), times: 2)
        expectCollection()
        let report = try await prune()
        #expect(report.removed.map(\.tag) == [old])
        #expect(report.tagsKept == 1)
        #expect(report.clusters == ["devcluster-demo"])
        #expect(report.bytesFreed?.value == 32 * 1024)
        #expect(deleted.count == 1)
        #expect(
            deleted[0].hasSuffix(
                "/v2/web/manifests/sha256:"
                    + "094d1661e83f9766aa10d196a1fbc6326138ea99c9b010f2367ac4e96af00b80"))
        let order = runner.calls.filter { $0.tool == "podman" && $0.effect == .changes }
            .map { $0.arguments[0] }
        #expect(order == ["stop", "run", "rm", "start"])
        let run = try #require(runner.calls.first { $0.arguments.first == "run" })
        #expect(run.arguments.contains("devcluster-demo-registry-data:/var/lib/registry"))
        // Registry 2 would delete the children of an index with it.
        #expect(!run.arguments.joined().contains("delete-untagged"))
    }

    @Test func `a tag that lies on the disk and is not listed stops it`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags(onDisk: [old, new, "latest"])
        runner.expectKubectl(["get"], returning: .ok(#"{"items": []}"#), times: nil)
        let error = await #expect(throws: DevClusterError.self) { try await prune() }
        #expect(
            error?.message.contains("has 'web:latest' on its disk, and does not list it") == true)
        #expect(deleted.isEmpty)
    }

    @Test func `what a pod names stays, and the registry goes on running`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags()
        runner.expectKubectl(
            ["get"], returning: .ok(#"{"items": [{"image": "localhost:5051/web:\#(old)"}]}"#))
        let report = try await prune()
        #expect(report.removed.isEmpty && report.bytesFreed == nil)
        #expect(report.tagsKept == 2)
        #expect(deleted.isEmpty)
    }

    @Test func `what was deployed last stays, though no pod shows it`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags()
        runner.expectKubectl(["get"], returning: .ok(#"{"items": []}"#))
        try await sample.session.records.append([
            DeployRecord(
                time: Date(), seconds: 1, namespace: "shop",
                images: [.init(name: "web", tag: old)], verdicts: [:], exitCode: 3, steps: [])
        ])
        #expect(try await prune().removed.isEmpty)
        #expect(deleted.isEmpty)
    }

    @Test func `a cluster that cannot be read stops it`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags(times: nil)
        runner.expectKubectl(["get"], returning: .failure(1, stderr: "connection refused\n"))
        let error = await #expect(throws: DevClusterError.self) { try await prune() }
        #expect(error?.message.contains("'devcluster-demo'") == true)
        #expect(error?.hint?.hasSuffix("'--ignore-cluster devcluster-demo'") == true)
        #expect(deleted.isEmpty)
    }

    @Test(arguments: ["{}", "null", "[]", #"{"items": {}}"#, ""])
    func `what is no list counts as unread, never as unused`(answer: String) async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags(times: nil)
        runner.expectKubectl(["get"], returning: .ok(answer))
        let error = await #expect(throws: DevClusterError.self) { try await prune() }
        #expect(error?.message.contains("'devcluster-demo'") == true)
        #expect(deleted.isEmpty)
    }

    @Test func `a cluster can be left out, and the report says so`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        try expectTwoTags()
        expectCollection()
        let report = try await prune(ignoring: ["devcluster-demo"])
        #expect(report.ignoredClusters == ["devcluster-demo"] && report.clusters.isEmpty)
        #expect(report.removed.map(\.tag) == [old])
    }

    @Test func `a cluster that does not use the registry cannot be left out`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo")
        let error = await #expect(throws: DevClusterError.self) {
            try await prune(ignoring: ["devcluster-dmeo"])
        }
        #expect(error?.code == .usage)
        #expect(error?.hint == "these do: devcluster-demo")
    }

    @Test func `clusters that others made and wired are asked through their nodes`() async throws {
        try expectContainer()
        try expectNodes("devcluster-demo", "other", "stranger")
        let hosts = "/etc/containerd/certs.d/localhost:5051/hosts.toml"
        runner.expect("podman", ["cp", "other-control-plane:\(hosts)", "-"])
        runner.expect(
            "podman", ["cp", "stranger-control-plane:\(hosts)", "-"],
            returning: .failure(
                125,
                stderr: try Fixture.text("podman-4.3.1-cp-no-file.txt")
                    .replacing("localhost:9999", with: "localhost:5051")))
        try expectTwoTags()
        runner.expectKubectl(["get"], returning: .ok(#"{"items": []}"#))
        runner.expect(
            where: { call in
                call.tool == "podman" && call.arguments.contains("other-control-plane")
                    && call.arguments.contains("kubernetes-admin@other")
            }, answering: { _ in .ok(#"{"items": [{"image": "localhost:5051/web:\#(old)"}]}"#) })
        let report = try await prune()
        #expect(report.clusters == ["devcluster-demo", "other"])
        #expect(report.removed.isEmpty)
    }

    @Test func `a cluster that may be wired and cannot be asked stops it`() async throws {
        try expectContainer()
        try expectNodes("other")
        // Its control plane is gone, or the engine does not say whether the file is there.
        runner.expect("podman", ["cp"], returning: .failure(125, stderr: "database is locked\n"))
        try expectTwoTags()
        runner.expect(
            where: { $0.arguments.contains("kubernetes-admin@other") },
            answering: { _ in .failure(1, stderr: "connection refused\n") })
        let error = await #expect(throws: DevClusterError.self) { try await prune() }
        #expect(error?.message.contains("'other'") == true)
        #expect(deleted.isEmpty)
    }

    @Test func `the registry is started again when collecting fails`() async throws {
        try expectContainer()
        try expectNodes()
        try expectTwoTags()
        runner.expect("podman", ["stop", "-t", "0", Self.registry])
        runner.expect(
            "podman", ["run", "--rm"], returning: .failure(1, stderr: "panic: no space\n"))
        expectRestart()
        await #expect(throws: InvocationError.self) { try await prune() }
    }

    @Test func `a registry that a killed run left stopped is started first`() async throws {
        try expectContainer("exited")
        expectRestart()
        try expectNodes()
        var registry = SampleRegistry()
        try registry.add("web", new, "2")
        runner.expectCurl(registry)
        runner.expect("podman", ["exec", Self.registry, "sh", "-c"], returning: .ok("--\n--\n"))
        let report = try await prune()
        #expect(report.removed.isEmpty)
    }

    @Test func `nothing happens when the user does not agree`() async throws {
        try expectContainer()
        try expectNodes()
        try expectTwoTags()
        let question = Mutex("")
        await #expect(throws: CancellationError.self) {
            try await RegistryPrune(session: sample.session).run { text in
                question.withLock { $0 = text }
                throw CancellationError()
            }
        }
        #expect(question.withLock { $0 }.contains("  web: \(old)\n"))
        #expect(deleted.isEmpty)
    }

    @Test func `a dry run tells what would go and changes nothing`() async throws {
        let sample = try SampleSession(
            ["retention": ["tags": 1]], runner: runner, isDryRun: true)
        try expectContainer()
        try expectNodes()
        try expectTwoTags()
        let planned = Mutex<[String]>([])
        let dry = DryRunRunner(runner) { call in
            planned.withLock {
                $0.append(([call.tool] + call.arguments)[...1].joined(separator: " "))
            }
        }
        let session = try Session(
            configuration: sample.session.configuration, runner: dry, activity: sample.activity,
            state: sample.session.state, environment: sample.session.environment,
            command: "devcluster test", isDryRun: true)
        let report = try await RegistryPrune(session: session).run { _ in }
        #expect(report.removed.map(\.tag) == [old] && report.isDryRun)
        #expect(report.bytesFreed == nil)
        #expect(
            planned.withLock { $0 } == [
                "curl --disable", "podman stop", "podman run", "podman rm", "podman start",
            ])
    }

    @Test func `builds and deploys keep it away`() async throws {
        let folder = sample.session.state.registry(.podman, Self.registry)
        let lock = try await StateLock.take(
            RegistryLock.path(folder), for: "devcluster up --config x")
        let error = await #expect(throws: DevClusterError.self) { try await prune() }
        #expect(error?.message.hasPrefix("'devcluster up --config x'") == true)
        withExtendedLifetime(lock) {}
    }
}
