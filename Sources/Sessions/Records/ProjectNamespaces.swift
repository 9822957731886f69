import ChildProcess
import Settings
import StateFiles
import Tools
import Vocabulary

/// The namespaces that deploys of this project touched.
package struct ProjectNamespaces: Sendable {
    let session: Session

    package init(session: Session) {
        self.session = session
    }

    private var home: String { session.configuration.namespace.description }
    /// How many deploys back a namespace is remembered.
    private static let memory = 20

    /// The configured one, and those of the recorded deploys to it.
    ///
    /// - Throws: `DevClusterError` when the records cannot be read.
    package var recorded: Set<String> {
        get throws {
            let records = try DeployHistory(session: session).records()
                .prefix(ProjectNamespaces.memory)
            return Set(records.flatMap { $0.namespaces ?? [] } + [home])
        }
    }

    /// The recorded ones, and those in which something has this project's labels: it may have
    /// been deployed from another machine.
    ///
    /// - Throws: `DevClusterError` when the cluster does not answer, or the records cannot be read.
    package func find() async throws -> Set<String> {
        try await recorded.union(labelled().subtracting(ofOthers))
    }

    /// Those that only deploys of other configurations to the same cluster touched.
    private var ofOthers: Set<String> {
        get throws {
            let others = try session.records.records(DeployRecord.self)
                .filter { $0.namespace != home }
            return try Set(others.flatMap { ($0.namespaces ?? []) + [$0.namespace] })
                .subtracting(recorded)
        }
    }

    /// Those with something that this configuration deployed; what an older version deployed does
    /// not say by which of the configurations that share the cluster. None for an account that may
    /// not look into all namespaces.
    private func labelled() async throws -> Set<String> {
        let types = BuiltInKind.resources(
            .deployment, .statefulSet, .daemonSet, .job, .cronJob, .replicaSet,
            .replicationController,
            .pod)
        let places = try await session.kubectl.places(
            ofObjects: types, project: session.place.cluster)
        return Set(places.filter { $0.home == nil || $0.home == home }.map(\.namespace))
    }
}
