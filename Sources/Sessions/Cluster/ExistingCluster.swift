import ChildProcess
import Settings
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// What a command does to a cluster.
package enum ClusterUse: Sendable {
    /// It only looks.
    case reading
    /// It changes something there, or opens a way in.
    case changing
}

/// A cluster that others made, known by its context in the user's kubeconfig.
package struct ExistingCluster: Sendable {
    let session: Session
    let context: String

    package init(session: Session, context: String) {
        self.session = session
        self.context = context
    }

    /// Throws unless the context is there, and may be used so.
    ///
    /// - Returns: the address of its API server.
    /// - Throws: `DevClusterError` naming the server that would have been changed.
    @discardableResult
    package func require(_ use: ClusterUse) async throws -> String {
        let config = try await KubectlConfig.read(session.runner)
        guard let server = config.server(of: context) else {
            let known = config.contexts.map { ShownText.line($0) }.joined(separator: ", ")
            throw DevClusterError(
                .failed, "the kubeconfig has no context '\(context)'",
                hint: "correct spec.cluster.kubeContext; "
                    + (known.isEmpty ? "there are no contexts" : "it has: \(known)"))
        }
        // A dry run changes nothing, whatever it prints.
        guard use == .changing, !session.isDryRun else { return server }
        guard session.allowedContext == context else { throw refusal(server) }
        return server
    }

    private func refusal(_ server: String) -> DevClusterError {
        let shown = ShownText.line(server)
        if let other = session.allowedContext {
            return DevClusterError(
                .failed,
                "--allow-context names '\(ShownText.line(other))', but the configuration means"
                    + " '\(context)', the cluster at \(shown): nothing was changed",
                hint: "correct one of the two")
        }
        return DevClusterError(
            .failed,
            "the context '\(context)' is the cluster at \(shown), which devcluster did not make:"
                + " nothing was changed",
            hint: "if that is the cluster you mean, say '--allow-context \(context)'")
    }
}

/// Refuses every change of an existing cluster that nobody allowed, whoever asks for it.
///
/// Commands ask for themselves, before anything is begun; this is what holds if one forgets.
struct ContextGuard: Runner {
    let base: any Runner
    let context: String

    func run(_ invocation: Invocation, onOutput: OutputHandler?) async throws -> Outcome {
        guard invocation.tool == "kubectl", invocation.effect == .changes else {
            return try await base.run(invocation, onOutput: onOutput)
        }
        throw DevClusterError(
            .failed, "nothing is changed in the context '\(context)' without --allow-context",
            hint: "if that is the cluster you mean, say '--allow-context \(context)'")
    }
}

extension Session {
    /// The kubeconfig for a process that outlives this command and its working directory.
    ///
    /// - Returns: nil where kubectl has to look into its environment itself: at several files,
    ///   which an argument cannot name, or at `~/.kube/config`.
    package var lastingKubeconfig: String? {
        guard place.existingContext != nil else { return place.kubeconfig }
        guard let path = environment["KUBECONFIG"], !path.isEmpty, !path.contains(":") else {
            return nil
        }
        return ConfigurationPath.joined(FileManager.default.currentDirectoryPath, path)
    }
}
