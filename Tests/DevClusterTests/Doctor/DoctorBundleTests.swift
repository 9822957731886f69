import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Sessions
@testable import Settings
@testable import Vocabulary

struct DoctorBundleTests {
    private let sample: SampleSession
    private let spec: [String: JSONValue]
    private let engine = SampleEngine()
    private let markers = Markers()

    init() throws {
        spec = [
            "cluster": ["workers": 1], "namespace": "shop",
            "images": [
                [
                    "name": "web", "target": "planted-target",
                    "buildArgs": ["PLANTED_NAME": "planted-argument"],
                ]
            ],
            "manifests": [["render": ["./render.sh", "--token", "planted-render"]]],
        ]
        sample = try SampleSession(spec)
        try sample.remember()
    }

    private func expect(
        _ name: String, _ document: String, where matches: @escaping @Sendable ([String]) -> Bool
    ) throws {
        let marked = markers.mark(try JSONValue(parsing: Data(document.utf8)), name)
        let text = String(decoding: try marked.encoded(), as: UTF8.self)
        sample.runner.expect(where: { matches($0.arguments) }, named: name, times: nil) { _ in
            .ok(text)
        }
    }

    /// Text in which every word is a marker, as a log that holds nothing but secrets.
    private func expectText(
        _ name: String, where matches: @escaping @Sendable ([String]) -> Bool
    ) {
        let words = (0..<8).map { _ in markers.make(name) }
        let text = """
            level=error msg="failed to pull image: \(words[0])" Authorization: Bearer \(words[1])
            password:
              \(words[2])
            auth = "\(words[3])"
            config_path = "\(words[4])"
            server = "https://user:\(words[5])@host"
            curl -u me:\(words[6]) --token \(words[7])
            """
        sample.runner.expect(where: { matches($0.arguments) }, named: name, times: nil) { _ in
            .ok(text)
        }
    }

