import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import GettingStarted
@testable import Settings
@testable import Vocabulary

struct DuplicateObjectsTests {
    private let runner = ScriptedRunner()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func object(
        _ apiVersion: String, _ kind: String, _ metadata: String = #"{"name":"web"}"#
    ) -> String {
        #"{"apiVersion":"\#(apiVersion)","kind":"\#(kind)","metadata":\#(metadata)}"#
    }

    /// Lets kubectl read these documents from a file or folder, as often as it is asked.
    private func expect(_ path: String, _ documents: String...) {
        let file = folder.file(path)
        runner.expect(
            where: { $0.tool == "kubectl" && $0.arguments.contains(file) }, named: path,
            times: nil, answering: { _ in .ok(documents.joined(separator: "\n") + "\n") })
    }

    private func read(_ sources: Configuration.ManifestSource...) async throws -> [JSONValue] {
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "spec": ["namespace": "shop"],
            ], folder: folder.path)
        return try await ManifestReader(runner: runner).distinctObjects(
            of: sources, configuration: configuration, environment: [:])
    }

    private func refusal(_ sources: Configuration.ManifestSource...) async throws
        -> DevClusterError
    {
        let configuration = try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "spec": ["namespace": "shop"],
            ], folder: folder.path)
        let error = await #expect(throws: DevClusterError.self) {
            try await ManifestReader(runner: runner).distinctObjects(
                of: sources, configuration: configuration, environment: [:])
        }
        return try #require(error)
    }

    @Test func `an object in two files of a folder is refused, with both named`() async throws {
        for name in ["a.yaml", "sub/b.yml", "notes.txt"] { try folder.write("", to: "k8s/\(name)") }
        let web = object("apps/v1", "Deployment")
        expect("k8s", web, object("v1", "Service"), web)
        expect("k8s/a.yaml", web, object("v1", "Service"))
        expect("k8s/sub/b.yml", web)
        let error = try await refusal(.path("k8s"))
        #expect(error.code == .usage)
        #expect(
            error.message.contains(
                "Deployment/web of namespace shop is given twice: in k8s/a.yaml and in"
                    + " k8s/sub/b.yml"))
        #expect(error.hint == "keep one of them; nothing was applied")
    }

    @Test func `an object twice in one file names its documents`() async throws {
        try folder.write("", to: "k8s/web.yaml")
        let web = object("apps/v1", "Deployment")
        expect("k8s", object("v1", "Service"), web, web)
        expect("k8s/web.yaml", object("v1", "Service"), web, web)
        let error = try await refusal(.path("k8s/"))
        #expect(error.message.contains("in k8s/web.yaml (documents 2 and 3),"))
    }

    @Test func `a file and what a program prints are told apart`() async throws {
        try folder.write("", to: "web.yaml")
        let web = object("apps/v1", "Deployment")
        expect("web.yaml", web)
        runner.expect("render", returning: .ok("rendered"))
        runner.expect("kubectl", returning: .ok(web + "\n"))
        let error = try await refusal(.path("web.yaml"), .render(["render", "--all"]))
        #expect(error.message.contains("in web.yaml and in what 'render --all' prints,"))
    }

    @Test(arguments: [
        // The namespace that is left out is the project's.
        (#"{"name":"web"}"#, #"{"name":"web","namespace":"shop"}"#, "apps/v1", "apps/v1"),
        // One object, served in two groups.
        (#"{"name":"web"}"#, #"{"name":"web"}"#, "extensions/v1beta1", "apps/v1"),
    ])
    func `the same object under another writing is the same`(
        first: String, second: String, oldVersion: String, newVersion: String
    ) async throws {
        try folder.write("", to: "a.yaml")
        expect(
            "a.yaml", object(oldVersion, "Deployment", first),
            object(newVersion, "Deployment", second))
        let error = try await refusal(.path("a.yaml"))
        #expect(error.message.contains("is given twice"))
    }

    @Test func `what differs in namespace, group or kind, or has no name yet, is not the same`()
        async throws
    {
        try folder.write("", to: "a.yaml")
        let generated = object("batch/v1", "Job", #"{"generateName":"seed-"}"#)
        expect(
            "a.yaml", object("apps/v1", "Deployment"), object("apps/v1", "StatefulSet"),
            object("apps.example.com/v1", "Deployment"),
            object("apps/v1", "Deployment", #"{"name":"web","namespace":"other"}"#), generated,
            generated)
        #expect(try await read(.path("a.yaml")).count == 6)
    }
}
