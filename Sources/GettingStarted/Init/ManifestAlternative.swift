/// Manifests that are not applied, and why.
struct ManifestAlternative: Sendable, Equatable {
    var source: ManifestSource
    var reason: String

    static let aside = "an example, a test or the like"
    static let made = "made from other files"
    static let again = "the same objects once more"
    static let environment = "for another environment"
    static let other = "another source of manifests"

    /// For types that a new cluster does not have.
    static func missing(_ types: [String]) -> String {
        "a new cluster has no \(types.joined(separator: ", "))"
    }
}
