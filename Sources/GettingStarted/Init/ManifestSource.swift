import Settings
import Vocabulary

/// Something that `spec.manifests` can name, with what is in it.
struct ManifestSource: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case file(String)
        /// The folder.
        case kustomization(String)
        case chart(HelmChart)
    }

    var form: Form
    /// What it applies; empty where only rendering would tell.
    var objects: [JSONValue] = []
    /// References of images that it names, where it has no objects.
    var references: [String] = []
    /// Why it cannot be applied as it is.
    var problem: String?

    /// Where it is.
    var path: String {
        switch form {
        case .file(let path), .kustomization(let path): path
        case .chart(let chart): chart.path
        }
    }

    /// 0 for what a project is deployed from, more for what is beside that.
    var rank: Int {
        if case .file = form {
            PathWords.rank(of: path)
        } else {
            PathWords.rank(of: path, isFolder: true)
        }
    }

    /// 0 for development, 3 for production.
    var environment: Int { PathWords.environment(of: path) }

    /// Every use of an image.
    var uses: [ContainerUse] {
        ContainerUse.all(in: objects)
            + references.map { ContainerUse(object: "", container: "", reference: $0) }
    }

    /// The types of its objects that a new cluster does not have.
    var missingTypes: [String] { KubernetesTypes.missing(in: objects) }
}
