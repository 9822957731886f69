import Settings
import StateFiles
import Tools
import Vocabulary

/// Which images of ours the last deploy put into the workloads of a namespace.
///
/// Beside the records, since it says of every container what belongs there: only so a container is
/// found that was given another image altogether.
package struct PlacedImages: Codable, Sendable, Equatable {
    /// What a workload was given.
    package struct Workload: Codable, Sendable, Equatable {
        /// The namespace of the configuration that deployed it.
        package var home: String
        /// References by the container's name.
        package var containers: [String: String]
    }

    /// By the workload, as `deployment/web`.
    package var workloads: [String: Workload] = [:]
}

/// A workload with the images of ours that a deploy puts into it, by the container's name.
package struct PlacedWorkload: Sendable, Equatable {
    package var reference: WorkloadReference
    package var containers: [String: String]

    package init(_ reference: WorkloadReference, containers: [String: String]) {
        self.reference = reference
        self.containers = containers
    }
}

extension Session {
    private func placedImages(in namespace: String) -> StoredFile<PlacedImages>? {
        guard NameGrammar.label(namespace) == nil else { return nil }
        return StoredFile(path: "\(place.folder)/namespaces/\(namespace).images.json")
    }

    /// What the last deploys put into the workloads of a namespace, those of this configuration.
    ///
    /// - Throws: `DevClusterError` when the file cannot be read.
    package func placed(in namespace: String) throws -> [String: [String: String]] {
        let home = configuration.namespace.description
        return try placedImages(in: namespace)?.read()?.workloads
            .filter { $0.value.home == home }.mapValues(\.containers) ?? [:]
    }

    /// Remembers what was put into workloads, under the locks of their namespaces.
    ///
    /// - Parameter areComplete: whether a container that is not named has no image of ours any more.
    /// - Throws: `DevClusterError` when a file cannot be read or written.
    package func remember(placed workloads: [PlacedWorkload], areComplete: Bool) throws {
        guard !isDryRun else { return }
        let home = configuration.namespace.description
        let groups = Dictionary(grouping: workloads) { $0.reference.namespace ?? home }
        for (namespace, group) in groups.sorted(by: { $0.key < $1.key }) {
            guard let file = placedImages(in: namespace) else { continue }
            let before = try file.read() ?? PlacedImages()
            var now = before
            for workload in group {
                let name = workload.reference.local
                var containers = workload.containers
                if !areComplete {
                    containers.merge(now.workloads[name]?.containers ?? [:]) { new, _ in new }
                }
                now.workloads[name] =
                    containers.isEmpty
                    ? nil : PlacedImages.Workload(home: home, containers: containers)
            }
            if now != before { try file.write(now) }
        }
    }
}
