import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Sessions
@testable import Tools
@testable import Vocabulary

struct KindTests {
    private let runner = ScriptedRunner()
    private var kind: Kind { Kind(engine: .podman, runner: runner) }

    @Test func `the engine is always told`() async throws {
        runner.expect("kind", times: 3)
        try await kind.delete(cluster: "demo")
        try await kind.exportKubeconfig(cluster: "demo", to: nil)
        try await Kind(engine: .docker, runner: runner).delete(cluster: "demo")
        #expect(
            runner.calls.map { $0.environment["KIND_EXPERIMENTAL_PROVIDER"] }
                == ["podman", "podman", "docker"])
        #expect(runner.calls.allSatisfy { $0.effect == .changes })
    }

    @Test func `a step that begins is progress, one that ended is none`() throws {
        let text = try Fixture.text("kind-0.27.0-create-no-image.txt")
        let steps = text.split(separator: "\n").compactMap { Kind.startedStep($0) }
        #expect(steps == ["Ensuring node image (localhost/devlab/none:1)"])
    }

    @Test func `of kubeadm's log the lines with the reason are kept, and no stack`() {
        // After the sources of kind 0.33 and kubeadm 1.36.
        let text = """
            ERROR: failed to create cluster: failed to init node with kubeadm: command "podman exec \
            --privileged demo-control-plane kubeadm init --v=6" failed with error: exit status 1

            Command Output: I1126 10:00:00.000000     140 initconfiguration.go:261] loading
            [init] Using Kubernetes version: v1.36.1
            \t[ERROR SystemVerification]: kubelet is configured to not run on a host using cgroup v1
            error: error execution phase preflight: preflight checks failed
            k8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow.(*Runner).Run.func1
            \tk8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow/runner.go:262
            main.main
            """
        #expect(
            Kind.reasons(in: text) == """
                ERROR: failed to create cluster: failed to init node with kubeadm: command "podman \
                exec --privileged demo-control-plane kubeadm init --v=6" failed with error: exit \
                status 1
                [ERROR SystemVerification]: kubelet is configured to not run on a host using cgroup v1
                error: error execution phase preflight: preflight checks failed

                """)
        #expect(Kind.reasons(in: "Set kubectl context\n") == nil)
    }

    @Test func `a creation that fails throws, and its steps were heard of`() async throws {
        let steps = RecordedActivity()
        runner.expect(
            "kind", ["create", "cluster", "--name", "demo", "--config", "-"],
            returning: .failure(1, stderr: try Fixture.text("kind-0.27.0-create-no-image.txt")))
        let error = await #expect(throws: InvocationError.self) {
            try await kind.create(
                cluster: "demo", configuration: Data("{}".utf8), image: "localhost/devlab/none:1",
                kubeconfig: "/state/kubeconfig", onProgress: { steps.report(.note($0)) })
        }
        #expect(error?.tail.contains("failed to pull image") == true)
        #expect(steps.notes == ["Ensuring node image (localhost/devlab/none:1)"])
        #expect(
            runner.calls[0].arguments.suffix(4) == [
                "--kubeconfig", "/state/kubeconfig", "--image", "localhost/devlab/none:1",
            ])
    }
}
