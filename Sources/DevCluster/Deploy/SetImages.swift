import ChildProcess

/// Deploys without manifests: puts what was built into the workloads that run already.
struct SetImages: Sendable {
    let session: Session

    private var namespace: String { session.configuration.namespace.description }

    /// The workloads whose images can be set: a Job's template cannot be changed.
    static func settable(_ live: [JSONValue]) -> [JSONValue] {
        live.filter { object in
            ManifestObject(object).workload.map { $0.kind != .job } ?? false
        }
    }

    /// Sets the images of every live workload that uses one of ours, in one call a workload.
    ///
    /// The API's warnings are reported.
    /// - Throws: `InvocationError` when kubectl refuses, `DevClusterError` when nothing answers.
    func run(_ built: [BuiltImage], live: [JSONValue]) async throws -> AppliedDeploy {
        let rewriter = session.imageRewriter
        var result = AppliedDeploy(lines: [], workloads: [], changed: [])
        for object in SetImages.settable(live) {
            guard let workload = ManifestObject(object).workload else { continue }
            let settings = rewriter.uses(in: [object]).compactMap { use -> String? in
                let name = rewriter.image(meantBy: use.reference)
                return built.first { $0.name == name }.map { "\(use.container)=\($0.reference)" }
            }
            guard !settings.isEmpty else { continue }
            for use in rewriter.uses(in: [object]) {
                // What is no name could be an option of kubectl.
                guard let reason = NameGrammar.label(use.container) else { continue }
                throw DevClusterError.invalid("container of \(workload)", use.container, reason)
            }
            let isSecretMissing = session.pullSecretAttachment?.isMissing(in: object) ?? false
            let outcome = try await session.kubectl.reach(
                isSecretMissing
                    ? try SetImages.patch(object, workload, built, rewriter, session)
                    : ["set", "image", workload.resource] + settings, namespace: namespace,
                effect: .changes
            ).checked()
            result.lines += outcome.text.split(whereSeparator: \.isNewline).map(String.init)
            result.warnings += KubectlWarnings.texts(outcome.errorText).map {
                APIWarning(object: ManifestObject(object).description, message: $0)
            }
            result.workloads.append(workload)
        }
        result.warnings.forEach { session.activity.report(.warning($0.text)) }
        result.changed = result.workloads
        return result
    }

    /// Images and pull secret in one change: two would roll out twice.
    private static func patch(
        _ object: JSONValue, _ workload: WorkloadReference, _ built: [BuiltImage],
        _ rewriter: ImageRewriter, _ session: Session
    ) throws -> [String] {
        let spec = object["spec"]?["template"]?["spec"]
        var change: [String: JSONValue] = [:]
        for list in ["containers", "initContainers"] {
            let images = (spec?[list]?.array ?? []).compactMap { container -> JSONValue? in
                guard let reference = container["image"]?.string, let name = container["name"],
                    let image = rewriter.image(meantBy: reference),
                    let new = built.first(where: { $0.name == image })
                else { return nil }
                return ["name": name, "image": .string(new.reference)]
            }
            if !images.isEmpty { change[list] = .array(images) }
        }
        // A strategic merge adds to what is there, by name.
        change["imagePullSecrets"] = [
            ["name": .string(session.configuration.registry.pullSecret?.description ?? "")]
        ]
        let patch: JSONValue = ["spec": ["template": ["spec": .object(change)]]]
        let text = String(decoding: try patch.encoded(), as: UTF8.self)
        return ["patch", workload.resource, "--type", "strategic", "--patch", text]
    }
}
