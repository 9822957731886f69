import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Images
@testable import Tools
@testable import Vocabulary

struct EngineTests {
    private let runner = ScriptedRunner()
    private var podman: Engine { Engine(.podman, runner: runner) }
    private var docker: Engine { Engine(.docker, runner: runner) }

    @Test func `containers that exist are found although others are missing`() async throws {
        // podman 4.3.1 prints what it found and exits with 125 for what it did not.
        runner.expect(
            "podman", ["inspect", "--type", "container", "rec-none", "devcluster-demo-registry"],
            returning: .failure(
                125, stderr: "Error: inspecting object: no such container rec-none\n",
                output: try Fixture.inspect(["running"])))
        let found = try await podman.containers(named: ["rec-none", "devcluster-demo-registry"])
        #expect(Array(found.keys) == ["devcluster-demo-registry"])
    }

    @Test func `no container at all is no error`() async throws {
        runner.expect(
            "podman",
            returning: .failure(
                125, stderr: "Error: inspecting object: no such container rec-none\n",
                output: "[]\n"))
        #expect(try await podman.containers(named: ["rec-none"]).isEmpty)
    }

    @Test func `asking for nothing starts nothing`() async throws {
        #expect(try await podman.containers(named: []).isEmpty)
    }

    /// podman 4.3.1, a `podman rm --force` of which was killed with SIGKILL.
    @Test func `a container whose removal was killed is found, and those beside it`() async throws {
        runner.expect(
            "podman",
            ["inspect", "--type", "container", "half-removed", "devcluster-demo-registry"],
            returning: .failure(
                125,
                stderr: "Error: getting container from store \"f7770c67aad9a6535c904d332798beecce"
                    + "75de5fb035490dd677edcf44c7d027\": container not known\n"))
        runner.expect(
            "podman", ["ps", "--all", "--external"],
            returning: .ok(try Fixture.text("podman-4.3.1-ps-removing.json")))
        runner.expect(
            "podman", ["inspect", "--type", "container", "devcluster-demo-registry"],
            returning: .ok(try Fixture.inspect(["running"])))
        let found = try await podman.containers(
            named: ["half-removed", "devcluster-demo-registry"])
        #expect(found["devcluster-demo-registry"]?.isRunning == true)
        #expect(found["half-removed"]?.isBeingRemoved == true)
        #expect(found["half-removed"]?.labels["io.x-k8s.kind.cluster"] == "half")
    }

    @Test func `a removal that finds a mount of one that was killed is tried again`() async throws {
        // podman 4.3.1
        runner.expect(
            "podman", ["rm", "--force", "-t", "0", "me-worker"],
            returning: .failure(
                125,
                stderr: "Error: removing container 9d50 root filesystem: 1 error occurred:\n"
                    + "\t* unlinkat /var/lib/…/userdata/shm: device or resource busy\n"))
        runner.expect("podman", ["rm", "--force", "-t", "0", "me-worker"])
        try await podman.remove(container: "me-worker")
        runner.expect("podman", ["rm"], returning: .failure(125, stderr: "Error: no\n"))
        await #expect(throws: InvocationError.self) { try await podman.remove(container: "other") }
    }

    @Test func `what a killed podman run left in storage is removed by its name only`()
        async throws
    {
        runner.expect(
            "podman", ["ps", "--all", "--external"],
            returning: .ok(try Fixture.text("podman-4.3.1-ps-removing.json")), times: 2)
        #expect(try await !podman.removeRemains(named: ["web", "half-removed"]))
        runner.expect(
            "podman",
            [
                "rm", "--force",
                "c9495406c1d191dbebd0a6b88239831424d18071c5288e94b8e17c4fe063281c",
            ])
        #expect(try await podman.removeRemains(named: ["half-made"]))
    }

