/// The labels that devcluster puts on what it makes; see `docs/formats.md`.
package enum DevClusterLabel {
    /// `true` on everything of ours.
    package static let managed = "devcluster.dev/managed"
    /// What it is for.
    package static let role = "devcluster.dev/role"
    /// The configuration's name.
    package static let project = "devcluster.dev/project"
    /// The configuration's namespace.
    package static let namespace = "devcluster.dev/namespace"
    /// The id of a test run.
    package static let run = "devcluster.dev/run"
}
