import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Settings
@testable import Vocabulary

/// kubectl reads the files, so only where it is installed can this be tried.
@Suite(
    .enabled(
        if: findExecutable("kubectl", path: ProcessInfo.processInfo.environment["PATH"]) != nil))
struct `Half-rendered manifests` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func pod(_ image: String, name: String = "web", apiVersion: String = "v1") -> String {
        """
        apiVersion: \(apiVersion)
        kind: Pod
        metadata: {name: "\(name)"}
        spec: {containers: [{name: web, image: "\(image)"}]}

        """
    }

    private func configuration(_ manifests: [JSONValue]) throws -> Configuration {
        try Configuration(
            document: [
                "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                "spec": [
                    "images": [["name": "web"]], "namespace": "shop",
                    "manifests": .array(manifests),
                ],
            ], folder: folder.path)
    }

    private func read(_ manifests: JSONValue...) async throws -> [JSONValue] {
        let configuration = try configuration(manifests)
        return try await ManifestReader(runner: SystemRunner()).distinctObjects(
            of: configuration.manifests, configuration: configuration, environment: [:])
    }

    private func refusal(_ source: JSONValue) async throws -> DevClusterError {
        try #require(
            await #expect(throws: DevClusterError.self) { try await read(source) })
    }

    @Test func `say what fills them in, and that works`() async throws {
        try folder.write(pod("${REGISTRY}/web:$TAG"), to: "k8s/web.yaml")
        try folder.write(
            "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n", to: "k8s/svc.yaml")
        let error = try await refusal("k8s/")
        #expect(error.code == .usage)
        #expect(
            error.message
                == #"k8s/web.yaml is a template: the image of Pod "web" is "${REGISTRY}/web:$TAG""#)
        let script =
            #"cat k8s/web.yaml | REGISTRY=localhost:5001 TAG=dev envsubst '$REGISTRY $TAG'"#
        #expect(
            error.hint
                == "in devcluster.yaml, in place of k8s/: manifests: [k8s/svc.yaml, {render: [sh, -c,"
                + " \"\(script)\"]}]; or write 'image: web', which a deploy replaces by what was"
                + " built")
        guard findExecutable("envsubst", path: ProcessInfo.processInfo.environment["PATH"]) != nil
        else { return }
        let objects = try await read("k8s/svc.yaml", ["render": ["sh", "-c", .string(script)]])
        let rewriter = ImageRewriter(
            images: try configuration([]).images, registryNames: ["localhost:5001"])
        #expect(
            ContainerUse.all(in: objects).map { rewriter.image(meantBy: $0.reference) } == ["web"])
    }

    @Test(arguments: [
        ("$IMAGE", "IMAGE=web envsubst '$IMAGE'"),
        ("${R}/${NAME}:${V}", "NAME=web R=localhost:5001 V=dev envsubst '$R $NAME $V'"),
        ("web:v${MAJOR}", "MAJOR=VALUE envsubst '$MAJOR'"),
    ])
    func `propose what a variable stands for by its place`(image: String, fill: String)
        async throws
    {
        try folder.write(pod(image), to: "web.yaml")
        #expect(try await refusal("web.yaml").hint?.contains(fill) == true)
    }

    @Test func `of a kustomization are filled in after it`() async throws {
        try folder.write(pod("web:${TAG}"), to: "k8s/web.yaml")
        try folder.write("resources: [web.yaml]\n", to: "k8s/kustomization.yaml")
        let hint = try await refusal("k8s").hint
        #expect(hint?.contains("kubectl kustomize k8s | TAG=dev envsubst '$TAG'") == true)
    }

    @Test func `of a template of another kind need its program`() async throws {
        try folder.write(pod("{{ .Values.image }}"), to: "web.yaml")
        let error = try await refusal("web.yaml")
        #expect(error.message.hasSuffix(#"the image of Pod "web" is "{{ .Values.image }}""#))
        #expect(error.hint?.contains("render: [PROGRAM, ARGUMENT]") == true)
    }

    @Test func `of a program are its own matter`() async throws {
        try folder.write(pod("web:${TAG}"), to: "web.yaml")
        let error = try await refusal(["render": ["cat", "web.yaml"]])
        #expect(error.message.hasPrefix("what 'cat web.yaml' prints is a template"))
        #expect(error.hint == "let the program fill it in, or write the image's name there")
    }

    @Test func `include names, but not what a template of another kind holds`() async throws {
        try folder.write(pod("web", name: "web-${STAGE}"), to: "name.yaml")
        #expect(
            try await refusal("name.yaml").message
                == #"name.yaml is a template: the name of Pod "web-${STAGE}" is "web-${STAGE}""#)
        // kro and Argo fill such in themselves, in the cluster.
        try folder.write(pod("${schema.spec.image}", apiVersion: "kro.run/v1"), to: "other.yaml")
        #expect(try await read("other.yaml").count == 1)
    }

    @Test func `are no manifests with a variable in a command`() async throws {
        try folder.write(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {run: 'echo ${HOME}'}\n",
            to: "a.yaml")
        #expect(try await read("a.yaml").count == 1)
    }
}