    private func expectEverything() throws {
        try expect("info", Fixture.text("podman-4.3.1-info.json")) { $0.first == "info" }
        try expect(
            "network",
            #"""
            [{"name": "kind", "id": "x", "driver": "bridge", "network_interface": "x", "labels":
            {"a": "b"}, "options": {"a": "b"}, "subnets": [{"subnet": "10.89.0.0/24", "gateway":
            "10.89.0.1"}], "ipv6_enabled": false}]
            """#
        ) { $0.starts(with: ["network", "inspect"]) }
        try expect("nodes", Fixture.cluster("nodes")) {
            $0.suffix(4) == ["get", "nodes", "--output", "json"]
        }
        try expect("pods", Fixture.cluster("images")) { $0.contains("pods") }
        try expect("events", Fixture.cluster("rollout-diagnoses-events")) { $0.contains("events") }
        try expect(
            "crictl images",
            Fixture.text("crictl-1.32.0-containerd-1.6.20-images-worker.json")
        ) { $0.last == "crictl images --output json" }
        try expect(
            "crictl ps", Fixture.text("crictl-1.32.0-containerd-1.6.20-ps-worker.json")
        ) { $0.last == "crictl ps --all --output json" }
        expectText("registry log") { $0.first == "logs" }
        expectText("settings") { $0.last?.hasPrefix("cat ") == true }
        expectText("journal") { $0.last?.hasPrefix("journalctl") == true }
        let planted = try JSONValue(parsing: sample.folder.read(stateFile("cluster.json")))
        try sample.folder.write(
            String(decoding: markers.mark(planted, "cluster.json").encoded(), as: UTF8.self),
            to: stateFile("cluster.json"))
        let record = #"""
            {"version": 1, "kind": "deploy", "record": {"time": "x", "seconds": 1, "namespace": "x",
            "images": [{"name": "x", "tag": "x", "digest": "x", "planted": "x"}], "verdicts":
            {"match": 1}, "exitCode": 1, "error": "x", "steps": [{"name": "x", "seconds": 1}]}}
            """#
        let line = try markers.mark(JSONValue(parsing: Data(record.utf8)), "records").encoded()
        try sample.folder.write(
            String(decoding: line, as: UTF8.self).replacing("\n", with: "") + "\n",
            to: stateFile("records.jsonl"))
        // Last, because it answers whatever is run in a node.
        engine.install(sample.runner)
    }

    private func view() throws -> ConfigurationView {
        try LoadedConfiguration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "metadata": ["name": "devcluster-demo"], "spec": .object(spec),
            ], file: nil, folder: sample.folder.path, workingDirectory: sample.folder.path,
            overrides: ConfigurationOverrides()
        ).view
    }

    private func stateFile(_ name: String) -> String {
        String(sample.place.folder.dropFirst(sample.folder.path.count + 1)) + "/" + name
    }

    private func bundle() async throws -> [BundleFile] {
        let finding = Finding(
            "node devcluster-demo-worker", .error,
            "it pulls nothing: \(markers.make("evidence")): x509: certificate signed by unknown"
                + " authority",
            remedy: "set --token \(markers.make("remedy"))")
        let bundle = DoctorBundle(
            session: sample.session,
            report: DoctorReport(findings: [finding], fixed: []),
            configuration: try view(), version: "1.2.3")
        return try await sample.session.activity.step("collect") { try await bundle.files($0) }
    }

    @Test func `of everything that is read only what the lists name is in the bundle`()
        async throws
    {
        try expectEverything()
        let files = try await bundle()
        let text = files.map { "\($0.name)\n\($0.text)" }.joined(separator: "\n")
        #expect(markers.count > 500)
        let allowed: Set<String> = [
            "info.host.arch", "info.host.cgroupControllers[]", "info.host.cgroupManager",
            "info.host.cgroupVersion", "info.host.distribution.distribution",
            "info.host.distribution.version", "info.host.kernel", "info.host.networkBackend",
            "info.host.ociRuntime.name", "info.host.os", "info.store.graphDriverName",
            "info.version.APIVersion", "info.version.GoVersion", "info.version.OsArch",
            "info.version.Version", "network[].driver", "network[].name",
            "nodes.items[].metadata.name", "nodes.items[].status.addresses[].type",
            "nodes.items[].status.conditions[].reason", "nodes.items[].status.conditions[].status",
            "nodes.items[].status.conditions[].type",
            "nodes.items[].status.nodeInfo.architecture",
            "nodes.items[].status.nodeInfo.containerRuntimeVersion",
            "nodes.items[].status.nodeInfo.kernelVersion",
            "nodes.items[].status.nodeInfo.kubeletVersion",
            "nodes.items[].status.nodeInfo.operatingSystem",
            "nodes.items[].status.nodeInfo.osImage", "nodes.items[].spec.taints[].effect",
            "nodes.items[].spec.taints[].key",
            "pods.items[].metadata.name", "pods.items[].metadata.namespace",
            "pods.items[].spec.nodeName", "pods.items[].status.phase",
            "pods.items[].status.reason", "pods.items[].status.conditions[].reason",
            "pods.items[].status.conditions[].status", "pods.items[].status.conditions[].type",
            "pods.items[].status.containerStatuses[].image",
            "pods.items[].status.containerStatuses[].imageID",
            "pods.items[].status.containerStatuses[].name",
            "pods.items[].status.containerStatuses[].lastState.terminated.reason",
            "pods.items[].status.containerStatuses[].state.terminated.reason",
            "pods.items[].status.containerStatuses[].state.waiting.reason",
            "pods.items[].status.initContainerStatuses[].image",
            "pods.items[].status.initContainerStatuses[].imageID",
            "pods.items[].status.initContainerStatuses[].name",
            "pods.items[].status.initContainerStatuses[].state.terminated.reason",
            "events.items[].involvedObject.kind", "events.items[].involvedObject.name",
            "events.items[].involvedObject.namespace", "events.items[].reason",
            "events.items[].source.component", "events.items[].reportingComponent",
            "events.items[].type", "crictl images.images[].repoDigests[]",
            "crictl images.images[].repoTags[]", "crictl ps.containers[].image.image",
            "crictl ps.containers[].metadata.name", "crictl ps.containers[].state",
            "cluster.json.content.phase", "cluster.json.content.registry",
            "cluster.json.content.nodeImage", "records.kind", "records.record.images[].name",
            "records.record.images[].tag", "records.record.namespace",
        ]
        let found = markers.places(in: text)
        #expect(found.subtracting(allowed).sorted() == [])
        // Else the test would pass for an empty bundle.
        #expect(found.count > 30)
        #expect(!text.contains("planted"), "the configuration's own secrets")
    }

    @Test func `what helps is still there: faults in words that everybody uses, names, versions`()
        async throws
    {
        try expectEverything()
        let files = try await bundle()
        func text(_ name: String) -> String { files.first { $0.name == name }?.text ?? "" }
        #expect(
            text("doctor.json").contains(
                "it pulls nothing: … x509: certificate signed by unknown authority"))
        #expect(text("doctor.json").contains("\"node devcluster-demo-worker\""))
        #expect(text("version.json").contains("1.2.3"))
        #expect(text("registry.log").contains("failed to pull image: …"))
        #expect(text("configuration.json").contains("\"shop\""))
        #expect(text("containers.json").contains("devcluster-demo-registry"))
        #expect(text("engine/info.json").contains("rootless"))
        #expect(files.map(\.name).contains("nodes/devcluster-demo-worker/journal.log"))
    }

    @Test func `only this user can read the archive, and one that is there is not replaced`()
        async throws
    {
        sample.runner.expect(where: { $0.tool != "tar" }, named: "others", times: nil) { _ in
            .failure(1, stderr: "no\n")
        }
        sample.runner.expect("tar", ["-czf", "-"], returning: .ok("archive"))
        let path = sample.folder.file("help.tar.gz")
        let bundle = DoctorBundle(
            session: sample.session, report: DoctorReport(findings: [], fixed: []),
            configuration: try view(), version: "1")
        try await bundle.write(to: path)
        #expect(try sample.folder.text("help.tar.gz") == "archive")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        await #expect(throws: DevClusterError.self) { try await bundle.write(to: path) }
    }

    @Test(arguments: [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "ghp_16C7e42F292c6912E7710c838347Ae",
        "https://me:pw@registry.example.com/web", "AKIAIOSFODNN7EXAMPLE", "glpat-1234567890",
        "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA==", "Zm9vYmFyMTIzNDU2Nzg5MA",
        String(repeating: "a1", count: 32),
    ]) func `what looks like a credential is no name, wherever it stands`(text: String) {
        let words = BundleWords(names: [String]())
        #expect(BundleShape.name.kept(text, words) == nil)
        #expect(BundleShape.title.kept("Linux \(text)", words) == nil)
        #expect(BundleShape.image.kept("r.example/\(text):1", words) == nil)
        #expect(!words.prose("token \(text) expired").contains(text))
    }

    @Test(arguments: [
        "2026-01-02T03:04:05Zhunter2", "2026-01-02T03:04:05.678Z12345678",
        "2026-01-02T03:04:05+00:00hunter2", "2026-01-02T03:04:05.1234567890123Z",
    ]) func `what is glued to a time goes with it`(text: String) {
        #expect(!BundleWords(names: [String]()).prose("at \(text) it ended").contains(text))
        #expect(BundleShape.time.kept(text, BundleWords(names: [String]())) == nil)
    }

    @Test(arguments: [
        "devcluster-demo-control-plane", "web-7d9c8b6f5d-x2x7k", "5.10.0-28-amd64",
        "containerd://1.6.20", "task-worker-2", "node-role.kubernetes.io/control-plane",
        "dev-0f3c9a1b2c3d-dirty-20260102T030405678Z",
    ]) func `names as clusters have them stay`(text: String) {
        #expect(BundleShape.name.kept(text, BundleWords(names: [String]())) == text)
    }
}
