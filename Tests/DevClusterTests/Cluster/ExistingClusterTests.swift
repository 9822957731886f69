import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Registries
@testable import Sessions
@testable import Tools
@testable import Vocabulary

/// A cluster that others made: what is refused, and what is said then.
struct ExistingClusterTests {
    private let runner = ScriptedRunner()

    private func sample(
        context: String = "production", allowed: String? = nil, isDryRun: Bool = false
    ) throws -> SampleSession {
        try SampleSession(
            ["cluster": ["kubeContext": .string(context)]], runner: runner, isDryRun: isDryRun,
            allowedContext: allowed)
    }

    private func expectConfig() throws {
        runner.expect(
            "kubectl", ["config", "view", "--output", "json"],
            returning: .ok(try Fixture.data("kubectl-1.32.4-config-view-existing.json")))
    }

    @Test func `a change that nobody allowed is refused, with the server's name`() async throws {
        let sample = try sample()
        try expectConfig()
        let error = await #expect(throws: DevClusterError.self) {
            try await sample.session.requireCluster()
        }
        #expect(
            error?.message == "the context 'production' is the cluster at"
                + " https://prod.example.com:6443, which devcluster did not make: nothing was"
                + " changed")
        #expect(error?.hint?.contains("--allow-context production") == true)
        #expect(error?.code == .failed)
    }

    @Test func `a permission for another context is none`() async throws {
        let sample = try sample(allowed: "kind-team")
        try expectConfig()
        let error = await #expect(throws: DevClusterError.self) {
            try await sample.session.requireCluster()
        }
        #expect(error?.message.contains("--allow-context names 'kind-team'") == true)
        #expect(error?.message.contains("https://prod.example.com:6443") == true)
    }

    @Test func `with the permission it is changed, through the user's kubeconfig`() async throws {
        let sample = try sample(context: "kind-team", allowed: "kind-team")
        try expectConfig()
        try await sample.session.requireCluster()
        runner.expect("kubectl", ["--context", "kind-team", "delete"])
        _ = try await sample.session.kubectl.run(["delete", "pod", "x"], effect: .changes)
    }

    @Test func `looking needs no permission, and neither does a dry run`() async throws {
        try expectConfig()
        try await sample().session.requireCluster(for: .reading)
        try expectConfig()
        try await sample(isDryRun: true).session.requireCluster()
    }

    @Test func `a context that is not there lists those that are`() async throws {
        let sample = try sample(context: "prduction", allowed: "prduction")
        try expectConfig()
        let error = await #expect(throws: DevClusterError.self) {
            try await sample.session.requireCluster()
        }
        #expect(error?.message == "the kubeconfig has no context 'prduction'")
        #expect(error?.hint?.hasSuffix("it has: kind-team, nowhere, production") == true)
    }

    @Test func `a context that leads nowhere is none`() async throws {
        let sample = try sample(context: "nowhere", allowed: "nowhere")
        try expectConfig()
        await #expect(throws: DevClusterError.self) { try await sample.session.requireCluster() }
    }

    @Test func `a kubeconfig that cannot be read is named, with kubectl's own words`()
        async throws
    {
        let sample = try sample()
        runner.expect(
            "kubectl", ["config", "view"], returning: .failure(1, stderr: "error: yaml: line 3\n"))
        let error = await #expect(throws: DevClusterError.self) {
            try await sample.session.requireCluster()
        }
        #expect(error?.message == "the kubeconfig cannot be read")
        #expect((error?.cause as? InvocationError)?.tail.contains("line 3") == true)
    }

    @Test func `a command that forgets to ask still changes nothing`() async throws {
        let sample = try sample()
        let error = await #expect(throws: DevClusterError.self) {
            try await sample.session.kubectl.run(["delete", "pod", "x"], effect: .changes)
        }
        #expect(error?.message.contains("without --allow-context") == true)
        runner.expect("kubectl", ["--context", "production", "get", "pods"])
        _ = try await sample.session.kubectl.run(["get", "pods"])
        #expect(runner.calls.count == 1)
    }

    @Test func `a deploy that nobody allowed builds nothing`() async throws {
        let sample = try SampleSession(
            [
                "cluster": ["kubeContext": "production"],
                "images": [["name": "web"]],
            ], runner: runner)
        try expectConfig()
        await #expect(throws: DevClusterError.self) {
            try await Deploy(session: sample.session).run([])
        }
        #expect(runner.calls.count == 1)
    }

    @Test func `the permission means nothing for a cluster of ours`() throws {
        let error = #expect(throws: DevClusterError.self) {
            try SampleSession(allowedContext: "kind-team")
        }
        #expect(error?.code == .usage)
    }

    @Test func `its state has a folder of its own, by its context`() throws {
        let place = try sample().place
        #expect(place.context == "production")
        #expect(place.folder.hasSuffix("/contexts/production"))
    }

    @Test func `what needs the nodes says so in a sentence, and exits 3`() async throws {
        let session = try sample(allowed: "production").session
        let errors = [
            await #expect(throws: DevClusterError.self) {
                try await CacheList(session: session).run()
            },
            await #expect(throws: DevClusterError.self) {
                try await CacheClear(session: session, selection: .stale).plan()
            },
        ]
        for error in errors {
            #expect(error?.code == .undecided)
            #expect(error?.message.contains("'production' is an existing one") == true)
        }
        #expect(runner.calls.isEmpty)
    }

    @Test func `after a deploy nothing is looked for on its nodes`() async throws {
        let sample = try sample(allowed: "production")
        runner.expect("podman", ["images"], returning: .ok(""))
        let retention = try TagRetention(session: sample.session, repositories: ["web"])
        let found = await retention.look()
        #expect(try #require(found).get().nodes.isEmpty)
    }

    @Test func `a forward finds the kubeconfig from any folder`() throws {
        func kubeconfig(_ value: String?) throws -> String? {
            try SampleSession(
                ["cluster": ["kubeContext": "production"]], runner: runner,
                environment: value.map { ["KUBECONFIG": $0] } ?? [:]
            ).session.lastingKubeconfig
        }
        #expect(try kubeconfig("/home/me/kc") == "/home/me/kc")
        #expect(
            try kubeconfig("kc") == FileManager.default.currentDirectoryPath + "/kc")
        // Several files only the variable can name.
        #expect(try kubeconfig("/a:/b") == nil)
        #expect(try kubeconfig(nil) == nil)
    }
}

