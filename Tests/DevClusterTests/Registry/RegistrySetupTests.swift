import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Registries
@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct RegistrySetupTests {
    private let port: Int
    private let sample: SampleSession
    private var runner: ScriptedRunner { sample.runner }
    private var setup: RegistrySetup { RegistrySetup(session: sample.session) }
    private var step: ActivityStep { ActivityStep(id: 0, activity: sample.activity) }

    init() throws {
        port = freePort()
        sample = try SampleSession(
            registryPort: port, runner: ScriptedRunner(order: .scripted),
            environment: ["DEVCLUSTER_RUN": "r1"])
    }

    private func expectContainer(_ state: String?, replacing more: [String: String] = [:]) throws {
        let changes = more.merging([
            "5051": "\(port)", "5068": "\(port)", "5069": "\(port)",
            "rec-kind-registry": "devcluster-demo-registry",
            "rec-exited": "devcluster-demo-registry",
        ]) { $1 }
        let outcome: Outcome =
            if let state {
                .ok(try Fixture.inspect([state], replacing: changes))
            } else {
                .failure(125, stderr: "Error: no such container\n", output: "[]\n")
            }
        runner.expect(
            "podman", ["inspect", "--type", "container", "devcluster-demo-registry"],
            returning: outcome)
    }

    /// Who is not root is not told of the firewall's rules.
    private func expectNoRules() {
        runner.expect("iptables", returning: .failure(4, stderr: "you must be root\n"))
    }

    private func expectRun(volume: String) {
        expectNoRules()
        runner.expect("podman", ["volume", "ls", "--quiet"], returning: .ok(volume + "\n"))
        runner.expect("podman", ["run", "--detach", "--name", "devcluster-demo-registry"])
        runner.expectCurl("get-v2")
    }

    @Test func `a missing registry is made with its image, network and volume`() async throws {
        try expectContainer(nil)
        runner.expect("podman", ["image", "inspect"], returning: .failure(125))
        runner.expect("podman", ["pull", "docker.io/library/registry:2"])
        runner.expect("podman", ["network", "inspect", "kind"])
        expectNoRules()
        runner.expect("podman", ["volume", "ls", "--quiet"])
        runner.expect("podman", ["volume", "create"])
        runner.expect("podman", ["run"])
        runner.expectCurl("get-v2")
        let decision = try await setup.decide()
        #expect(try await setup.carryOut(decision, step: step) == "created, empty")
        let labels = """
            --label devcluster.dev/managed=true --label devcluster.dev/project=devcluster-demo \
            --label devcluster.dev/role=registry --label devcluster.dev/run=r1
            """
        let commands = runner.commands
        #expect(commands.contains("podman volume create \(labels) devcluster-demo-registry-data"))
        #expect(
            commands.contains(
                "podman run --detach --name devcluster-demo-registry --network kind"
                    + " --publish 127.0.0.1:\(port):5000"
                    + " --volume devcluster-demo-registry-data:/var/lib/registry"
                    + " --env REGISTRY_STORAGE_DELETE_ENABLED=true --restart unless-stopped"
                    + " \(labels) docker.io/library/registry:2"))
    }

    @Test func `a registry of kind's own script keeps its anonymous volume`() async throws {
        let volume = try #require(try Fixture.container("kind-script").mounts.first?.name)
        try expectContainer("kind-script")
        runner.expect("podman", ["ps", "--all", "--filter"])
        runner.expect("podman", ["image", "inspect"])
        runner.expect("podman", ["network", "inspect", "kind"])
        for name in ["devcluster-demo-registry-garbage-collection", "devcluster-demo-registry"] {
            runner.expect("podman", ["rm", "--force", "-t", "0", name])
        }
        expectRun(volume: volume)
        let decision = try await setup.decide()
        let done = try await setup.carryOut(decision, step: step)
        #expect(done?.hasPrefix("recreated: it is not on the network 'kind'") == true)
        let run = try #require(runner.calls.first { $0.arguments.first == "run" })
        #expect(run.arguments.contains("\(volume):/var/lib/registry"))
    }

    @Test func `the old registry stays while its new image cannot be had`() async throws {
        try expectContainer("exited", replacing: ["DELETE_ENABLED=true": "DELETE_ENABLED=no"])
        runner.expect("podman", ["ps", "--all", "--filter"])
        runner.expect("podman", ["image", "inspect"], returning: .failure(125))
        runner.expect("podman", ["pull"], returning: .failure(125, stderr: "no route to host\n"))
        let decision = try await setup.decide()
        await #expect(throws: InvocationError.self) {
            try await setup.carryOut(decision, step: step)
        }
        #expect(!runner.calls.contains { $0.arguments.first == "rm" })
    }

    @Test func `a registry that is right only has to answer`() async throws {
        try expectContainer("running")
        // It has just been started.
        runner.expectCurl("refused")
        runner.expectCurl("get-v2")
        runner.expectCurl("get-v2")
        let decision = try await setup.decide()
        #expect(try await setup.carryOut(decision, step: step) == nil)
    }

    @Test func `a registry that only stopped is started`() async throws {
        try expectContainer("exited")
        expectNoRules()
        runner.expect("podman", ["start", "devcluster-demo-registry"])
        runner.expectCurl("get-v2")
        let decision = try await setup.decide()
        #expect(try await setup.carryOut(decision, step: step) == "started")
    }

    @Test func `one that does not start is made again with its images`() async throws {
        try expectContainer("exited")
        expectNoRules()
        runner.expect(
            "podman", ["start"],
            returning: .failure(125, stderr: "Error: unable to find network with name or ID kind\n")
        )
        runner.expect("podman", ["image", "inspect"])
        runner.expect("podman", ["network", "inspect", "kind"])
        for name in ["devcluster-demo-registry-garbage-collection", "devcluster-demo-registry"] {
            runner.expect("podman", ["rm", "--force", "-t", "0", name])
        }
        expectRun(volume: "rec-data")
        let decision = try await setup.decide()
        let done = try await setup.carryOut(decision, step: step)
        #expect(done == "recreated: it was exited and did not start")
        let run = try #require(runner.calls.first { $0.arguments.first == "run" })
        #expect(run.arguments.contains("rec-data:/var/lib/registry"))
    }

    @Test func `other clusters are asked for before their registry is changed`() async throws {
        let fault = ["DELETE_ENABLED=true": "DELETE_ENABLED=no"]
        func expectShared() throws {
            try expectContainer("running", replacing: fault)
            try runner.expectKindNodes(of: ["other"])
            runner.expect("podman", ["cp"])
            runner.expectCurl("get-v2")
        }
        try expectShared()
        let error = await #expect(throws: DevClusterError.self) { try await setup.decide() }
        #expect(error?.message.contains("which other uses too?") == true)
        #expect(error?.hint == "say it with --yes")
        try expectShared()
        let agreeing = RegistrySetup(
            session: sample.session, permissions: UpPermissions(confirm: { _ in }))
        #expect(try await agreeing.decide().reasons == ["it does not allow deleting images"])
    }

    @Test func `a stopped registry whose port others took is not touched`() async throws {
        let socket = try ListeningSocket(port: port)
        try expectContainer("exited")
        let error = await #expect(throws: DevClusterError.self) { try await setup.decide() }
        #expect(error?.message.hasPrefix("port \(socket.port) is needed for the registry") == true)
        #expect(runner.calls.count == 1)
    }

    @Test func `the proof image is built once`() async throws {
        runner.expectCurl("head-404")
        runner.expect("podman", ["build"])
        runner.expect("podman", ["push", "--tls-verify=false"])
        runner.expect("podman", ["rmi", "localhost:\(port)/devcluster-proof:1"])
        try await setup.ensureProofImage()
        runner.expectCurl("head-200")
        try await setup.ensureProofImage()
    }
}
