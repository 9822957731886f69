import ChildProcess
import Settings
import StateFiles
import Vocabulary

/// The deploy that is changing a configuration's namespaces, and what is left of one that was killed.
///
/// A deploy is recorded when it ends; one that could not end must not be missing among those that
/// changed the cluster, or `rollback` would go one too far back.
package struct RunningDeploy: Sendable {
    private struct Content: Codable, Sendable {
        var record: DeployRecord
        var process: ProcessIdentity
    }

    private let file: StoredFile<Content>

    package init(session: Session) {
        let home = session.configuration.namespace.description
        file = StoredFile(path: "\(session.place.folder)/namespaces/\(home).deploy.json")
    }

    /// Remembers, under the namespace's lock, that this process begins to change the cluster.
    ///
    /// - Throws: `DevClusterError` when it cannot be written.
    package func begin(_ record: DeployRecord) throws {
        try file.write(Content(record: record, process: .current))
    }

    /// The deploy has been recorded.
    package func end() { file.remove() }

    /// A deploy whose process ended without recording it; nil for none.
    ///
    /// - Throws: `DevClusterError` when the file cannot be read.
    package var killed: DeployRecord? {
        get throws {
            guard let content = try file.read(), !content.process.isAlive else { return nil }
            return content.record
        }
    }
}
