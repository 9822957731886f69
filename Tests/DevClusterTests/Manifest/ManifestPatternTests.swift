import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Settings
@testable import Vocabulary

@Suite struct `A pattern of manifests` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for file in [
            "k8s/web.yaml", "k8s/db.yml", "k8s/README.md", "k8s/sub/job.yaml", "k8s/.hidden.yaml",
            "k8s/scripts/run.sh", "services/a/k8s/a.yaml", "services/b/k8s/b.yaml",
            "services/b/b.go", "odd/[a].yaml", ".git/x.yaml",
        ] {
            try folder.write("", to: file)
        }
    }

    private func names(_ pattern: String) throws -> [String] {
        let configuration = Configuration.defaults(folder: folder.path)
        return try #require(ManifestPattern(pattern, in: configuration)).places().map(\.name)
    }

    @Test(arguments: [
        ("k8s/*.yaml", ["k8s/web.yaml"]),
        ("./k8s/*.y*ml", ["./k8s/db.yml", "./k8s/web.yaml"]),
        ("k8s/*", ["k8s/db.yml", "k8s/sub", "k8s/web.yaml"]),
        ("k8s/**/*.yaml", ["k8s/sub/job.yaml", "k8s/web.yaml"]),
        ("k8s/**", ["k8s/"]),
        ("services/*/k8s", ["services/a/k8s", "services/b/k8s"]),
        ("services/?/k8s/[b-z].yaml", ["services/b/k8s/b.yaml"]),
        (
            "**/*.yaml",
            [
                "k8s/sub/job.yaml", "k8s/web.yaml", "odd/[a].yaml", "services/a/k8s/a.yaml",
                "services/b/k8s/b.yaml",
            ]
        ),
    ])
    func `means these, in this order`(pattern: String, expected: [String]) throws {
        #expect(try names(pattern) == expected)
    }

    @Test func `that means nothing says what there is`() throws {
        let error = #expect(throws: DevClusterError.self) { try names("k8s/*.json") }
        #expect(error?.message == "no manifests match k8s/*.json")
        #expect(error?.hint?.hasPrefix("there are: k8s/") == true)
        let none = #expect(throws: DevClusterError.self) { try names("none/*.yaml") }
        #expect(none?.hint == "looked in \(folder.file("none"))")
    }

    @Test func `is only what holds one of its characters`() {
        let configuration = Configuration.defaults(folder: folder.path)
        #expect(ManifestPattern("k8s/web.yaml", in: configuration) == nil)
    }

    @Test func `does not go round in circles of links`() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("k8s/loop"), withDestinationPath: "..")
        #expect(try names("k8s/**/*.yaml") == ["k8s/sub/job.yaml", "k8s/web.yaml"])
    }

    @Test(arguments: ["linked", "linked/"])
    func `a folder that is a link is read as what it leads to`(_ path: String) async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("linked"), withDestinationPath: "k8s")
        let runner = ScriptedRunner()
        let object = #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}"# + "\n"
        runner.expect("kubectl", returning: .ok(object))
        _ = try await ManifestReader(runner: runner).objects(
            of: [.path(path)], configuration: Configuration.defaults(folder: folder.path),
            environment: [:])
        #expect(runner.calls.first?.arguments.contains(folder.file("k8s")) == true)
    }

    @Test func `is read in one call, and a name with its characters by itself`() async throws {
        let runner = ScriptedRunner()
        let object = #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}"# + "\n"
        runner.expect("kubectl", returning: .ok(object), times: 2)
        let configuration = Configuration.defaults(folder: folder.path)
        _ = try await ManifestReader(runner: runner).objects(
            of: [.path("k8s/*.y*ml"), .path("odd/[a].yaml")], configuration: configuration,
            environment: [:])
        #expect(
            runner.calls.map { $0.arguments.filter { $0.hasPrefix("/") } } == [
                [folder.file("k8s/db.yml"), folder.file("k8s/web.yaml")],
                [folder.file("odd/[a].yaml")],
            ])
    }
}
