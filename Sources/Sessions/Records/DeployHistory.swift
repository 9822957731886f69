import Settings
import StateFiles
import Vocabulary

/// The recorded deploys of a configuration, newest first.
public struct DeployHistory: Sendable {
    let session: Session

    private var namespace: String { session.configuration.namespace.description }

    /// The history of the configured namespace.
    public init(session: Session) {
        self.session = session
    }

    /// The newest deploys.
    ///
    /// - Throws: `DevClusterError` when the records cannot be read.
    public func list(limit: Int = 20) throws -> DeployHistoryReport {
        DeployHistoryReport(
            namespace: namespace,
            deploys: try records().prefix(max(0, limit)).enumerated().map { index, record in
                DeployHistoryReport.Deploy(number: index + 1, record: record)
            })
    }

    /// One deploy, as `list` counts them.
    ///
    /// - Throws: `DevClusterError` when there is none of this number, or the records cannot be read.
    public func deploy(_ number: Int) throws -> DeployHistoryReport.Deploy {
        let records = try records()
        guard number > 0, records.indices.contains(number - 1) else {
            throw DevClusterError(
                .usage, "there is no deploy \(number)", hint: "devcluster history")
        }
        return DeployHistoryReport.Deploy(number: number, record: records[number - 1])
    }

    /// All of the namespace, newest first, but for those of other configurations that deploy to the
    /// same: what has images, and none of this configuration's, is not its own.
    ///
    /// - Throws: `DevClusterError` when they cannot be read.
    package func records() throws -> [DeployRecord] {
        let names = Set(session.configuration.images.map(\.name.description))
        let killed = try RunningDeploy(session: session).killed.map { [$0] } ?? []
        return try (session.records.records(DeployRecord.self) + killed).filter { record in
            record.namespace == namespace
                && (names.isEmpty || record.images.isEmpty
                    || record.images.contains { names.contains($0.name) })
        }.reversed()
    }
}

/// What `history` shows.
public struct DeployHistoryReport: Codable, Sendable, Equatable {
    /// A deploy with the number that `rollback` takes: 1 is the newest.
    public struct Deploy: Codable, Sendable, Equatable {
        /// Its number.
        public var number: Int
        /// What was recorded.
        public var record: DeployRecord
    }

    /// The namespace.
    public var namespace: String
    /// Its deploys, newest first.
    public var deploys: [Deploy]
}
