#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds objects that are given twice: the second would undo the first, and neither would be
/// what was meant.
struct DuplicateObjects: Sendable {
    /// What a source of manifests gave.
    struct Source: Sendable {
        /// As the configuration names it.
        var name: String
        /// The file or folder; nil for the output of a program.
        var path: String?
        var objects: [JSONValue]
    }

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
    func refuse(_ sources: [Source]) async throws {
        var seen: [Identity: Source] = [:]
        for source in sources {
            for object in source.objects {
                guard let identity = Identity(object, home: home) else { continue }
                guard let first = seen[identity] else {
                    seen[identity] = source
                    continue
                }
                var places = await self.places(of: identity, in: first)
                if first.name != source.name {
                    places += await self.places(of: identity, in: source)
                }
                throw refusal(object, identity, places)
            }
        }
    }

    private func refusal(_ object: JSONValue, _ identity: Identity, _ places: [String])
        -> DevClusterError
    {
        let place = identity.namespace.isEmpty ? "" : " of namespace \(identity.namespace)"
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
    private func places(of identity: Identity, in source: Source) async -> [String] {
        guard let path = source.path else {
            return [numbers(identity, source.objects, source.name)]
        }
        let files = DuplicateObjects.files(at: path)
        var places: [String] = []
        for file in files {
            guard let objects = try? await reader.read(file: file),
                objects.contains(where: { Identity($0, home: home) == identity })
            else { continue }
            let rest = file.hasPrefix(path + "/") ? String(file.dropFirst(path.count + 1)) : ""
            let folder = source.name.hasSuffix("/") ? source.name : source.name + "/"
            places.append(numbers(identity, objects, rest.isEmpty ? source.name : folder + rest))
        }
        return places.isEmpty ? [source.name] : places
    }

    private func numbers(_ identity: Identity, _ objects: [JSONValue], _ name: String) -> String {
        let numbers = objects.indices.filter { Identity(objects[$0], home: home) == identity }
        guard numbers.count > 1 else { return name }
        let list = numbers.map { "\($0 + 1)" }.joined(separator: " and ")
        return "\(name) (documents \(list))"
    }

    /// The manifests below a folder, as kubectl takes them; the file itself for a file.
    private static func files(at path: String) -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
            return [path]
        }
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.filter { name in
            [".json", ".yaml", ".yml"].contains { name.hasSuffix($0) }
        }.sorted().map { "\(path)/\($0)" }
    }
}
