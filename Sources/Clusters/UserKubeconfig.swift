import ChildProcess
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// The user's own kubeconfig, in which the cluster has an entry beside our own file.
package struct UserKubeconfig: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    /// Paths of its files, of which any may be missing, found as kind and kubectl find them.
    static func files(_ environment: [String: String]) -> [String] {
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        let home = environment["HOME"].map { "\($0)/.kube/config" }
        return listed.isEmpty ? [home].compactMap(\.self) : listed
    }

    /// Makes the cluster's entry right, in our own file and in the user's.
    ///
    /// kind merges it, with its lock and its rules for `KUBECONFIG`; it always makes the entry
    /// current, so the former current context is put back unless it shall be switched.
    /// - Returns: whether anything had to be done.
    func mend(switchesContext: Bool) async throws -> Bool {
        let place = session.place
        if session.isDryRun, try place.record.read()?.phase != .ready {
            try await session.kind.exportKubeconfig(cluster: place.cluster, to: nil)
            return true
        }
        // gcloud's kubectl asks the server for its version first, for up to 5 s.
        async let user = theirs()
        var entry = try? await view(place.kubeconfig).entry(place.context)
        if entry == nil && !session.isDryRun {
            try AtomicFile.makeFolder(place.folder)
            // kind merges, and cannot into what was damaged; there is nothing else in it. What the
            // system does not let us read may be whole.
            _ = try WholeFile.read(place.kubeconfig)
            try? FileManager.default.removeItem(atPath: place.kubeconfig)
            try await session.kind.exportKubeconfig(cluster: place.cluster, to: place.kubeconfig)
            entry = try await view(place.kubeconfig).entry(place.context)
        }
        let theirs = try await user
        if let entry, theirs.entry(place.context) == entry, !switchesContext { return false }
        try await session.activity.step("kubeconfig entry \(place.context)") { _ in
            try await session.kind.exportKubeconfig(cluster: place.cluster, to: nil)
            if !switchesContext {
                try await Kubeconfig.use(context: theirs.currentContext, session.runner)
            }
            await DirectAPI(session: session).learn()
        }
        return true
    }

    /// Whether the user's entry leads to this cluster, as ours does.
    ///
    /// - Throws: `InvocationError` or `DevClusterError` when one of the two cannot be read.
    package func isRight() async throws -> Bool {
        async let user = theirs()
        let entry = try await view(session.place.kubeconfig).entry(session.place.context)
        return try await user.entry(session.place.context) == entry && entry != nil
    }

    /// What the user's kubeconfig says of the cluster's context; nil when it says nothing.
    ///
    /// - Throws: `InvocationError` or `DevClusterError` when it cannot be read.
    func entry() async throws -> KubeconfigEntry? {
        try await theirs().entry(session.place.context)
    }

    /// Throws when the user's kubeconfig cannot be read, so that nothing can be merged into it.
    func requireReadable() async throws { _ = try await theirs() }

    private func theirs() async throws -> Kubeconfig {
        do {
            return try await view(nil)
        } catch let error as InvocationError where error.isFailure {
            throw DevClusterError(
                .failed,
                "the kubeconfig cannot be read, so the cluster's entry cannot be kept in it",
                hint: "correct the file that KUBECONFIG names, or ~/.kube/config", cause: error)
        }
    }

    private func view(_ path: String?) async throws -> Kubeconfig {
        try await Kubeconfig.read(path, session.runner)
    }
}
