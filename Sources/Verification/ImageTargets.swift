import Sessions
import Settings
import Tools
import Vocabulary

/// Which registry an image is judged by.
enum ImageSource: Sendable, Hashable, Comparable {
    /// The cluster's own.
    case ours
    /// Another, by its host.
    case other(String)
}

/// What a container should run.
struct ImageTarget: Sendable {
    /// The registry that serves it.
    var source: ImageSource
    /// Its name there.
    var name: ManifestName
    /// The host that the reference names, where it is another than the source's: a configured
    /// image under one of its other names.
    var otherHost: String?

    /// Whether the cluster's own registry serves it.
    var isOurs: Bool { source == .ours }
}

/// Tells by which registry each image is judged, and reaches it.
struct ImageTargets: Sendable {
    let session: Session
    let includesOthers: Bool
    private let rewriter: ImageRewriter

    init(session: Session, includesOthers: Bool) {
        self.session = session
        self.includesOthers = includesOthers
        rewriter = session.imageRewriter
    }

    /// What a container should run; nil when it is not judged.
    ///
    /// A workload whose template names another image by now is what its pods should run.
    func target(of container: ContainerImage) -> ImageTarget? {
        if let template = container.templateImage, let target = ours(template) { return target }
        if let target = ours(container.image) { return target }
        guard includesOthers, let reference = try? ImageReference(container.image).normalized,
            let host = reference.registry
        else { return nil }
        return ImageTarget(
            source: .other(host), name: ImageTargets.name(reference.path, reference))
    }

    /// The image of ours that a reference means, by its name in the registry; nil for another's.
    func repository(of image: String) -> String? { ours(image)?.name.repository }

    private func ours(_ image: String) -> ImageTarget? {
        guard let reference = try? ImageReference(image) else { return nil }
        if let repository = session.place.repository(of: reference) {
            return ImageTarget(source: .ours, name: ImageTargets.name(repository, reference))
        }
        return rewriter.image(meantBy: image).map { name in
            ImageTarget(
                source: .ours, name: ImageTargets.name(name, reference),
                otherHost: reference.normalized.registry)
        }
    }

    /// A pinned digest says nothing about freshness where there is a tag beside it.
    private static func name(_ repository: String, _ reference: ImageReference) -> ManifestName {
        ManifestName(
            repository: repository,
            reference: reference.tag?.description ?? reference.digest?.description ?? "latest")
    }

    /// The registry's API, with the engine's credentials for it.
    func client(_ source: ImageSource, _ names: [ManifestName]) async throws -> RegistryClient {
        switch source {
        case .ours: session.registry
        case .other(let host):
            try await RemoteRegistry(host: host, session: session).client(
                for: Set(names.map(\.repository)))
        }
    }
}
