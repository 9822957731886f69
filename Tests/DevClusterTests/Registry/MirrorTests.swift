import ChildProcess
import TestSupport
import Testing

@testable import Clusters
@testable import Registries
@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct MirrorTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }

    init() throws { sample = try SampleSession() }

    private func mirror(_ host: String) throws -> Mirror {
        Mirror(of: try RegistryHost(host), beside: "kind-registry")
    }

    @Test(arguments: [
        ("docker.io", "kind-registry-mirror-docker-io", "https://registry-1.docker.io"),
        ("quay.io", "kind-registry-mirror-quay-io", "https://quay.io"),
        ("team:5000", "kind-registry-mirror-team-5000", "http://team:5000"),
    ])
    func `a cache has a name of its own and asks the registry it caches`(
        host: String, container: String, upstream: String
    ) throws {
        let mirror = try mirror(host)
        #expect(mirror.container == container)
        #expect(mirror.upstream == upstream)
    }

    @Test func `a container that is no cache of that registry is made again`() throws {
        var container = try Fixture.container("running")
        let spec = sample.place.registry
        let mirror = try mirror("docker.io")
        #expect(mirror.faults(container, spec) == ["it caches another registry"])
        container.environment.append("REGISTRY_PROXY_REMOTEURL=https://registry-1.docker.io")
        #expect(mirror.faults(container, spec) == [])
        container.status = "exited"
        #expect(mirror.faults(container, spec) == ["it is exited"])
    }

    @Test func `a mirror is run on the network, with a volume, and without a port`() async throws {
        let sample = try configured()
        sample.runner.expect(
            "podman", ["inspect"], returning: .failure(125, stderr: "no such", output: "[]\n"))
        sample.runner.expect("podman", ["image", "inspect"])
        sample.runner.expect("podman", ["network", "inspect", "kind"])
        sample.runner.expect("podman", ["rm", "--force"])
        sample.runner.expect("podman", ["volume", "ls", "--quiet"])
        sample.runner.expect("podman", ["volume", "create"])
        sample.runner.expect("podman", ["run"])
        let done = try await MirrorSetup(session: sample.session).run()
        #expect(done == ["mirror of docker.io created"])
        let run = try #require(sample.runner.calls.last).arguments.joined(separator: " ")
        #expect(run.contains("--name devcluster-demo-registry-mirror-docker-io --network kind"))
        #expect(run.contains("--env REGISTRY_PROXY_REMOTEURL=https://registry-1.docker.io"))
        #expect(run.contains("--label devcluster.dev/role=mirror"))
        #expect(!run.contains("--publish"))
    }

    private func configured() throws -> SampleSession {
        try SampleSession(registry: ["mirrors": ["docker.io"]])
    }

    @Test func `nodes ask the cache first and the registry itself without it`() async throws {
        let sample = try configured()
        sample.runner.expect("podman", ["exec"])
        try await NodeWiring(session: sample.session).write(nodes: ["node"])
        let script = try #require(sample.runner.calls.first?.inputText)
        #expect(script.contains("> '/etc/containerd/certs.d/docker.io/hosts.toml'"))
        #expect(script.contains("server = \"https://registry-1.docker.io\""))
        #expect(
            script.contains("[host.\"http://devcluster-demo-registry-mirror-docker-io:5000\"]"))
    }

    @Test func `the file of a mirror that is no longer wanted goes`() async throws {
        runner.expect("podman", ["exec"])
        try await NodeWiring(session: sample.session).write(nodes: ["node"])
        let script = try #require(runner.calls.first?.inputText)
        #expect(script.contains("a pull-through cache"))
        #expect(script.contains("rm \"$file\""))
        #expect(!script.contains("mirror-docker"))
    }
}

struct PreloadTests {
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }

    init() throws {
        sample = try SampleSession(["cluster": ["workers": 1]])
        SampleEngine().install(sample.runner)
        try sample.remember()
    }

    private func preload(_ image: String) throws -> Preload {
        try Preload(session: sample.session, images: [try ImageReference(image)])
    }

    @Test func `an image named by digest is refused, since its copy may have another`() throws {
        let digest = String(repeating: "a", count: 64)
        let error = #expect(throws: DevClusterError.self) {
            try preload("docker.io/library/busybox@sha256:\(digest)")
        }
        #expect(error?.hint == "name it by its tag")
    }

    @Test func `an image is copied once and given to the nodes under its own name`() async throws {
        runner.expectCurl("head-404")
        try runner.expectContents("control-plane", "worker")
        runner.expect("podman", ["image", "inspect"], returning: .failure(1))
        runner.expect("podman", ["pull", "docker.io/library/busybox:1.36"])
        runner.expect("podman", ["tag"])
        runner.expect("podman", ["push"])
        runner.expect("podman", ["rmi"])
        runner.expect("podman", ["exec"], times: 2)
        let report = try await preload("busybox:1.36").run()
        #expect(report.images.map(\.reference) == ["docker.io/library/busybox:1.36"])
        #expect(report.images.first?.isPushed == true)
        #expect(report.images.first?.loaded == SampleEngine.nodes)
        let copy = "localhost:5051/preload/docker.io/library/busybox:1.36"
        #expect(
            runner.commands.contains("podman tag docker.io/library/busybox:1.36 \(copy)"))
        let loads = runner.calls.filter { $0.arguments.last == "docker.io/library/busybox:1.36" }
        #expect(
            loads.filter { $0.arguments.contains(copy) && $0.arguments.first == "exec" }.count == 2)
    }

    @Test func `what every node has already is left alone`() async throws {
        runner.expectCurl("head-200")
        try runner.expectContents("control-plane", "worker")
        let report = try await preload("k8s.gcr.io/coredns:1.7.0").run()
        #expect(report.images.first?.isPushed == false)
        #expect(report.images.first?.loaded == [])
        #expect(report.changes == [])
    }
}
