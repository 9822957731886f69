import ChildProcess
import Foundation
import TestSupport

@testable import GettingStarted
@testable import Images
@testable import Settings
@testable import Tools
@testable import Vocabulary

/// A project laid out as many are, with what `init` should make of it.
struct Layout {
    /// What the written configuration should say.
    struct Expected: Codable {
        struct Image: Codable, Hashable {
            var name: String
            var context: String
            /// Relative to the project's folder.
            var containerfile: String
            var target: String?
            var buildArgs: [String: String]?
        }

        struct Chart: Codable {
            var chart: String
            var release: String
        }

        var images: [Image]
        /// The objects that are applied; nil where Helm would have to render them.
        var objects: [String]?
        /// Each as `NAME TARGET PORT TARGETPORT`.
        var forwards: [String]
        var namespace: String?
        var helm: Chart?
        /// Parts of the written text.
        var text: [String]
    }

    let name: String
    let expected: Expected
    private let source: String

    static let names = [
        "chart", "compose-monorepo", "environments", "examples-beside-sources",
        "kustomize-overlays", "operator", "plain-monorepo", "single-service", "skaffold-contexts",
        "tilt",
    ]

    init(_ name: String) throws {
        guard let resources = Bundle.module.resourceURL?.path else {
            throw CocoaError(.fileNoSuchFile)
        }
        let folder = "\(resources)/Fixtures/Layouts/\(name)"
        self.name = name
        source = "\(folder)/project"
        let data = try Data(contentsOf: URL(filePath: "\(folder)/expected.json"))
        expected = try JSONDecoder().decode(Expected.self, from: data)
    }

    /// What is wrong with the configuration that `init` writes for it.
    func problems() async throws -> [String] {
        let folder = try TemporaryFolder()
        let project = folder.file(name)
        try FileManager.default.copyItem(atPath: source, toPath: project)
        let file = "\(project)/devcluster.yaml"
        _ = try await Initialization(file: file, runner: SystemRunner(), isFree: { _ in true })
            .run()
        let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        var problems = expected.text.filter { !text.contains($0) }.map { "no '\($0)' in it" }
        if let helm = expected.helm {
            let line = "- helm: {chart: \(helm.chart), release: \(helm.release)"
            if !text.contains(line) { problems.append("no '\(line)' in it") }
        }
        do {
            let loaded = try await ConfigurationLoader(
                runner: SystemRunner(), environment: [:], cacheFolder: nil
            ).load(explicitPath: file, workingDirectory: project)
            problems += try await wrong(loaded.configuration)
        } catch {
            problems.append("\(error)")
        }
        return problems + (problems.isEmpty ? [] : [text])
    }

    private func wrong(_ configuration: Configuration) async throws -> [String] {
        let images = configuration.images.map { Layout.described($0, configuration) }
        var problems = Layout.difference("images", images, expected.images)
        let forwards = configuration.forwards.map {
            "\($0.name) \($0.target) \($0.port) \($0.targetPort)"
        }
        problems += Layout.difference("forwards", forwards, expected.forwards)
        let namespace = expected.namespace ?? name
        if configuration.namespace.description != namespace {
            problems.append("the namespace is \(configuration.namespace), not \(namespace)")
        }
        guard let wanted = expected.objects else { return problems }
        let objects = try await ManifestReader(runner: SystemRunner()).objects(
            of: configuration.manifests, configuration: configuration, environment: [:])
        let found = objects.map { ManifestObject($0).description }
        problems += Layout.difference("objects", found, wanted)
        // What a deploy asks before it builds.
        let rewriter = ImageRewriter(images: configuration.images, registryNames: [])
        try rewriter.requireUse(
            of: configuration.images.map(\.name.description), in: objects, place: "manifest")
        return problems
    }

    private static func described(
        _ image: Configuration.Image, _ configuration: Configuration
    ) -> Expected.Image {
        let sources = try? BuildSources(image, of: configuration, engine: .podman)
        let containerfile = sources?.containerfile.dropFirst(configuration.folder.count + 1)
        let context = sources.map { String($0.context.dropFirst(configuration.folder.count + 1)) }
        return Expected.Image(
            name: image.name.description, context: context.map { $0.isEmpty ? "." : $0 } ?? "none",
            containerfile: containerfile.map(String.init) ?? "none", target: image.target,
            buildArgs: image.buildArgs.isEmpty ? nil : image.buildArgs)
    }

    private static func difference<Item: Hashable>(
        _ what: String, _ found: [Item], _ wanted: [Item]
    ) -> [String] {
        guard Set(found) != Set(wanted) || found.count != wanted.count else { return [] }
        return ["\(what): \(found), not \(wanted)"]
    }
}
