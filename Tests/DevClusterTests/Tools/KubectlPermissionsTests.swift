import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Deployment
@testable import Sessions
@testable import Tools
@testable import Vocabulary
@testable import Workloads

/// An account that may see one namespace and nothing of the cluster.
///
/// Recorded with kubectl 1.32.4 and Kubernetes 1.20.2, by `--as` with the ClusterRole `admin`
/// bound in a namespace.
struct KubectlPermissionsTests {
    private let runner = ScriptedRunner()
    private let refused = """
        Error from server (Forbidden): namespaces is forbidden: User "dev" cannot list resource \
        "namespaces" in API group "" at the cluster scope
        Error from server (Forbidden): nodes is forbidden: User "dev" cannot list resource \
        "nodes" in API group "" at the cluster scope

        """

    private func failure(_ errors: String, _ output: String) -> Outcome {
        var outcome = Outcome.failure(1, stderr: errors)
        outcome.output = Data(output.utf8)
        return outcome
    }

    private let list =
        #"{"apiVersion": "v1", "items": [{"kind": "Deployment", "metadata": {"name": "web"}}]}"#

    @Test func `a deploy goes on with what it may read`() async throws {
        let sample = try SampleSession(["namespace": "lim"], runner: runner)
        runner.expectKubectl(
            ["get", DeployTarget.resources], returning: failure(refused, list))
        runner.expectKubectl(["get", "namespace/lim"], returning: .ok("Active"))
        let state = try await DeployTarget(session: sample.session).read()
        #expect(state.phase == "Active")
        #expect(state.objects.count == 1)
    }

    @Test(arguments: [
        ("Active", Optional("Active")), ("Terminating", "Terminating"), ("", nil),
    ]) func `a namespace is looked for by its name`(printed: String, phase: String?) async throws {
        let sample = try SampleSession(runner: runner)
        runner.expectKubectl(["get", "namespace/lim"], returning: .ok(printed))
        #expect(try await sample.session.kubectl.phase(ofNamespace: "lim") == phase)
    }

    @Test func `a namespace that may not be looked at is there`() async throws {
        let sample = try SampleSession(runner: runner)
        runner.expectKubectl(["get"], returning: .failure(1, stderr: refused))
        #expect(try await sample.session.kubectl.phase(ofNamespace: "lim") == "Active")
    }

    @Test func `an API server that does not know its administrator yet is asked again`()
        async throws
    {
        let sample = try SampleSession(runner: runner)
        // In the form that the API gives such refusals; an account with the role sees it for 0.2 s.
        runner.expectKubectl(
            ["get", "namespace/lim"],
            returning: .failure(
                1,
                stderr: refused.replacing("\"dev\"", with: "\"kubernetes-admin\"")))
        runner.expectKubectl(["get", "namespace/lim"], returning: .ok("Terminating"))
        #expect(try await sample.session.kubectl.phase(ofNamespace: "lim") == "Terminating")
    }

    @Test func `another refusal is an error`() {
        let pods = refused.replacing("nodes is", with: "pods is")
        #expect(!Outcome.failure(1, stderr: pods).lacksOnly(Kubectl.clusterTypes))
        #expect(Outcome.failure(1, stderr: refused).lacksOnly(Kubectl.clusterTypes))
        #expect(!Outcome.failure(1, stderr: "").lacksOnly(Kubectl.clusterTypes))
        #expect(!Outcome.ok("").lacksOnly(Kubectl.clusterTypes))
    }

    @Test func `a rollout is judged without nodes and namespaces`() async throws {
        let sample = try SampleSession(runner: runner)
        let recorded = try Fixture.cluster("rollout-settled")
        runner.expectKubectl(["get", "events"], returning: .ok(#"{"items": []}"#))
        runner.expectKubectl(
            ["get"],
            returning: failure(refused, recorded))
        let reader = RolloutReader(
            kubectl: sample.session.kubectl, namespace: "lim", workloads: [])
        #expect(try await reader.read(details: true).pods.isEmpty == false)
    }
}
