import ChildProcess
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import GettingStarted
@testable import Images
@testable import Settings
@testable import Vocabulary

/// Keeps the commands that a dry run shows.
private final class ShownCommands: Sendable {
    private let commands = Mutex<[Invocation]>([])

    func add(_ command: Invocation) { commands.withLock { $0.append(command) } }
    var all: [Invocation] { commands.withLock { $0 } }
}

struct InitializationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Without YAML nothing is run.
    private func run(_ language: ContainerfileLanguage? = nil) async throws
        -> InitializationReport
    {
        try await Initialization(
            file: folder.file("devcluster.yaml"), language: language, runner: ScriptedRunner()
        ).run()
    }

    @Test func `the file is written once and never replaced`() async throws {
        try folder.write("", to: "web/Containerfile")
        let report = try await run()
        #expect(report.written == [folder.file("devcluster.yaml")])
        #expect(report.images == ["web"])
        let text = try folder.text("devcluster.yaml")
        let error = await #expect(throws: DevClusterError.self) { try await run() }
        #expect(error?.message.contains("there is a configuration already") == true)
        #expect(error?.hint?.contains("devcluster config view") == true)
        #expect(try folder.text("devcluster.yaml") == text)
    }

    @Test(arguments: ["devcluster.yml", "devcluster.json"])
    func `a configuration of another name counts too`(name: String) async throws {
        try folder.write("{}", to: name)
        await #expect(throws: DevClusterError.self) { try await run() }
        #expect(try folder.names() == [name])
    }

    @Test func `a dry run shows each file as a command and writes nothing`() async throws {
        let shown = ShownCommands()
        _ = try await Initialization(
            file: folder.file("devcluster.yaml"), language: .go, runner: ScriptedRunner(),
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
    ) async throws {
        let report = try await run(language)
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
        async throws
    {
        try folder.write("FROM mine", to: "Dockerfile")
        await #expect(throws: DevClusterError.self) { try await run(.go) }
        #expect(try folder.names() == ["Dockerfile"])
    }

    @Test func `beside a configuration only the Containerfile is written`() async throws {
        try folder.write("mine", to: "devcluster.yaml")
        try folder.write("mine", to: ".dockerignore")
        #expect(try await run(.node).written == [folder.file("Containerfile")])
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
    ) async throws {
        try folder.write(text, to: file)
        _ = try await run(language)
        #expect(try folder.text("Containerfile").contains(expected))
    }
}

/// Both are read through kubectl, so only where that is installed can this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct `A configuration that init wrote` {
    @Test func `is one that the loader accepts, with what was found in it`() async throws {
        let folder = try TemporaryFolder()
        for name in ["Containerfile", "1 odd: name/Dockerfile", "no/Dockerfile", "t.Dockerfile"] {
            try folder.write("", to: name)
        }
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\n"
        try folder.write(
            pod.replacing("NAME", with: "a")
                + "spec: {containers: [{name: a, image: ghcr.io/a/no:1}]}\n", to: "no/k/a.yaml")
        try folder.write(pod.replacing("NAME", with: "b"), to: "#k8s \"x\"/a.yaml")
        let file = folder.file("devcluster.yaml")
        let report = try await Initialization(file: file, runner: SystemRunner()).run()
        let configuration = try await ConfigurationLoader(
            runner: SystemRunner(), environment: [:], cacheFolder: nil
        ).load(explicitPath: file, workingDirectory: folder.path).configuration
        #expect(configuration.images.map(\.name.description) == ["no"])
        #expect(report.images == ["no"])
        #expect(configuration.images.first?.matches.map(\.description) == ["ghcr.io/a/no"])
        #expect(configuration.manifests.contains(.path("#k8s \"x\"/")))
        // What no manifest uses is there to be taken in by hand.
        let text = try folder.text("devcluster.yaml")
        #expect(text.contains("#   context: \"1 odd: name\""))
        #expect(report.leftOut.contains("1 odd: name/Dockerfile (1-odd-name): no manifest uses it"))
    }
}
