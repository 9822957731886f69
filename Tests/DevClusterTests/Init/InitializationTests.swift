import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DevCluster

/// Keeps the commands that a dry run shows.
private final class ShownCommands: Sendable {
    private let commands = Mutex<[Invocation]>([])

    func add(_ command: Invocation) { commands.withLock { $0.append(command) } }
    var all: [Invocation] { commands.withLock { $0 } }
}

struct InitializationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ language: ContainerfileLanguage? = nil) throws -> InitializationReport {
        try Initialization(file: folder.file("devcluster.yaml"), language: language).run()
    }

    @Test func `the file is written once and never replaced`() throws {
        try folder.write("", to: "web/Containerfile")
        let report = try run()
        #expect(report.written == [folder.file("devcluster.yaml")])
        #expect(report.images == ["web"])
        let text = try folder.text("devcluster.yaml")
        let error = #expect(throws: DevClusterError.self) { try run() }
        #expect(error?.message.contains("there is a configuration already") == true)
        #expect(error?.hint?.contains("devcluster config view") == true)
        #expect(try folder.text("devcluster.yaml") == text)
    }

    @Test(arguments: ["devcluster.yml", "devcluster.json"])
    func `a configuration of another name counts too`(name: String) throws {
        try folder.write("{}", to: name)
        #expect(throws: DevClusterError.self) { try run() }
        #expect(try folder.names() == [name])
    }

    @Test func `a dry run shows each file as a command and writes nothing`() throws {
        let shown = ShownCommands()
        _ = try Initialization(
            file: folder.file("devcluster.yaml"), language: .go,
            showingWith: { shown.add($0) }
        ).run()
        #expect(try folder.names().isEmpty)
        let commands = shown.all
        #expect(
            commands.map { $0.arguments.first.map { $0.split(separator: "/").last } }
                == ["Containerfile", ".dockerignore", "devcluster.yaml"])
        #expect(commands[2].shellQuoted.contains("kind: DevCluster"))
    }

    @Test(arguments: ContainerfileLanguage.allCases)
    func `a Containerfile copies what names dependencies before the sources`(
        language: ContainerfileLanguage
    ) throws {
        let report = try run(language)
        #expect(report.images.count == 1)
        let text = try folder.text("Containerfile")
        #expect(!text.contains("{{"))
        #expect(!text.contains("--mount"))
        let file = Containerfile(text)
        let copies = file.instructions.filter {
            $0.keyword == "COPY" && $0.values(of: "from") == []
        }
        let sources = try #require(copies.firstIndex { $0.rest.hasPrefix(". ") })
        #expect(sources > 0)
        #expect(file.instructions.count { $0.keyword == "FROM" } >= 2)
        // The hash of the inputs understands it too.
        let use = ContainerfileStages(file, arguments: [:]).use(target: nil)
        #expect(!use.hasMounts && use.sources.contains { $0.isEverything })
        #expect(try folder.text(".dockerignore").contains("node_modules"))
    }

    @Test func `a Containerfile that is there is never replaced, and nothing else is written`()
        throws
    {
        try folder.write("FROM mine", to: "Dockerfile")
        #expect(throws: DevClusterError.self) { try run(.go) }
        #expect(try folder.names() == ["Dockerfile"])
    }

    @Test func `beside a configuration only the Containerfile is written`() throws {
        try folder.write("mine", to: "devcluster.yaml")
        try folder.write("mine", to: ".dockerignore")
        #expect(try run(.node).written == [folder.file("Containerfile")])
        #expect(try folder.text("devcluster.yaml") == "mine")
        #expect(try folder.text(".dockerignore") == "mine")
    }

    @Test(arguments: [
        (
            ContainerfileLanguage.rust, "Cargo.toml", "[package]\nname = \"order-rs\"\n",
            "target/release/order-rs"
        ),
        (
            .swift, "Package.swift",
            "let p = Package(name: \"P\", targets: [.executableTarget(\n name: \"serve\")])",
            "--product serve"
        ),
    ])
    func `the program is the one that the project names`(
        language: ContainerfileLanguage, file: String, text: String, expected: String
    ) throws {
        try folder.write(text, to: file)
        _ = try run(language)
        #expect(try folder.text("Containerfile").contains(expected))
    }
}

/// The loader reads YAML through kubectl, so only where that is installed can this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct `A configuration that init wrote` {
    @Test func `is one that the loader accepts, with what was found in it`() async throws {
        let folder = try TemporaryFolder()
        for name in ["Containerfile", "1 odd: name/Dockerfile", "no/Dockerfile", "t.Dockerfile"] {
            try folder.write("", to: name)
        }
        try folder.write("apiVersion: v1\nkind: Pod\nimage: ghcr.io/a/no:1\n", to: "no/k/a.yaml")
        try folder.write("apiVersion: v1\nkind: Pod\n", to: "#k8s \"x\"/a.yaml")
        try folder.write("", to: "chart/Chart.yaml")
        let file = folder.file("devcluster.yaml")
        let report = try Initialization(file: file).run()
        let configuration = try await ConfigurationLoader(
            runner: SystemRunner(), environment: [:], cacheFolder: nil
        ).load(explicitPath: file, workingDirectory: folder.path).configuration
        #expect(configuration.images.map(\.name.description) == report.images)
        #expect(configuration.images.map(\.name.description).contains("1-odd-name"))
        let odd = configuration.images.first { $0.name.description == "1-odd-name" }
        #expect(odd?.context == "1 odd: name")
        let no = configuration.images.first { $0.name.description == "no" }
        #expect(no?.matches.map(\.description) == ["ghcr.io/a/no"])
        #expect(configuration.manifests.contains(.path("#k8s \"x\"/")))
        #expect(
            configuration.manifests.last
                == .render(["helm", "template", configuration.name.description, "chart/"]))
    }
}
