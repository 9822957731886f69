import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import CommandLineTool

@Suite struct `The built executable` {
    private let tool: BuiltTool

    init() throws {
        tool = try BuiltTool()
    }

    @Test func `is static where the environment names it`() throws {
        FileHandle.standardError.write(Data("testing \(ExecutableUnderTest.description)\n".utf8))
        guard let given = ExecutableUnderTest.given else { return }
        let data = try Data(contentsOf: URL(fileURLWithPath: given), options: .alwaysMapped)
        #if os(Linux)
            #expect(data.range(of: Data("ld-linux".utf8), in: 0..<4096) == nil, "it is not static")
        #endif
    }

    @Test func `tells its version`() async throws {
        let outcome = try await tool.run("--version")
        #expect(outcome.exit == .code(0))
        #expect(outcome.text == "devcluster \(version)\n")
        #expect(outcome.errorText == "")
    }

    @Test func `shows help on standard output when asked, else on standard error with exit 64`()
        async throws
    {
        let asked = try await tool.run("help", "pf", "start")
        #expect(asked.exit == .code(0))
        #expect(asked.text.contains("USAGE: devcluster pf start [options] [<NAME>...]"))
        let bare = try await tool.run("pf")
        #expect(bare.exit == .code(64))
        #expect(bare.text == "")
        #expect(bare.errorText.contains("USAGE: devcluster pf [options] <command>"))
    }

