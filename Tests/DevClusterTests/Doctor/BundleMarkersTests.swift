import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Diagnosis
@testable import Sessions
@testable import Settings
@testable import Vocabulary

/// The files of the bundle that are made of containers, of the configuration and of failures.
struct BundleMarkersTests {
    private let sample: SampleSession
    private let engine = SampleEngine()
    private let markers = Markers()

    init() throws {
        sample = try SampleSession()
        try sample.remember()
    }

    private func files(_ configuration: ConfigurationView = ConfigurationView(entries: []))
        async throws -> [BundleFile]
    {
        let bundle = DoctorBundle(
            session: sample.session, report: DoctorReport(findings: [], fixed: []),
            configuration: configuration, version: "1.2.3")
        return try await sample.session.activity.step("collect") { try await bundle.files($0) }
    }

    private func text(_ files: [BundleFile]) -> String {
        files.map { "\($0.name)\n\($0.text)" }.joined(separator: "\n")
    }

    /// Sentences that hold nothing but markers, in the ways that tools write secrets.
    private func sentences(_ place: String) -> String {
        let words = (0..<9).map { _ in markers.make(place) }
        return """
            Error from server (Forbidden): user "\(words[0])" cannot list: \(words[1])
            error: You must be logged in: token=\(words[2]) https://me:\(words[3])@host/\(words[4])
            password:
              \(words[5])
            - name: API_TOKEN
              value: \(words[6])
            "auths": {"\(words[7])": {"auth": "\(words[8])"}}
            """
    }

    @Test func `of a container only what the list names is told`() async throws {
        let recorded = [
            SampleEngine.nodes[0]: "control-plane", SampleEngine.nodes[1]: "worker",
            SampleEngine.registry: "running",
        ]
        sample.runner.expect("podman", ["inspect", "--type", "container"], times: nil) {
            [markers] invocation in
            let found = try invocation.arguments.dropFirst(3).compactMap { name -> JSONValue? in
                guard let recording = recorded[name] else { return nil }
                let document = try JSONValue(parsing: Fixture.inspect([recording]))
                var container = try #require(markers.mark(document, "inspect")[0])
                container["Name"] = .string(name)
                container["State"]?["Status"] = "running"
                return container
            }
            return .ok(String(decoding: try JSONValue.array(found).encoded(), as: UTF8.self))
        }
        engine.install(sample.runner)
        sample.runner.expect(where: { _ in true }, named: "others", times: nil) { _ in
            .failure(1, stderr: "no\n")
        }
        let files = try await files()
        #expect(markers.count > 60)
        let allowed: Set<String> = [
            "inspect[].Config.Image", "inspect[].Config.Labels.devcluster.dev/project",
            "inspect[].Config.Labels.devcluster.dev/role",
            "inspect[].Config.Labels.io.x-k8s.kind.cluster",
            "inspect[].Config.Labels.io.x-k8s.kind.role", "inspect[].HostConfig.PortBindings name",
            "inspect[].Mounts[].Type", "inspect[].NetworkSettings.Networks name",
        ]
        let found = markers.places(in: text(files))
        #expect(found.subtracting(allowed).sorted() == [])
        // Else the test would pass for a bundle without containers.
        #expect(found.count > 4)
        let described = try #require(files.first { $0.name == "containers.json" }).text
        #expect(SampleEngine.nodes.allSatisfy(described.contains))
    }

    @Test func `of the configuration only the fields that the list names are told`() async throws {
        let view = try loaded(fullExample).view
        #expect(view.entries.count > 50)
        let marked = view.entries.flatMap { entry in
            // Twice: with the names that users choose, and with markers in their place.
            ["PROFILE", markers.make("a name of buildArgs")].map { name in
                let path = entry.path.replacing("PROFILE", with: name)
                let place = entry.path.replacing(/\[[0-9]+\]/, with: "[]")
                return ConfigurationView.Entry(
                    path: path, value: markers.make(place), absent: markers.make("\(place) absent"),
                    origin: entry.origin, source: markers.make("\(place) source"))
            }
        }
        sample.runner.expect(where: { _ in true }, named: "all", times: nil) { _ in
            .failure(1, stderr: "no\n")
        }
        let files = try await files(ConfigurationView(entries: marked))
        let allowed: Set<String> = [
            "apiVersion", "kind", "metadata.name", "spec.cluster.kubeContext",
            "spec.cluster.nodeImage", "spec.cluster.portMappings[].protocol", "spec.engine",
            "spec.forwards[].name",
            "spec.forwards[].namespace", "spec.forwards[].target", "spec.forwards[].targetPort",
            "spec.images[].matches[]", "spec.images[].name", "spec.locks[].method",
            "spec.locks[].workload", "spec.namespace", "spec.preload[]", "spec.registry.image",
            "spec.registry.name", "spec.registry.volume", "spec.tagPolicy", "spec.timeouts.build",
            "spec.timeouts.child", "spec.timeouts.delete", "spec.timeouts.push",
            "spec.timeouts.rollout",
        ]
        let found = markers.places(in: text(files))
        #expect(found.subtracting(allowed).sorted() == [])
        #expect(found.count > 15)
    }

    @Test(arguments: [true, false])
    func `of what a tool says that fails only words that everybody uses are told`(isSaid: Bool)
        async throws
    {
        engine.install(sample.runner)
        sample.runner.expect(where: { _ in true }, named: "failing", times: nil) { [self] call in
            guard isSaid else {
                throw InvocationError(
                    .timedOut, call, errorOutput: Data(sentences("error of \(call.tool)").utf8))
            }
            return .failure(
                1, stderr: sentences("error of \(call.tool)"),
                output: sentences("output of \(call.tool)"))
        }
        let files = try await files()
        let failed = files.filter { $0.name.hasSuffix(".error") }
        #expect(failed.count > 5)
        #expect(failed.allSatisfy { !$0.text.isEmpty })
        #expect(markers.count > 50)
        #expect(markers.places(in: text(files)).sorted() == [])
    }

    @Test func `a tool that prints no JSON tells no more`() async throws {
        engine.install(sample.runner)
        sample.runner.expect(where: { _ in true }, named: "talking", times: nil) { [self] call in
            .ok(sentences("output of \(call.tool)"))
        }
        let files = try await files()
        #expect(files.contains { $0.name == "kubernetes/pods.json.txt" })
        #expect(markers.places(in: text(files)).sorted() == [])
    }

    @Test func `state that cannot be read is told without its place`() async throws {
        let folder = String(sample.place.folder.dropFirst(sample.folder.path.count + 1))
        try FileManager.default.removeItem(atPath: sample.place.folder + "/cluster.json")
        try sample.folder.write("", to: "\(folder)/cluster.json/x")
        try sample.folder.write("", to: "\(folder)/records.jsonl/x")
        sample.runner.expect(where: { _ in true }, named: "all", times: nil) { _ in
            .failure(1, stderr: "no\n")
        }
        let files = try await files()
        for name in ["state/cluster.json.error", "state/records.jsonl.error"] {
            let file = try #require(files.first { $0.name == name })
            #expect(file.text.contains("it is a folder"), "\(file.text)")
        }
        let own = try #require(sample.folder.path.split(separator: "/").last)
        #expect(!text(files).contains(own))
    }
}
