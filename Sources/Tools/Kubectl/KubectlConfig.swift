import ChildProcess
import SystemLibraries
import Vocabulary

/// The user's kubeconfig as `kubectl config view` prints it: merged, and without its secrets.
package struct KubectlConfig: Sendable {
    private struct View: Decodable {
        struct Cluster: Decodable {
            struct Content: Decodable { var server: String? }
            var name: String
            var cluster: Content?
        }
        struct Context: Decodable {
            struct Content: Decodable { var cluster: String? }
            var name: String
            var context: Content?
        }
        var clusters: [Cluster]?
        var contexts: [Context]?
    }

    private let view: View

    /// Reads it.
    ///
    /// - Throws: `DevClusterError` when it cannot be read; `InvocationError` when kubectl cannot
    ///   run.
    package static func read(_ runner: any Runner) async throws -> KubectlConfig {
        let outcome = try await runner.run(
            Invocation(
                "kubectl", ["config", "view", "--output", "json"],
                environment: ["KUBERC": "off"]))
        guard outcome.succeeded,
            let view = try? JSONDecoder().decode(View.self, from: outcome.output)
        else {
            throw DevClusterError(
                .failed, "the kubeconfig cannot be read",
                hint: "correct the file that KUBECONFIG names, or ~/.kube/config",
                cause: outcome.succeeded
                    ? nil
                    : InvocationError(
                        .failed(outcome.exit), outcome.invocation,
                        errorOutput: outcome.errorOutput))
        }
        return KubectlConfig(view: view)
    }

    /// The contexts' names, in the order of the file.
    package var contexts: [String] { (view.contexts ?? []).map(\.name) }

    /// The address of the API server that a context leads to; nil when there is no such context,
    /// or it leads nowhere.
    package func server(of context: String) -> String? {
        guard let cluster = view.contexts?.first(where: { $0.name == context })?.context?.cluster
        else { return nil }
        return view.clusters?.first { $0.name == cluster }?.cluster?.server
    }
}
