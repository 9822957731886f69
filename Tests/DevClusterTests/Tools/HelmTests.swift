import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Tools
@testable import Vocabulary

struct HelmTests {
    private let runner = ScriptedRunner()

    private func release(_ change: (inout Helm.Release) -> Void = { _ in }) -> Helm.Release {
        var release = Helm.Release(
            chart: "/repo/deploy/chart", shown: "deploy/chart", name: "shop", namespace: "shop")
        change(&release)
        return release
    }

    private func template(
        _ release: Helm.Release, environment: [String: String] = [:]
    ) async throws -> String {
        let output = try await Helm(runner: runner).template(
            release, in: "/repo", environment: environment)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a chart is rendered with its definitions, in the project's folder`() async throws {
        runner.expect("helm", returning: .ok("kind: X\n"))
        let output = try await template(
            release { $0.kubernetes = "v1.20.2" }, environment: ["DEVCLUSTER_IMAGE_WEB": "x/web:1"])
        #expect(output == "kind: X\n")
        #expect(
            runner.calls[0].arguments == [
                "template", "shop", "/repo/deploy/chart", "--namespace", "shop", "--include-crds",
                "--kube-version", "v1.20.2",
            ])
        #expect(runner.calls[0].directory == "/repo")
        #expect(runner.calls[0].environment == ["DEVCLUSTER_IMAGE_WEB": "x/web:1"])
        #expect(runner.calls[0].effect == .reads)
    }

    @Test func `values keep their order, and single ones their types`() async throws {
        runner.expect("helm", returning: .ok("kind: X\n"))
        _ = try await template(
            release {
                $0.values = ["/repo/a.yaml", "/repo/dev,local.yaml"]
                $0.set = [
                    "image.tag": "1.20", "replicas": 2, "hosts[0]": "a,b", "debug": .bool(true),
                    "env": ["A": "x"],
                ]
            })
        #expect(
            runner.calls[0].arguments.dropFirst(6) == [
                "--values", "/repo/a.yaml", "--values", "\"/repo/dev,local.yaml\"",
                "--set-json", "debug=true", "--set-json", #"env={"A":"x"}"#,
                "--set-json", #"hosts[0]="a,b""#, "--set-json", #"image.tag="1.20""#,
                "--set-json", "replicas=2",
            ])
    }

    @Test func `without Helm the error says who needs it, and how to get it`() async {
        runner.expect("helm", throwing: .notFound)
        let error = await #expect(throws: DevClusterError.self) { try await template(release()) }
        #expect(error?.code == .unavailable)
        #expect(
            error?.message
                == "helm is not installed, and the chart deploy/chart is rendered with it")
        #expect(error?.hint?.contains("helm.sh/docs/intro/install") == true)
    }

    @Test(arguments: [
        // Helm 3.10 to 4.0, cmd/helm/install.go.
        (
            "Error: An error occurred while checking for chart dependencies. You may need to run"
                + " `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but"
                + " missing in charts/ directory: redis\n",
            "helm dependency build /repo/deploy/chart"
        ),
        ("Error: unknown flag: --set-json\n", "Helm 3.10 or newer is needed: helm version"),
        (
            "Error: execution error at (shop/templates/web.yaml:3:4): image.tag is required\n\n"
                + "Use --debug flag to render out invalid YAML\n", nil
        ),
    ])
    func `Helm's own words are shown, with what to type where that is known`(
        words: String, hint: String?
    ) async {
        runner.expect("helm", returning: .failure(1, stderr: words))
        let error = await #expect(throws: DevClusterError.self) { try await template(release()) }
        #expect(error?.code == .failed)
        #expect(error?.message == "helm does not render the chart deploy/chart")
        #expect(error?.hint == hint)
        #expect((error?.cause as? InvocationError)?.errorText == words)
    }
}
