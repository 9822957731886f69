import StateFiles
import Vocabulary

/// The tags that recorded deploys put somewhere, also where no pod shows it: in a custom resource or
/// a ConfigMap, from which an operator starts pods later.
package enum DeployedTags {
    /// Where an image was deployed to in a cluster.
    private struct Place: Hashable {
        var namespace: String
        var image: String
    }

    /// Of every image in every namespace of every cluster the tag of the newest deploy, and that of the
    /// newest proven one, to which a rollback would go.
    ///
    /// - Returns: tags as `repository:tag`.
    /// - Throws: `DevClusterError` when the records cannot be read.
    package static func newest(_ state: StateFolder) throws -> Set<String> {
        var tags: Set<String> = []
        for folder in try state.allPlaces() {
            var seen: Set<Place> = []
            var proven: Set<Place> = []
            let log = RecordLog(path: StateFolder.records(ofPlace: folder))
            for record in try log.records(DeployRecord.self).reversed() {
                for image in record.images {
                    let place = Place(namespace: record.namespace, image: image.name)
                    let isNewest = seen.insert(place).inserted
                    let isProven = record.isProven && proven.insert(place).inserted
                    if isNewest || isProven { tags.insert("\(image.name):\(image.tag)") }
                }
            }
        }
        return tags
    }
}
