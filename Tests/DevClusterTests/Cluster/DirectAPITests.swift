import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Clusters
@testable import Vocabulary

struct DirectAPITests {
    private static let server = "https://127.0.0.1:43317"
    private let home: TemporaryFolder
    private let sample: SampleSession
    private let engine = SampleEngine()
    private var runner: ScriptedRunner { sample.runner }
    private var api: DirectAPI { DirectAPI(session: sample.session) }

    init() throws {
        home = try TemporaryFolder()
        try home.write("kubeconfig of the user", to: "config")
        // A child that another test just starts has, for a moment, the lock of the `up` before.
        sample = try SampleSession(
            ["cluster": ["workers": 1]], environment: ["KUBECONFIG": home.file("config")],
            lockWait: .seconds(10))
        engine.install(sample.runner)
        try sample.remember()
    }

    /// What kubectl tells of the user's kubeconfig, with other text in some places.
    private func view(_ texts: [String: String] = [:]) throws -> String {
        func data(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        var view = try Fixture.text("kubectl-1.32.4-config-view.json")
        for (field, kind) in [
            ("certificate-authority-data", "CA"), ("client-certificate-data", "CERTIFICATE"),
            ("client-key-data", "KEY"),
        ] {
            view = view.replacing(
                "\"\(field)\": \"DATA+OMITTED\"",
                with: "\"\(field)\": \"\(data("-----BEGIN \(kind)-----"))\"")
        }
        return view.replacing(texts)
    }

    private static func recorded(_ name: String) throws -> String {
        try Fixture.text("curl-7.88.1-\(name).txt")
    }

    private static let nodes = "kubernetes-1.20.2-nodes"
    private static let configMaps = "kubernetes-1.20.2-configmaps"

    /// Lets everything answer as it does when all is right, but for what curl gets from the API.
    private func expectHealthy(_ texts: [String: String] = [:], answers: [String]? = nil) throws {
        runner.expect(
            "kubectl", ["config", "view"], returning: .ok(try view(texts)), times: nil)
        let answers =
            try answers ?? [Self.nodes, Self.configMaps].map { try Self.recorded($0) }
        runner.expect(
            where: { $0.tool == "curl" && $0.inputText.contains(Self.server) },
            named: "the API", times: nil
        ) { try CurlScript($0).outcome(answers.map { Data($0.utf8) }) }
        try runner.expectHealthyCluster()
    }

    private func up() async throws -> UpReport {
        try await ClusterUp(session: sample.session).run()
    }

    /// What was run by `up`, as tool and, for kubectl, its verb.
    private func tools(of up: () async throws -> UpReport) async throws -> [String] {
        let before = runner.calls.count
        #expect(try await up().changes.isEmpty)
        return runner.calls[before...].map { call in
            guard call.tool == "kubectl" else { return call.tool }
            return "kubectl " + (call.arguments.first { ["get", "config"].contains($0) } ?? "?")
        }.sorted()
    }

    private static let quick = ["curl", "curl", "podman", "podman", "podman"]

    @Test func `kubectl is asked once, and then only when the kubeconfig changed`() async throws {
        try expectHealthy()
        let slow = ["curl", "kubectl config", "kubectl get", "podman", "podman", "podman"]
        #expect(try await tools(of: up) == slow)
        #expect(try await tools(of: up) == Self.quick)
        try home.write("kubeconfig of thE user", to: "config")
        #expect(try await tools(of: up) == slow)
        #expect(try await tools(of: up) == Self.quick)
        try FileManager.default.removeItem(atPath: home.file("config"))
        #expect(try await tools(of: up) == slow)
    }

    @Test func `the API is asked as the entry says, with its certificate in files of ours`()
        async throws
    {
        try expectHealthy()
        _ = try await up()
        _ = try await up()
        let call = try #require(
            runner.calls.first { $0.tool == "curl" && $0.inputText.contains(Self.server) })
        let requests = try CurlScript(call).requests
        #expect(
            requests.map(\.url) == [
                "\(Self.server)/api/v1/nodes",
                "\(Self.server)/api/v1/namespaces/kube-public/configmaps",
            ])
        for request in requests {
            #expect(request.lines.contains("cacert = \"\(api.folder)/authorities.pem\""))
            #expect(request.lines.contains("cert = \"\(api.folder)/client.pem\""))
            #expect(request.lines.contains("noproxy = \"*\""))
        }
        let client = "\(api.folder)/client.pem"
        #expect(
            try String(contentsOfFile: client, encoding: .utf8)
                == "-----BEGIN CERTIFICATE-----\n-----BEGIN KEY-----")
        let mode = try FileManager.default.attributesOfItem(atPath: client)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func `what is wrong in the cluster is found in this way too`() async throws {
        let nodes = try Self.recorded(Self.nodes).replacing(
            "\"name\": \"devcluster-demo-worker\"", with: "\"name\": \"devcluster-demo-other1\"")
        try expectHealthy(answers: [nodes, try Self.recorded(Self.configMaps)])
        _ = try await up()
        let probe = try await ClusterProbe.take(sample.session, nodes: SampleEngine.nodes)
        #expect(
            probe.problems(sample.session, nodes: SampleEngine.nodes)
                == ["the API lists other nodes than there are"])
    }

    @Test(arguments: ["refused", "get-401", "get-404", "get-500", "get-html", "get-cut", "get-v2"])
    func `an API that does not answer curl as it must is asked by kubectl`(recording: String)
        async throws
    {
        try expectHealthy(
            answers: [try Self.recorded(recording), try Self.recorded(Self.configMaps)])
        _ = try await up()
        let tools = try await tools(of: up)
        #expect(tools == ["curl", "curl", "kubectl get", "podman", "podman", "podman"])
    }

    @Test(arguments: [
        (#""server": "https"#, #""proxy-url": "http://127.0.0.1:9", "server": "https"#),
        (#""server": "https"#, #""tls-server-name": "kubernetes", "server": "https"#),
        (#""server": "https"#, #""server": "http"#),
        (#""client-key-data""#, #""token": "secret", "client-key-data""#),
        (#""client-key-data": "L"#, #""client-key-data": "*"#),
    ]) func `an entry that only kubectl knows how to follow is left to it`(
        text: String, other: String
    ) async throws {
        try expectHealthy([text: other])
        #expect(try await tools(of: up).contains("kubectl config"))
        let again = ["curl", "kubectl get", "podman", "podman", "podman"]
        #expect(try await tools(of: up) == again)
        #expect(!FileManager.default.fileExists(atPath: "\(api.folder)/client.pem"))
    }

    @Test func `a dry run keeps nothing`() async throws {
        let sample = try SampleSession(
            environment: ["KUBECONFIG": home.file("config")], isDryRun: true)
        let api = DirectAPI(session: sample.session)
        await api.learn()
        #expect(sample.runner.calls.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: api.folder))
    }

    @Test func `down forgets it`() async throws {
        try expectHealthy()
        _ = try await up()
        #expect(FileManager.default.fileExists(atPath: api.folder))
        runner.expect("kind", ["delete", "cluster"])
        _ = try await ClusterDown(session: sample.session).run()
        #expect(!FileManager.default.fileExists(atPath: api.folder))
    }
}