/// What is said of a registry on this machine that an existing cluster would pull from.
struct RegistryAnnouncementTests {
    private let runner = ScriptedRunner()

    private func require(_ said: Outcome, registry: JSONValue? = nil) async throws {
        var spec: [String: JSONValue] = ["cluster": ["kubeContext": "kind-team"]]
        spec["registry"] = registry
        let sample = try SampleSession(spec, runner: runner)
        runner.expectKubectl(
            ["get", "configmap/local-registry-hosting"], returning: said,
            namespace: "kube-public")
        try await RegistryAnnouncement(session: sample.session).require()
    }

    /// As devcluster and kind's own script write it.
    private let announced = "host: \"localhost:5051\"\nhelp: \"https://kind.sigs.k8s.io/\"\n"

    @Test func `a cluster that names our registry pulls from it`() async throws {
        try await require(.ok(announced))
    }

    @Test func `a cluster that names no registry cannot be expected to reach this machine`()
        async throws
    {
        for said in [Outcome.ok(""), .failure(1, stderr: "Error (Forbidden): configmaps\n")] {
            let error = await #expect(throws: DevClusterError.self) { try await require(said) }
            #expect(error?.code == .undecided)
            #expect(error?.message.contains("localhost:5051 is on this machine's") == true)
            #expect(error?.hint?.contains("spec.registry.host") == true)
        }
    }

    @Test func `another registry on this machine is named`() async throws {
        let error = await #expect(throws: DevClusterError.self) {
            try await require(.ok(announced.replacing("5051", with: "5005")))
        }
        #expect(error?.message.contains("pulls from localhost:5005 on this machine") == true)
        #expect(error?.hint == "set spec.registry.host: localhost:5005")
    }

    @Test func `an external registry on this machine is asked for too, any other is not`()
        async throws
    {
        try await require(.ok(announced), registry: ["host": "localhost:5051/team"])
        let sample = try SampleSession(
            [
                "cluster": ["kubeContext": "kind-team"],
                "registry": ["host": "registry.example.com"],
            ], runner: runner)
        try await RegistryAnnouncement(session: sample.session).require()
        #expect(runner.calls.count == 1)
    }
}
