import Vocabulary

/// An image that a project's files say is built.
struct ImageFinding: Sendable, Equatable {
    /// The file that says so; nil for a Containerfile that no tool's file names.
    var origin: String?
    /// What it is called there, without tag.
    var references: [String] = []
    /// Other words for it: a service's, a folder's.
    var names: [String] = []
    /// Relative to the project's folder; "" is that.
    var context: String
    /// Relative to the project's folder.
    var containerfile: String
    var target: String?
    var buildArgs: [String: String] = [:]
    /// The names of the Containerfile's stages.
    var stages: [String] = []
    /// The images that its Containerfile names, without tag; of those with a name of one word only
    /// what has no tag.
    var bases: Set<String> = []
    /// Whether it is beside the point: an example, a test, a machine that builds.
    var isAside = false

    /// Whether a Containerfile that names this repository means it.
    func isMeant(by repository: String) -> Bool {
        if names.contains(repository) { return true }
        guard let wanted = try? ImageReference(repository).normalized.repository else {
            return false
        }
        return references.contains {
            (try? ImageReference($0))?.normalized.repository == wanted
        }
    }

    /// Whether it is the same build.
    func isSameBuild(as other: ImageFinding) -> Bool {
        (context, containerfile) == (other.context, other.containerfile)
            && target == other.target && buildArgs == other.buildArgs
    }
}
