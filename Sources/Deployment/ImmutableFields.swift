import ChildProcess
import Sessions
import Tools
import Vocabulary

/// What is to be changed in an object that cannot be changed once it is there, and the way out.
struct ImmutableFields: Sendable {
    let session: Session
    /// The namespace of objects that name none.
    let namespace: String

    /// The fields, as `spec.volumeClaimTemplates`; the API may only say `spec`.
    func names(_ refusal: KubectlRefusal, in object: ManifestObject) async throws -> [String] {
        let said = paths(refusal)
        guard said.isEmpty || said == ["spec"], let live = try await read(object) else {
            return said
        }
        let before = (ManifestObject(live).lastApplied ?? live)["spec"]?.object ?? [:]
        let now = object.value["spec"]?.object ?? [:]
        let quoted = Set(refusal.text.split(separator: "'").map(String.init))
        let changed = Set(before.keys).union(now.keys).filter {
            before[$0] != now[$0] && !quoted.contains($0)
        }
        return changed.isEmpty ? said : changed.sorted().map { "spec.\($0)" }
    }

    /// What stands before `: Forbidden` and `: Invalid value`.
    private func paths(_ refusal: KubectlRefusal) -> [String] {
        let text =
            refusal.text.firstRange(of: "is invalid: ")
            .map { refusal.text[$0.upperBound...] } ?? refusal.text[...]
        var paths: [String] = []
        for mark in [": Forbidden: ", ": Invalid value: "] {
            for range in text.ranges(of: mark) {
                let words = text[..<range.lowerBound].split(separator: " ")
                guard let last = words.last?.drop(while: { $0 == "[" }) else { continue }
                if !paths.contains(String(last)) { paths.append(String(last)) }
            }
        }
        return paths
    }

    /// The object as it is in the cluster; nil where that cannot be read: the refusal is worth
    /// saying without it.
    private func read(_ object: ManifestObject) async throws -> JSONValue? {
        do {
            let outcome = try await session.kubectl.read(
                object.resource, object.name, namespace: object.namespace ?? namespace)
            return outcome.succeeded ? try? JSONValue(parsing: outcome.output) : nil
        } catch let error as InvocationError where error.reason != .cancelled {
            return nil
        }
    }

    /// What to do, on a line.
    func wayOut(_ object: ManifestObject) -> String {
        let place =
            object.builtIn?.isClusterScoped == true
            ? "" : " --namespace \(object.namespace ?? namespace)"
        let command =
            "kubectl --context \(session.place.context)\(place) delete"
            + " \(ObjectType(apiVersion: object.apiVersion, kind: object.kind).shown) \(object.name)"
        switch object.builtIn {
        case .statefulSet:
            return "'\(command) --cascade=orphan' keeps its pods and claims; then deploy again"
        case .persistentVolumeClaim, .persistentVolume:
            return "put \(object) back as it was: deleting it would lose what is stored in it; or"
                + " give the new one another name"
        case .customResourceDefinition:
            let kind = object.value["spec"]?["names"]?["kind"]?.string ?? "object of it"
            return "'\(command)' deletes every \(ShownText.line(kind)) too; then deploy again"
        default:
            return "put \(object) back as it was, or delete it with '\(command)' and deploy again"
        }
    }
}
