import Vocabulary

/// Finds the images of ours in manifests and replaces them.
///
/// A reference is ours when, its tag and digest stripped, it equals the image's name, the name
/// below one of the registry's hosts, or one of the image's `matches`. Never by the last path
/// component alone: `ghcr.io/other/web` is not `web`. Where it may stand: `ImagePlaces`.
package struct ImageRewriter: Sendable {
    private var names: [String: String] = [:]
    private var normalizedNames: [String: String] = [:]
    /// The places that the configuration declares, with the image that stands there.
    let declared: [DeclaredPlace]

    /// A place of an image in objects of a kind.
    struct DeclaredPlace: Sendable {
        var image: String
        var path: Configuration.ImagePath
    }

    /// A rewriter for these images, whose registry goes by these hosts.
    package init(images: [Configuration.Image], registryNames: [String]) {
        declared = images.flatMap { image in
            image.paths.map { DeclaredPlace(image: image.name.description, path: $0) }
        }
        for image in images {
            let name = image.name.description
            names[name] = name
            for host in registryNames { names["\(host)/\(name)"] = name }
            for match in image.matches { normalizedNames[match.normalized.repository] = name }
        }
    }

    /// The name of the configured image that a reference means; nil when it is none of them.
    package func image(meantBy reference: String) -> String? {
        (try? ImageReference(reference)).flatMap { image(meantBy: $0) }
    }

    func image(meantBy reference: ImageReference) -> String? {
        names[reference.repository] ?? normalizedNames[reference.normalized.repository]
    }

    /// Every place of an object that names an image of ours.
    package func uses(in object: JSONValue) -> [ImageUse] {
        ImagePlaces(object, rewriter: self).found
    }

    /// The object with each image of ours replaced.
    ///
    /// - Parameter replacement: for a use, the new reference, or nil to leave it.
    package func rewrite(_ object: JSONValue, replacement: (ImageUse) -> String?) -> JSONValue {
        uses(in: object).reduce(object) { object, use in
            replacement(use).map { use.replacing(in: object, by: $0) } ?? object
        }
    }
}
