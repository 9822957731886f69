/// Finds the images of ours in manifests and replaces them.
///
/// A reference is ours when, its tag and digest stripped, it equals the image's name, the name
/// below one of the registry's hosts, or one of the image's `matches`. Never by the last path
/// component alone: `ghcr.io/other/web` is not `web`.
public struct ImageRewriter: Sendable {
    private var names: [String: String] = [:]
    private var normalizedNames: [String: String] = [:]

    /// A rewriter for these images, whose registry goes by these hosts.
    public init(images: [Configuration.Image], registryNames: [String]) {
        for image in images {
            let name = image.name.description
            names[name] = name
            for host in registryNames { names["\(host)/\(name)"] = name }
            for match in image.matches { normalizedNames[match.normalized.repository] = name }
        }
    }

    /// The name of the configured image that a reference means; nil when it is none of them.
    public func image(meantBy reference: String) -> String? {
        guard let parsed = try? ImageReference(reference) else { return nil }
        return names[parsed.repository] ?? normalizedNames[parsed.normalized.repository]
    }

    /// A container whose image is named in an object.
    public struct Use: Sendable, Equatable {
        /// Kind and name of the object, as `Deployment/web`.
        public var object: String
        /// Name of the container.
        public var container: String
        /// The reference as it stands there.
        public var reference: String
    }

    /// Every container of the objects, wherever its pod template stands.
    public func uses(in objects: [JSONValue]) -> [Use] {
        var uses: [Use] = []
        for object in objects {
            let name = ManifestObject(object).description
            _ = ImageRewriter.mapContainers(object) { container, reference in
                uses.append(Use(object: name, container: container, reference: reference))
                return nil
            }
        }
        return uses
    }

    /// Throws when one of the images is used by none of the objects: it would be built for nothing.
    ///
    /// - Parameter place: what the objects are, as in `no manifest uses the image 'web'`.
    /// - Throws: `DevClusterError` naming every reference that is used.
    func requireUse(of images: [String], in objects: [JSONValue], place: String) throws {
        let references = Set(uses(in: objects).map(\.reference))
        let used = Set(references.compactMap { image(meantBy: $0) })
        guard let first = images.first(where: { !used.contains($0) }) else { return }
        let seen = references.sorted().map { ShownText.line($0) }.joined(separator: ", ")
        throw DevClusterError(
            .usage, "no \(place) uses the image '\(first)'",
            hint: (seen.isEmpty ? "there are none" : "they name: \(seen)")
                + "; use its name, or list what they use in spec.images[].matches")
    }

    /// The object with each image of ours replaced.
    ///
    /// - Parameter replacement: for the image's name and the container's, the new reference, or
    ///   nil to leave it.
    public func rewrite(
        _ object: JSONValue, replacement: (_ image: String, _ container: String) -> String?
    ) -> JSONValue {
        ImageRewriter.mapContainers(object) { container, reference in
            image(meantBy: reference).flatMap { replacement($0, container) }
        }
    }

    /// Goes through every `containers` and `initContainers` list, also in custom resources.
    private static func mapContainers(
        _ value: JSONValue, _ change: (_ container: String, _ reference: String) -> String?
    ) -> JSONValue {
        switch value {
        case .array(let elements):
            return .array(elements.map { mapContainers($0, change) })
        case .object(let members):
            var result = members
            for (key, member) in members {
                if ["containers", "initContainers"].contains(key), let list = member.array {
                    result[key] = .array(list.map { mapContainer($0, change) })
                } else {
                    result[key] = mapContainers(member, change)
                }
            }
            return .object(result)
        default:
            return value
        }
    }

    private static func mapContainer(
        _ container: JSONValue, _ change: (String, String) -> String?
    ) -> JSONValue {
        guard let reference = container["image"]?.string else { return container }
        let name = container["name"]?.string ?? ""
        guard let new = change(name, reference) else { return container }
        var result = container
        result["image"] = .string(new)
        return result
    }
}
