import ChildProcess
import Tools
import Vocabulary

/// What one call of kubectl did with each of the objects that it was given.
struct ApplyAttempt: Sendable {
    /// An object that was refused, and why.
    struct Refused: Sendable {
        /// Nil where it is not known which one it was.
        var object: JSONValue?
        var refusal: KubectlRefusal
    }

    /// What kubectl said of each object that was applied.
    var lines: [String]
    /// What was applied, in the order in which it was given.
    var applied: [JSONValue] = []
    /// What was not.
    var missing: [JSONValue] = []
    /// Why it was not.
    var refused: [Refused] = []

    /// Tells the objects apart by what kubectl printed: it goes through them in their order, prints
    /// a line for each that was applied, and goes on after each that was not.
    init(_ objects: [JSONValue], _ outcome: Outcome) {
        lines = outcome.text.split(whereSeparator: \.isNewline).map { ShownText.line(String($0)) }
        var names = lines.map { String($0.prefix { $0 != " " }) }
        for object in objects {
            let line = ApplyAttempt.line(of: ManifestObject(object))
            let isGenerated = ManifestObject(object).generatedNamePrefix != nil
            let index = names.firstIndex { isGenerated ? $0.hasPrefix(line) : $0 == line }
            if let name = index.map({ names.remove(at: $0) }) {
                applied.append(ApplyAttempt.named(object, name))
            } else if outcome.succeeded {
                applied.append(object)
            } else {
                missing.append(object)
            }
        }
        guard !outcome.succeeded else { return }
        let found = KubectlRefusal.parse(outcome.errorText)
        if let invalid = SchemaFault.parse(outcome.errorText), lines.isEmpty {
            refused = invalid.map { fault in
                Refused(
                    object: objects.first { fault.isOf(ManifestObject($0)) },
                    refusal: fault.refusal)
            }
        } else {
            refused = ApplyAttempt.assigned(found, to: missing)
        }
    }

    /// How kubectl prints the name of an object: `deployment.apps/web`; of one that gets a name
    /// from the API server, its beginning.
    private static func line(of object: ManifestObject) -> String {
        let kind = object.kind.lowercased()
        let name = object.generatedNamePrefix ?? object.name
        return (object.group.isEmpty ? kind : "\(kind).\(object.group)") + "/\(name)"
    }

    /// The object with the name that the API server gave it.
    private static func named(_ object: JSONValue, _ printed: String) -> JSONValue {
        guard ManifestObject(object).generatedNamePrefix != nil,
            let slash = printed.lastIndex(of: "/")
        else { return object }
        var result = object
        result["metadata"]?["name"] = .string(String(printed[printed.index(after: slash)...]))
        return result
    }

    /// Gives each refusal its object. Those that name none stand in the order of the objects.
    private static func assigned(_ refusals: [KubectlRefusal], to objects: [JSONValue])
        -> [Refused]
    {
        var open = objects.map { ManifestObject($0) }
        var result = refusals.map { refusal -> Refused in
            guard let index = open.firstIndex(where: refusal.names) else {
                return Refused(object: nil, refusal: refusal)
            }
            return Refused(object: open.remove(at: index).value, refusal: refusal)
        }
        // What is said of several objects in the same words may be said once.
        for object in open {
            guard let refusal = refusals.first(where: { $0.isMissingKind(of: object) }) else {
                continue
            }
            result.append(Refused(object: object.value, refusal: refusal))
            open.removeAll { $0.value == object.value }
        }
        let nameless = result.indices.filter { result[$0].object == nil }
        guard nameless.count == open.count else { return result }
        for (index, object) in zip(nameless, open) { result[index].object = object.value }
        return result
    }
}
