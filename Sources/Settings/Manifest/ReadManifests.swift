import Vocabulary

/// What a source of manifests gave.
struct ReadManifests: Sendable {
    /// As the configuration names it.
    var name: String
    /// The files and folders it was read from; none for the output of a program.
    var places: [ManifestPlace]
    var objects: [JSONValue]
}
