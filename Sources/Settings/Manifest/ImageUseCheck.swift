import Tools
import Vocabulary

extension ImageRewriter {
    /// Throws when one of the images is used by none of the objects: it would be built for nothing.
    ///
    /// - Parameters:
    ///   - place: what the objects are, as in `no manifest uses the image 'web'`.
    ///   - named: images that the objects name in some other way.
    /// - Throws: `DevClusterError` naming what may be meant, or every reference that is used.
    package func requireUse(
        of images: [String], in objects: [JSONValue], place: String, named: Set<String> = []
    ) throws(DevClusterError) {
        let places = objects.map { ImagePlaces($0, rewriter: self) }
        let used = ImageRewriter.used(in: places).union(named)
        guard let first = images.first(where: { !used.contains($0) }) else { return }
        for (object, places) in zip(objects, places) {
            guard let use = places.doubtful.first(where: { $0.image == first }) else { continue }
            throw DevClusterError(
                .usage,
                "no \(place) uses the image '\(first)' where it is certain that it is an image;"
                    + " \(ManifestObject(object).typedDescription) has"
                    + " \(ShownText.quoted(use.reference)) at \(ShownText.line(use.path.description))",
                hint: "if that is the image, say so: spec.images[].paths: "
                    + ImageRewriter.declaration(of: use, in: object))
        }
        let references = Set(ContainerUse.all(in: objects).map(\.reference))
        let seen = references.sorted().map { ShownText.line($0) }.joined(separator: ", ")
        throw DevClusterError(
            .usage, "no \(place) uses the image '\(first)'",
            hint: (seen.isEmpty ? "there are none" : "they name: \(seen)")
                + "; use its name, or list what they use in spec.images[].matches")
    }

    /// The images that the objects use.
    package func used(in objects: [JSONValue]) -> Set<String> {
        ImageRewriter.used(in: objects.map { ImagePlaces($0, rewriter: self) })
    }

    private static func used(in places: [ImagePlaces]) -> Set<String> {
        Set(places.flatMap(\.found).map(\.image))
    }

    private static func declaration(of use: ImageUse, in object: JSONValue) -> String {
        let object = ManifestObject(object)
        let kind = object.builtIn == nil ? "\(object.kind).\(object.group)" : object.kind
        return ShownText.line("[{kind: \(kind), jsonPath: '\(use.path.jsonPath)'}]")
    }

    /// Throws when a declared place is in none of the objects: a misspelt one would leave an image
    /// as it is.
    ///
    /// - Throws: `DevClusterError` naming the place.
    package func requireDeclaredPlaces(in objects: [JSONValue]) throws(DevClusterError) {
        for place in declared {
            let ofKind = objects.filter { place.path.applies(to: ManifestObject($0)) }
            let found = ofKind.flatMap { object in
                place.path.jsonPath.paths(in: object).compactMap { $0.value(in: object) }
            }
            guard !found.contains(where: { $0.string != nil }) else { continue }
            let path = place.path.jsonPath.description
            throw DevClusterError(
                .usage,
                ofKind.isEmpty
                    ? "spec.images: the image '\(place.image)' has a path in objects of kind"
                        + " \(place.path.kind), and the manifests have none"
                    : "spec.images: the image '\(place.image)' has the path \(path), which leads to"
                        + " \(found.first.map { "\($0.kindName), not to text," } ?? "nothing") in"
                        + " \(ManifestObject(ofKind[0]).typedDescription)",
                hint: "correct spec.images[].paths")
        }
    }
}
