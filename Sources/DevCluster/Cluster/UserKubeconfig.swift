import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The user's own kubeconfig, in which the cluster has an entry beside our own file.
struct UserKubeconfig: Sendable {
    let session: Session

    private struct View: Decodable {
        struct Named: Decodable {
            struct Cluster: Decodable { var server: String? }
            var name: String
            var cluster: Cluster?
        }
        var clusters: [Named]?
        var contexts: [Named]?
        var currentContext: String?

        private enum CodingKeys: String, CodingKey {
            case clusters, contexts
            case currentContext = "current-context"
        }

        func server(_ name: String) -> String? {
            guard contexts?.contains(where: { $0.name == name }) == true else { return nil }
            return clusters?.first { $0.name == name }?.cluster?.server
        }
    }

    /// Makes the cluster's entry right, in our own file and in the user's.
    ///
    /// kind merges it, with its lock and its rules for `KUBECONFIG`; it always makes the entry
    /// current, so the former current context is put back unless it shall be switched.
    /// - Returns: whether anything had to be done.
    func mend(switchesContext: Bool) async throws -> Bool {
        let place = session.place
        if session.isDryRun && place.record.read()?.phase != .ready {
            try await session.kind.exportKubeconfig(cluster: place.cluster, to: nil)
            return true
        }
        let ours = try? await view(place.kubeconfig)
        if ours?.server(place.context) == nil && !session.isDryRun {
            try AtomicFile.makeFolder(place.folder)
            try await session.kind.exportKubeconfig(cluster: place.cluster, to: place.kubeconfig)
        }
        let server = try await view(place.kubeconfig).server(place.context)
        let theirs = try await view(nil)
        if let server, theirs.server(place.context) == server, !switchesContext { return false }
        try await session.activity.step("kubeconfig entry \(place.context)") { _ in
            try await session.kind.exportKubeconfig(cluster: place.cluster, to: nil)
            if !switchesContext { try await restoreCurrent(theirs.currentContext) }
        }
        return true
    }

    /// Throws when the user's kubeconfig cannot be read, so that nothing can be merged into it.
    func requireReadable() async throws {
        do {
            _ = try await view(nil)
        } catch let error as InvocationError where error.isFailure {
            throw DevClusterError(
                .failed, "the kubeconfig cannot be read, so the cluster cannot be added to it",
                hint: "correct the file that KUBECONFIG names, or ~/.kube/config", cause: error)
        }
    }

    private func restoreCurrent(_ context: String?) async throws {
        let arguments =
            context.map { $0.isEmpty ? ["unset", "current-context"] : ["use-context", $0] }
            ?? ["unset", "current-context"]
        try await session.runner.run(
            Invocation("kubectl", ["config"] + arguments, effect: .changes)
        ).checked()
    }

    private func view(_ kubeconfig: String?) async throws -> View {
        var arguments = ["config", "view", "--output", "json"]
        if let kubeconfig { arguments += ["--kubeconfig", kubeconfig] }
        let outcome = try await session.runner.run(Invocation("kubectl", arguments)).checked()
        do {
            return try JSONDecoder().decode(View.self, from: outcome.output)
        } catch {
            throw DevClusterError(
                .failed, "kubectl config view printed something that is not the expected JSON",
                hint: "try '\(outcome.invocation.shellQuoted)' by hand", cause: error)
        }
    }
}
