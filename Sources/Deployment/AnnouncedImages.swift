import Images
import Vocabulary

/// What programs that render manifests are told that images will be deployed as.
struct AnnouncedImages: Sendable {
    /// The references by the images' names.
    let references: [String: String]

    /// `DEVCLUSTER_IMAGE_<NAME>` for each of them.
    var environment: [String: String] {
        var environment: [String: String] = [:]
        for (name, reference) in references {
            let variable = name.uppercased()
                .map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
            environment["DEVCLUSTER_IMAGE_\(variable)"] = reference
        }
        return environment
    }

    /// The images whose references stand in the objects, also within a longer text.
    func named(in objects: [JSONValue]) -> Set<String> {
        Set(
            references.filter { _, reference in
                objects.contains { AnnouncedImages.holds($0, reference) }
            }.keys)
    }

    /// The objects with each reference replaced by that of the build: an image that did not change
    /// keeps the tag that it has.
    func settled(_ objects: [JSONValue], built: [BuiltImage]) -> [JSONValue] {
        let changed = built.compactMap { image -> (String, String)? in
            guard let announced = references[image.name], announced != image.reference else {
                return nil
            }
            return (announced, image.reference)
        }
        guard !changed.isEmpty else { return objects }
        return objects.map { AnnouncedImages.replace(changed, in: $0) }
    }

    private static func holds(_ value: JSONValue, _ text: String) -> Bool {
        switch value {
        case .string(let value): value.contains(text)
        case .array(let elements): elements.contains { holds($0, text) }
        case .object(let members): members.values.contains { holds($0, text) }
        default: false
        }
    }

    private static func replace(_ changed: [(String, String)], in value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            .string(changed.reduce(text) { $0.replacing($1.0, with: $1.1) })
        case .array(let elements): .array(elements.map { replace(changed, in: $0) })
        case .object(let members): .object(members.mapValues { replace(changed, in: $0) })
        default: value
        }
    }
}