    @Test func `an engine that does not work is an error with its own words`() async throws {
        runner.expect(
            "podman",
            // podman 4.3.1 with --url at a socket that is not there.
            returning: .failure(
                125,
                stderr: "Error: unable to connect to Podman socket: Get"
                    + " \"http://d/v4.3.1/libpod/_ping\": dial unix /tmp/rec/none.sock: connect: no"
                    + " such file or directory\n"), times: nil)
        let error = await #expect(throws: DevClusterError.self) {
            try await podman.containers(named: ["a"])
        }
        #expect(error?.message == "podman does not work")
        #expect(error?.code == .unavailable)
        let cause = error?.cause as? InvocationError
        #expect(cause?.tail.contains("unable to connect to Podman socket") == true)
    }

    @Test func `output that is no JSON is an error that names the command`() async throws {
        runner.expect("podman", returning: .ok("welcome to podman\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await podman.containers(named: ["a"])
        }
        #expect(error?.code == .unavailable)
        #expect(error?.hint?.contains("podman inspect --type container a") == true)
    }

    @Test func `a container's facts are read`() throws {
        let container = try Fixture.container("running")
        #expect(container.isRunning)
        #expect(container.isManaged)
        #expect(container.image == "docker.io/library/registry:2")
        #expect(container.networks == ["kind": "10.89.0.5"])
        #expect(container.mounts.map(\.name) == ["devcluster-demo-registry-data"])
        #expect(
            container.publications
                == [.init(containerPort: "5000/tcp", hostAddress: "127.0.0.1", hostPort: 5051)])
    }

    @Test(arguments: ["exited", "created", "paused"])
    func `what does not run keeps its ports and networks`(state: String) throws {
        let container = try Fixture.container(state)
        #expect(container.status == state)
        #expect(!container.isRunning)
        #expect(container.networks.keys.contains("kind"))
        #expect(container.publications.count == 1)
    }

    @Test func `docker's leading slash and its missing fields do no harm`() throws {
        // A guess after docker's API documentation: no docker here to record it.
        let text = #"[{"Id": "1", "Name": "/web", "State": {"Status": "dead"}, "Mounts": null}]"#
        let container = try #require(
            try JSONDecoder().decode([Container].self, from: Data(text.utf8)).first)
        #expect(container.name == "web")
        #expect(container.publications.isEmpty && container.labels.isEmpty)
    }

    @Test func `a network that is not there is false, a broken engine an error`() async throws {
        runner.expect("podman", ["network", "inspect", "kind"], returning: .ok("[{}]\n"))
        #expect(try await podman.hasNetwork("kind"))
        runner.expect(
            "podman", ["network", "inspect", "rec-none"],
            returning: .failure(
                125,
                stderr: "Error: inspecting object: network rec-none: unable to find network with"
                    + " name or ID rec-none: network not found\n", output: "[]\n"))
        #expect(try await !podman.hasNetwork("rec-none"))
        runner.expect("podman", returning: .failure(125, stderr: "boom"))
        await #expect(throws: DevClusterError.self) { try await podman.hasNetwork("kind") }
    }

    @Test func `nodes of a cluster are looked up by kind's label`() async throws {
        runner.expect(
            "podman",
            [
                "ps", "--all", "--filter", "label=io.x-k8s.kind.cluster=devcluster-demo",
                "--format", "{{.Names}}",
            ], returning: .ok("devcluster-demo-worker\ndevcluster-demo-control-plane\n"))
        runner.expect(
            "podman", ["inspect"], returning: .ok(try Fixture.inspect(["worker", "control-plane"])))
        let nodes = try await podman.nodes(ofCluster: "devcluster-demo")
        #expect(nodes.map(\.name) == ["devcluster-demo-control-plane", "devcluster-demo-worker"])
    }

    @Test func `names of clusters come once each`() async throws {
        runner.expect(
            "podman", ["ps", "--all", "--filter", "label=io.x-k8s.kind.cluster"],
            returning: .ok("devcluster-demo-worker\ndevcluster-demo-control-plane\n"))
        runner.expect(
            "podman", ["inspect"], returning: .ok(try Fixture.inspect(["worker", "control-plane"])))
        #expect(try await podman.clusterNames() == ["devcluster-demo"])
        // podman 6 made text of what was a map in the templates of ps.
        #expect(!runner.calls[0].arguments.contains { $0.contains(".Label") })
    }

    @Test func `a container is removed without waiting for it to end`() async throws {
        runner.expect("podman", ["rm", "--force", "-t", "0", "web"])
        runner.expect("docker", ["rm", "--force", "web"])
        try await podman.remove(container: "web")
        try await docker.remove(container: "web")
        #expect(runner.calls.allSatisfy { $0.effect == .changes })
    }

    @Test func `a volume that is not there needs no removal`() async throws {
        runner.expect("podman", ["volume", "ls", "--quiet"], returning: .ok("data2\ndata\n"))
        runner.expect("podman", ["volume", "ls", "--quiet"], returning: .ok("data2\n"))
        runner.expect("podman", ["volume", "rm", "data"])
        try await podman.remove(volume: "data")
        try await podman.remove(volume: "data")
    }

    @Test func `a push tells the digest that the registry got`() async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("digest")
        runner.expect("podman", ["push", "--tls-verify=false", "--digestfile", file]) { _ in
            try folder.write("sha256:abc\n", to: "digest")
            return .ok()
        }
        let said = try await podman.push(
            "localhost:5051/web:1", digestFile: file, deadline: .seconds(1))
        #expect(said == "sha256:abc")
    }

    @Test func `docker's push cannot tell, and needs no flag on loopback`() async throws {
        runner.expect("docker", ["push", "localhost:5051/web:1"])
        let said = try await docker.push(
            "localhost:5051/web:1", digestFile: "/nowhere", deadline: .seconds(1))
        #expect(said == nil)
    }

    @Test func `cache mounts are put where podman is told to, and docker's daemon keeps its own`() {
        var request = ImageBuildRequest(
            reference: "web:1", context: "/repo", containerfile: "/repo/Containerfile",
            target: nil, buildArguments: [:], usesCache: false, imageIDFile: nil)
        #expect(podman.build(request, deadline: .seconds(5)).environment.isEmpty)
        request.cacheMounts = "/var/tmp/empty"
        #expect(
            podman.build(request, deadline: .seconds(5)).environment
                == ["TMPDIR": "/var/tmp/empty"])
        #expect(docker.build(request, deadline: .seconds(5)).environment["TMPDIR"] == nil)
    }

    @Test func `docker's images have no attestation, which would be another one each time`() {
        let request = ImageBuildRequest(
            reference: "web:1", context: "/repo", containerfile: "/repo/Containerfile",
            target: nil, buildArguments: [:], usesCache: true, imageIDFile: nil)
        #expect(
            docker.build(request, deadline: .seconds(5)).environment
                == ["BUILDX_NO_DEFAULT_ATTESTATIONS": "1"])
    }

    @Test func `a build that an image was taken away from is tried again`() async throws {
        let request = ImageBuildRequest(
            reference: "web:1", context: "/repo", containerfile: "/repo/Containerfile",
            target: nil, buildArguments: [:], usesCache: true, imageIDFile: nil)
        // podman 4.3.1
        let lost = Outcome.failure(
            125,
            stderr: "Error: checking if cached image exists from a previous build: getting top"
                + " layer info: layer not known\n")
        runner.expect("podman", ["build"], returning: lost, times: 2)
        runner.expect("podman", ["build"])
        try await podman.run(build: request, deadline: .seconds(5))
        runner.expect("podman", ["build"], returning: lost, times: 3)
        await #expect(throws: InvocationError.self) {
            try await podman.run(build: request, deadline: .seconds(5))
        }
        runner.expect("podman", ["build"], returning: .failure(1, stderr: "Error: exit status 1\n"))
        await #expect(throws: InvocationError.self) {
            try await podman.run(build: request, deadline: .seconds(5))
        }
    }

    @Test func `what docker pushed is read from its last line`() async throws {
        runner.expect(
            "docker", ["push"], returning: .ok(try Fixture.text("docker-26.1.5-push.txt")))
        let said = try await docker.push(
            "localhost:32769/a:1", digestFile: "/nowhere", deadline: .seconds(1))
        #expect(
            said == "sha256:d0ba69c676921d5b07496f1f23374efc557aaa696787dbfc0783ec9007949e24")
    }

    @Test func `what docker says of itself is read`() async throws {
        runner.expect(
            "docker", ["info"], returning: .ok(try Fixture.text("docker-26.1.5-info.json")))
        let info = try #require(try await docker.info())
        #expect(info.cgroupVersion == "v1")
        #expect(!info.isRootless)
        #expect(info.root == "/var/lib/docker")
    }

    @Test func `a build is told everything, in a stable order`() {
        let request = ImageBuildRequest(
            reference: "localhost:5051/web:1", context: "/repo/web",
            containerfile: "/repo/Containerfile", target: "final",
            buildArguments: ["B": "2", "A": "1 x"], usesCache: false, imageIDFile: "/tmp/id")
        let invocation = podman.build(request, deadline: .seconds(5))
        #expect(
            invocation.shellQuoted
                == "podman build --tag localhost:5051/web:1 --file /repo/Containerfile"
                + " --target final --build-arg 'A=1 x' --build-arg B=2 --no-cache --iidfile /tmp/id /repo/web"
        )
        #expect(invocation.effect == .changes)
    }
}