    @Test func `refuses an unknown command and says which was meant`() async throws {
        let outcome = try await tool.run("verify-imgae")
        #expect(outcome.exit == .code(64))
        #expect(outcome.text == "")
        #expect(
            outcome.errorText == """
                error: unknown command 'verify-imgae'; did you mean 'verify-image'?
                hint: devcluster help

                """)
    }

    /// The executable is linked with FoundationEssentials alone, as the shipped one is, and these
    /// tests with Foundation: some casts succeed in the tests only.
    @Test(
        .enabled(
            if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil)
    )
    func `finds the manifests of a project`() async throws {
        try tool.write(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: [{name: web, image: "ghcr.io/acme/web:1"}]}
            """, to: "k8s/web.yaml")
        try tool.write("", to: "web/Dockerfile")
        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        let outcome = try await tool.run(["init"], environment: ["PATH": path])
        #expect(outcome.exit == .code(0))
        #expect(outcome.text.contains("images: web\nmanifests: k8s/\n"))
        let text = try tool.folder.text("project/devcluster.yaml")
        #expect(text.contains("matches: [ghcr.io/acme/web]"))
    }

    @Test func `without an engine it exits 69 and says how to get one`() async throws {
        for command in ["up", "down", "build", "deploy", "verify-image", "pf start"] {
            let words = command.split(separator: " ").map(String.init)
            let outcome = try await tool.run(words)
            #expect(outcome.exit == .code(69))
            #expect(outcome.errorText.hasPrefix("error: 'podman' or 'docker' is not installed\n"))
            #expect(outcome.errorText.contains("hint: install podman (Debian and Ubuntu: apt"))
        }
    }

    @Test func `without a tool that it needs later it exits 69 too`() async throws {
        try tool.install("podman", "exit 0")
        let folder = "\(tool.folder.path)/state/clusters/podman-devcluster"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let record =
            #"{"phase": "ready", "nodes": {}, "registry": "r", "createdAt": "2026-01-02T03:04:05Z"}"#
        try Data(#"{"version": 1, "content": \#(record)}"#.utf8)
            .write(to: URL(filePath: "\(folder)/cluster.json"))
        let outcome = try await tool.run("verify-image")
        #expect(outcome.exit == .code(69))
        #expect(
            outcome.errorText == """
                · context kind-devcluster, namespace default
                error: kubectl was not found in PATH
                  $ KUBERC=off kubectl --kubeconfig \(tool.folder.path)/state/clusters/podman-devcluster/kubeconfig \
                --context kind-devcluster --namespace default get \
                pods,deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,replicationcontrollers,jobs.batch,cronjobs.batch --output json
                hint: install kubectl - https://kubernetes.io/docs/tasks/tools

                """)
    }

    @Test func `without a cluster it says so, and how to make one`() async throws {
        try tool.install("podman", "exit 0")
        let outcome = try await tool.run("verify-image")
        #expect(outcome.exit == .code(1))
        #expect(
            outcome.errorText.contains(
                "error: there is no cluster 'devcluster' of devcluster\nhint: devcluster up"))
    }

    @Test func `an unknown field exits 64 naming path, field and what was meant`() async throws {
        try tool.write(
            """
            {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
             "spec": {"cluster": {"worker": 2}, "namespace": "Shop"}}
            """, to: "devcluster.json")
        let outcome = try await tool.run("config", "view")
        #expect(outcome.exit == .code(64))
        #expect(outcome.text == "")
        #expect(
            outcome.errorText == """
                error: configuration \(tool.folder.path)/project/devcluster.json: 2 errors
                  spec.cluster.worker: unknown field; did you mean workers?
                  spec.namespace: namespace "Shop" is not valid: "S" is not allowed, only a-z, 0-9 \
                and "-"

                """)
    }

    /// The words of kubectl 1.32.4, as recorded for the tests of DevCluster.
    @Test func `malformed YAML exits 64 with the line, in kubectl's words`() async throws {
        try tool.install(
            "kubectl",
            """
            echo "error: error parsing $4: error converting YAML to JSON: yaml: line 4: did not \
            find expected ',' or ']'" >&2
            exit 1
            """)
        try tool.write(
            "apiVersion: devcluster.dev/v1\nkind: DevCluster\nspec:\n  a: [1, 2\n",
            to: "devcluster.yaml")
        let outcome = try await tool.run("config", "view")
        #expect(outcome.exit == .code(64))
        #expect(
            outcome.errorText.hasPrefix(
                "error: configuration \(tool.folder.path)/project/devcluster.yaml:"
                    + " line 4: did not find expected ',' or ']'\n"))
    }

    @Test func `YAML without kubectl exits 69 and offers JSON`() async throws {
        try tool.write("apiVersion: devcluster.dev/v1\n", to: "devcluster.yaml")
        let outcome = try await tool.run("config", "view")
        #expect(outcome.exit == .code(69))
        #expect(outcome.errorText.contains("kubectl is not installed"))
        #expect(outcome.errorText.contains("devcluster.json"))
    }

    @Test func `shows where each value comes from`() async throws {
        try tool.write(
            """
            {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
             "metadata": {"name": "shop"}, "spec": {"registry": {"port": 5010}}}
            """, to: "devcluster.json")
        let outcome = try await tool.run(
            "config", "view", "-n", "test", environment: ["DEVCLUSTER_ENGINE": "docker"])
        let rows = outcome.text.split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        let file = "\(tool.folder.path)/project/devcluster.json"
        #expect(outcome.exit == .code(0))
        #expect(rows.contains(["metadata.name", "shop", file]))
        #expect(rows.contains(["spec.registry.port", "5010", file]))
        #expect(rows.contains(["spec.engine", "docker", "DEVCLUSTER_ENGINE"]))
        #expect(rows.contains(["spec.namespace", "test", "flag"]))
        #expect(rows.contains(["spec.cluster.workers", "0", "default"]))
    }

    @Test func `warns of a variable that looks like one of ours`() async throws {
        let outcome = try await tool.run(
            "config", "view", environment: ["DEVCLUSTER_NAMESPCE": "x"])
        #expect(outcome.exit == .code(0))
        #expect(
            outcome.errorText == "warning: unknown variable DEVCLUSTER_NAMESPCE; did you mean"
                + " DEVCLUSTER_NAMESPACE?\n")
    }

    @Test func `lists no forwards where nothing was ever started`() async throws {
        let outcome = try await tool.run("pf", "list")
        #expect(outcome.exit == .code(0))
        #expect(outcome.text == "no forwards\n")
        #expect(outcome.errorText == "")
    }

    @Test func `says why a dry run ends with another code than 0, beside what it would run`()
        async throws
    {
        let outcome = try await tool.run("doctor", "--fix", "--dry-run")
        #expect(outcome.exit != .code(0))
        #expect(outcome.errorText.contains("it is not installed"), "\(outcome.errorText)")
        #expect(!outcome.text.contains("it is not installed"))
    }

    @Test func `offers candidates to the shell, also those of the configuration`() async throws {
        try tool.write(
            """
            {"apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
             "spec": {"images": [{"name": "web"}, {"name": "worker"}, {"name": "api"}]}}
            """, to: "devcluster.json")
        func candidates(_ words: String...) async throws -> [String] {
            let outcome = try await tool.run("__complete", words[0], words[1])
            #expect(outcome.exit == .code(0))
            // The first line tells whether files may follow.
            return outcome.text.split(separator: "\n").dropFirst().compactMap {
                $0.split(separator: "\t").first.map(String.init)
            }
        }
        #expect(try await candidates("pf", "st") == ["start", "stop"])
        #expect(try await candidates("completion", "") == ["bash", "zsh", "fish"])
        #expect(try await candidates("build", "w") == ["web", "worker"])
        #expect(try await candidates("up", "--rec") == ["--recreate"])
        // The cluster cannot be asked here: no candidates, no complaint.
        #expect(try await candidates("verify-image", "") == [])
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `prints a completion script`(shell: String) async throws {
        let outcome = try await tool.run("completion", shell)
        #expect(outcome.exit == .code(0))
        #expect(outcome.text.contains("__complete"))
    }
}
