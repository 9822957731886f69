import ChildProcess
import Images
import Sessions
import Settings
import Tools
import Vocabulary

/// Deploys without manifests: puts what was built into the workloads that run already.
struct SetImages: Sendable {
    let session: Session

    private var namespace: String { session.configuration.namespace.description }

    /// The workloads whose images can be set: a Job's template cannot be changed.
    static func settable(_ live: [JSONValue]) -> [JSONValue] {
        let kinds: [BuiltInKind?] = [.deployment, .statefulSet, .daemonSet, .cronJob]
        return live.filter { kinds.contains(ManifestObject($0).builtIn) }
    }

    /// Sets the images of every live workload that uses one of ours, in one call a workload.
    ///
    /// The API's warnings are reported.
    /// - Throws: `InvocationError` when kubectl refuses, `DevClusterError` when nothing answers.
    func run(_ built: [BuiltImage], live: [JSONValue]) async throws -> AppliedDeploy {
        let rewriter = session.imageRewriter
        var result = AppliedDeploy(lines: [], workloads: [], changed: [])
        for object in SetImages.settable(live) {
            guard let workload = ManifestObject(object).target(home: namespace) else { continue }
            let changes = rewriter.uses(in: object).compactMap { use in
                built.first { $0.name == use.image }.map { (use: use, new: $0.reference) }
            }
            guard !changes.isEmpty else { continue }
            for container in changes.compactMap(\.use.container) {
                // What is no name could be an option of kubectl.
                guard let reason = NameGrammar.label(container) else { continue }
                throw DevClusterError.invalid("container of \(workload)", container, reason)
            }
            let isSimple =
                changes.allSatisfy { $0.use.container != nil }
                && !(session.pullSecretAttachment?.isMissing(in: object) ?? false)
            let kubectl = session.kubectl
            let outcome = try await kubectl.reach {
                guard isSimple else {
                    return try await kubectl.patch(
                        workload.resource, patch(object, changes), namespace: namespace)
                }
                return try await kubectl.setImages(
                    of: workload.resource,
                    changes.map { "\($0.use.container ?? "")=\($0.new)" }, namespace: namespace)
            }.checked()
            result.lines += outcome.text.split(whereSeparator: \.isNewline).map(String.init)
            result.warnings += KubectlWarnings.texts(outcome.errorText).map {
                APIWarning(object: ManifestObject(object).description, message: $0)
            }
            result.workloads.append(workload)
            let containers = changes.compactMap { change in
                change.use.container.map { ($0, change.new) }
            }
            result.placed.append(
                PlacedWorkload(
                    workload, containers: Dictionary(containers) { first, _ in first }))
        }
        result.warnings.forEach { session.activity.report(.warning($0.text)) }
        result.changed = result.workloads
        return result
    }

    /// All images and the pull secret in one change: two would roll out twice.
    private func patch(_ object: JSONValue, _ changes: [(use: ImageUse, new: String)])
        -> [JSONValue]
    {
        var operations: [JSONValue] = []
        for (use, new) in changes {
            let pointer = JSONValue.string(use.path.pointer)
            // Somebody may have changed the lists meanwhile.
            operations.append([
                "op": "test", "path": pointer, "value": use.path.value(in: object) ?? .null,
            ])
            operations.append([
                "op": "replace", "path": pointer,
                "value": use.path.value(in: use.replacing(in: object, by: new)) ?? .null,
            ])
        }
        if let secret = session.pullSecretAttachment, secret.isMissing(in: object),
            let place = ManifestObject(object).builtIn?.podSpecPath
        {
            let list = "/\(place.joined(separator: "/"))/imagePullSecrets"
            let entry: JSONValue = ["name": .string(secret.name)]
            let spec = place.reduce(object as JSONValue?) { $0?[$1] }
            let hasSome = spec?["imagePullSecrets"] != nil
            operations.append([
                "op": "add", "path": .string(hasSome ? "\(list)/-" : list),
                "value": hasSome ? entry : [entry],
            ])
        }
        return operations
    }
}
