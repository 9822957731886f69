import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Settings
@testable import Tools
@testable import Vocabulary

@Suite struct `Manifests of a chart` {
    private let runner = ScriptedRunner()
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("apiVersion: v2\nname: web\n", to: "deploy/chart/Chart.yaml")
    }

    private var configuration: Configuration {
        get throws {
            try Configuration(
                document: [
                    "apiVersion": "devcluster.dev/v1", "kind": "DevCluster",
                    "metadata": ["name": "shop"], "spec": ["namespace": "store"],
                ], folder: folder.path)
        }
    }

    private func read(_ chart: Configuration.Chart, cluster: Kubectl? = nil) async throws
        -> [String]
    {
        var reader = ManifestReader(runner: runner)
        reader.cluster = cluster
        return try await reader.objects(
            of: [.helm(chart)], configuration: configuration, environment: [:]
        ).map { ManifestObject($0).description }
    }

    @Test func `are what Helm prints for the cluster that they are deployed to`() async throws {
        // kubectl 1.32.4.
        runner.expect(
            "kubectl", ["--context", "kind-shop", "version"],
            returning: .ok(
                #"{"clientVersion":{"gitVersion":"v1.32.4"},"#
                    + #""serverVersion":{"major":"1","minor":"20","gitVersion":"v1.20.2"}}"#))
        runner.expect("helm", returning: .ok("rendered"))
        runner.expect(
            "kubectl", ["annotate", "--local", "--filename", "-"],
            returning: .ok(
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"}}"# + "\n"))
        let kubectl = Kubectl(context: "kind-shop", kubeconfig: nil, runner: runner)
        let objects = try await read(Configuration.Chart("deploy/chart"), cluster: kubectl)
        #expect(objects == ["Service/web"])
        #expect(
            runner.calls[1].arguments == [
                "template", "shop", folder.file("deploy/chart"), "--namespace", "store",
                "--include-crds", "--kube-version", "v1.20.2",
            ])
        #expect(runner.calls[2].inputText == "rendered")
    }

    @Test func `have the release's own name and values beside the configuration`() async throws {
        try folder.write("", to: "dev.yaml")
        runner.expect("helm", returning: .ok("rendered"))
        runner.expect("kubectl", returning: .ok(#"{"kind":"A","metadata":{"name":"a"}}"# + "\n"))
        _ = try await read(
            Configuration.Chart(
                "deploy/chart", release: ReleaseName("front"), values: ["dev.yaml"]))
        let arguments = runner.calls[0].arguments
        #expect(arguments[1] == "front")
        #expect(arguments.suffix(2) == ["--values", folder.file("dev.yaml")])
    }

    @Test func `a chart that is not there is an error before anything starts`() async {
        let error = await #expect(throws: DevClusterError.self) {
            try await read(Configuration.Chart("deploy/none"))
        }
        #expect(error?.message == "there is no chart at deploy/none")
        #expect(error?.hint == "looked for \(folder.file("deploy/none"))")
        let remote = await #expect(throws: DevClusterError.self) {
            try await read(Configuration.Chart("oci://example.com/charts/web"))
        }
        #expect(
            remote?.hint == "fetch it first: helm pull --untar oci://example.com/charts/web")
        #expect(runner.calls.isEmpty)
    }

    @Test func `so are values that are not there`() async {
        let error = await #expect(throws: DevClusterError.self) {
            try await read(Configuration.Chart("deploy/chart", values: ["prod.yaml"]))
        }
        #expect(error?.message == "there are no values at prod.yaml")
        #expect(runner.calls.isEmpty)
    }

    @Test func `a chart that gives nothing is an error, not an empty deploy`() async {
        runner.expect("helm")
        runner.expect("kubectl")
        let error = await #expect(throws: DevClusterError.self) {
            try await read(Configuration.Chart("deploy/chart"))
        }
        #expect(error?.message == "the chart deploy/chart printed no manifests")
    }

    @Test func `a cluster that does not answer is told, not guessed`() async throws {
        runner.expect(
            "kubectl",
            returning: .failure(
                1, stderr: "The connection to the server 127.0.0.1:6443 was refused\n"))
        let kubectl = Kubectl(context: "kind-shop", kubeconfig: nil, runner: runner)
        let error = await #expect(throws: DevClusterError.self) {
            try await read(Configuration.Chart("deploy/chart"), cluster: kubectl)
        }
        #expect(error?.message == "the cluster of context kind-shop does not answer")
    }
}
