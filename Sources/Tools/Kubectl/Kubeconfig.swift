import ChildProcess
import SystemLibraries
import Vocabulary

/// Where a context of a kubeconfig leads, and as whom, with kubectl's names of the fields.
package struct KubeconfigEntry: Equatable, Sendable {
    package var cluster: [String: JSONValue]
    package var user: [String: JSONValue]
}

/// A kubeconfig as `kubectl config view --raw` prints it, as far as it matters here.
package struct Kubeconfig: Decodable, Sendable {
    private struct Cluster: Decodable {
        var name: String
        var cluster: [String: JSONValue]?
    }
    private struct User: Decodable {
        var name: String
        var user: [String: JSONValue]?
    }
    private struct Context: Decodable {
        struct Content: Decodable {
            var cluster: String?
            var user: String?
        }
        var name: String
        var context: Content?
    }
    private var clusters: [Cluster]?
    private var users: [User]?
    private var contexts: [Context]?
    package private(set) var currentContext: String?

    private enum CodingKeys: String, CodingKey {
        case clusters, users, contexts
        case currentContext = "current-context"
    }

    /// What a context stands for; notes of other programs (`extensions`) are left out.
    package func entry(_ name: String) -> KubeconfigEntry? {
        guard let context = contexts?.first(where: { $0.name == name })?.context,
            var cluster = clusters?.first(where: { $0.name == context.cluster })?.cluster,
            var user = users?.first(where: { $0.name == context.user })?.user
        else { return nil }
        cluster["extensions"] = nil
        user["extensions"] = nil
        return KubeconfigEntry(cluster: cluster, user: user)
    }

    /// Reads one.
    ///
    /// - Parameter path: nil for the user's own.
    /// - Throws: `InvocationError` or `DevClusterError` when it cannot be read.
    package static func read(_ path: String?, _ runner: any Runner) async throws -> Kubeconfig {
        // Without --raw certificates are left out, and one of an older cluster looks the same.
        var arguments = ["config", "view", "--raw", "--output", "json"]
        if let path { arguments += ["--kubeconfig", path] }
        let outcome = try await runner.run(Invocation("kubectl", arguments)).checked()
        do {
            return try JSONDecoder().decode(Kubeconfig.self, from: outcome.output)
        } catch {
            throw DevClusterError(
                .failed, "kubectl config view printed something that is not the expected JSON",
                hint: "try '\(outcome.invocation.shellQuoted)' by hand", cause: error)
        }
    }

    /// Makes a context of the user's kubeconfig the current one.
    ///
    /// - Parameter context: none for nil and an empty text.
    /// - Throws: `InvocationError` when kubectl refuses.
    package static func use(context: String?, _ runner: any Runner) async throws {
        let arguments =
            context.map { $0.isEmpty ? ["unset", "current-context"] : ["use-context", $0] }
            ?? ["unset", "current-context"]
        try await runner.run(Invocation("kubectl", ["config"] + arguments, effect: .changes))
            .checked()
    }
}
