import ChildProcess

/// Deploys without manifests: puts what was built into the workloads that run already.
struct SetImages: Sendable {
    let session: Session

    private var namespace: String { session.configuration.namespace.description }

    /// Sets the images of every live workload that uses one of ours, in one call a workload.
    ///
    /// - Throws: `DevClusterError` when a built image is used by none, naming what they use.
    func run(_ built: [BuiltImage], live: [JSONValue]) async throws -> AppliedDeploy {
        let rewriter = ImageRewriter(
            images: session.configuration.images, registryNames: session.place.registryNames)
        var result = AppliedDeploy(lines: [], workloads: [], changed: [])
        let uses = rewriter.uses(in: live)
        for image in built
        where !uses.contains(where: { rewriter.image(meantBy: $0.reference) == image.name }) {
            let seen = Set(uses.map(\.reference)).sorted().map { ShownText.line($0) }
            throw DevClusterError(
                .usage,
                "no workload in namespace \(namespace) uses the image '\(image.name)'",
                hint: (seen.isEmpty ? "there are none" : "they use " + seen.joined(separator: ", "))
                    + "; list your manifests in spec.manifests")
        }
        for object in live {
            let manifest = ManifestObject(object)
            guard let workload = manifest.workload, workload.kind != .job else { continue }
            let settings = rewriter.uses(in: [object]).compactMap { use -> String? in
                let name = rewriter.image(meantBy: use.reference)
                return built.first { $0.name == name }.map { "\(use.container)=\($0.reference)" }
            }
            guard !settings.isEmpty else { continue }
            let outcome = try await session.kubectl.run(
                ["set", "image", workload.description] + settings, namespace: namespace,
                effect: .changes
            ).checked()
            result.lines += outcome.text.split(whereSeparator: \.isNewline).map(String.init)
            result.workloads.append(workload)
        }
        result.changed = result.workloads
        return result
    }
}
