import Tools
import Vocabulary

/// Finds objects that are given twice: the second would undo the first, and neither would be
/// what was meant.
struct DuplicateObjects: Sendable {
    /// What makes an object the same, in whatever version of the API.
    private struct Identity: Hashable {
        var kind: String
        var namespace: String
        var name: String

        init?(_ value: JSONValue, home: String) {
            let object = ManifestObject(value)
            guard !object.name.isEmpty else { return nil }
            kind = object.builtIn.map(\.rawValue) ?? "\(object.kind).\(object.group)"
            namespace = object.builtIn == .namespace ? "" : object.place(home: home) ?? ""
            name = object.name
        }
    }

    let reader: ManifestReader
    /// The namespace of objects that name none.
    let home: String

    /// Throws when an object is among these more than once, naming both places.
    func refuse(_ sources: [ReadManifests]) async throws {
        var seen: [Identity: ReadManifests] = [:]
        for source in sources {
            for object in source.objects {
                try Task.checkCancellation()
                guard let identity = Identity(object, home: home) else { continue }
                guard let first = seen[identity] else {
                    seen[identity] = source
                    continue
                }
                var places = await self.places(of: identity, in: first)
                if first.name != source.name {
                    places += await self.places(of: identity, in: source)
                }
                try Task.checkCancellation()
                throw refusal(object, identity, places)
            }
        }
    }

    private func refusal(_ object: JSONValue, _ identity: Identity, _ places: [String])
        -> DevClusterError
    {
        let place = identity.namespace.isEmpty ? "" : " of namespace \(identity.namespace)"
        if let file = places.first, places.count > 1, Set(places).count == 1 {
            return DevClusterError(
                .usage,
                ShownText.line(
                    "\(ManifestObject(object))\(place) is given twice: two elements of"
                        + " spec.manifests lead to \(file)"),
                hint: "take one of them out; nothing was applied")
        }
        return DevClusterError(
            .usage,
            ShownText.line(
                "\(ManifestObject(object))\(place) is given twice: in \(places.joined(separator: " and in ")),"
                    + " so that it is not clear which one is meant"),
            hint: "keep one of them; nothing was applied")
    }

    /// The files of a source that hold the object, each with the documents' numbers.
    ///
    /// Files are read one by one only here, where it is worth the time.
    private func places(of identity: Identity, in source: ReadManifests) async -> [String] {
        guard !source.places.isEmpty else {
            return [numbers(identity, source.objects, source.name)]
        }
        var places: [String] = []
        for file in source.places.flatMap(\.files) where !Task.isCancelled {
            guard let objects = try? await reader.read(file: file.path),
                objects.contains(where: { Identity($0, home: home) == identity })
            else { continue }
            places.append(numbers(identity, objects, file.name))
        }
        return places.isEmpty ? [source.name] : places
    }

    private func numbers(_ identity: Identity, _ objects: [JSONValue], _ name: String) -> String {
        let numbers = objects.indices.filter { Identity(objects[$0], home: home) == identity }
        guard numbers.count > 1 else { return name }
        let list = numbers.map { "\($0 + 1)" }.joined(separator: " and ")
        return "\(name) (documents \(list))"
    }
}
