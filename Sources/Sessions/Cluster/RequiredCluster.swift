import Settings
import StateFiles
import Tools
import Vocabulary

extension Session {
    /// Throws when there is no cluster to work with, so that nothing is built for none; for an
    /// existing one also when it may not be used so.
    package func requireCluster(for use: ClusterUse = .changing) async throws {
        if let context = place.existingContext {
            try await ExistingCluster(session: self, context: context).require(use)
            return
        }
        guard try place.record.read() == nil, !isDryRun else { return }
        throw DevClusterError(
            .failed, "there is no cluster '\(place.cluster)' of devcluster",
            hint: configuration.file == nil
                ? "devcluster up; or name a configuration with --config" : "devcluster up")
    }

    /// Throws for an existing cluster: its nodes are not ours to reach.
    ///
    /// - Parameter what: what cannot be done, as the beginning of a sentence: `the nodes' images`.
    /// - Throws: `DevClusterError` with exit code 3.
    public func requireOurCluster(for what: String) throws {
        guard let context = place.existingContext else { return }
        throw DevClusterError(
            .undecided,
            "'\(what)' needs a cluster that devcluster made: the context '\(context)' is an"
                + " existing one, whose nodes it cannot reach")
    }

    /// Throws for a registry that others run: there is no container of ours.
    ///
    /// - Throws: `DevClusterError` with exit code 3.
    public func requireOurRegistry(for what: String) throws {
        guard let location = place.externalRegistry else { return }
        throw DevClusterError(
            .undecided,
            "'\(what)' needs devcluster's own registry: spec.registry.host is \(location), which"
                + " others look after")
    }
}
