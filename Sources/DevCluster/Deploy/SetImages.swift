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
            let outcome = try await session.kubectl.reach(
                ["set", "image", workload.description] + settings, namespace: namespace,
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
}
