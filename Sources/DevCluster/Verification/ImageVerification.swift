#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which pods are judged.
public enum VerificationScope: Sendable, Equatable {
    /// All pods of all namespaces.
    case allNamespaces
    /// The pods of one namespace.
    case namespace(String)
    /// The pods of some workloads in a namespace.
    case workloads([WorkloadReference], namespace: String)

    var namespace: String? {
        switch self {
        case .allNamespaces: nil
        case .namespace(let name), .workloads(_, let name): name
        }
    }
}

/// Compares what runs with what the registry serves.
///
/// The digest in a pod's `imageID` is that of the manifest, or index, that was pulled; never the
/// configuration's, with which it is usually compared. See `docs/verification.md`.
public struct ImageVerification: Sendable {
    let session: Session

    /// Verifies in this session's cluster.
    public init(session: Session) {
        self.session = session
    }

    /// Reads the pods in scope and judges every container.
    ///
    /// - Parameter built: digests that the images of this deploy must have, by name.
    /// - Throws: `InvocationError` when the cluster does not answer. What the registry answers
    ///   never throws: it makes verdicts unknown.
    public func run(_ scope: VerificationScope, built: [BuiltImage] = []) async throws
        -> VerificationReport
    {
        try session.requireCluster()
        var subjects: [ContainerImage] = []
        switch scope {
        case .allNamespaces, .namespace:
            let pods = try await session.kubectl.list(
                "pods", namespace: scope.namespace, as: KubernetesPod.self)
            subjects = pods.flatMap { ContainerImage.all(of: $0) }
        case .workloads(let references, let namespace):
            let objects = try await RolloutObjects.read(
                session.kubectl, namespace: namespace, for: references)
            return try await run(references, in: objects, namespace: namespace, built: built)
        }
        return VerificationReport(containers: try await judge(subjects, built: built))
    }

    /// Judges the containers of some workloads, from objects that were just read.
    ///
    /// - Parameter built: digests that the images of this deploy must have, by name.
    func run(
        _ references: [WorkloadReference], in objects: RolloutObjects, namespace: String,
        built: [BuiltImage] = []
    ) async throws -> VerificationReport {
        let subjects = try references.flatMap { reference -> [ContainerImage] in
            guard let workload = objects.workload(reference) else {
                throw DevClusterError(
                    .failed, "there is no \(reference) in namespace \(namespace)")
            }
            return objects.pods(of: workload).flatMap {
                ContainerImage.all(of: $0, includesFinished: reference.kind == .job)
            }
        }
        return VerificationReport(containers: try await judge(subjects, built: built))
    }

    private func judge(_ subjects: [ContainerImage], built: [BuiltImage]) async throws
        -> [JudgedContainer]
    {
        let rewriter = session.imageRewriter
        let wanted = subjects.map { subject -> ManifestName? in
            subject.exemption == nil ? manifest(of: subject, rewriter) : nil
        }
        let served = try await session.registry.digests(of: wanted.compactMap { $0 })
        var judged = zip(subjects, wanted).map { subject, name in
            firstVerdict(subject, name, name.flatMap { served[$0] }, built: built)
        }
        // What was pushed over our own push is stale, whatever the pods run.
        let open = judged.indices.filter { index in
            judged[index].verdict == .stale
                && overwritten(wanted[index], judged[index].served, built) == nil
        }
        guard !open.isEmpty else { return judged }
        let contents = try await ContentComparison.read(
            open.compactMap { index in
                wanted[index].map { ContentComparison.Pair(container: judged[index], name: $0) }
            }, session: session)
        for index in open {
            guard let name = wanted[index] else { continue }
            judged[index] = contents.judge(judged[index], name)
        }
        return judged
    }

    /// The manifest that a container should run, when it is from a registry of ours.
    private func manifest(of subject: ContainerImage, _ rewriter: ImageRewriter) -> ManifestName? {
        guard let reference = try? ImageReference(subject.image) else { return nil }
        let isOurHost = reference.registry.map(session.place.registryNames.contains) ?? false
        let repository = isOurHost ? reference.path : rewriter.image(meantBy: subject.image)
        guard let repository else { return nil }
        // A pinned digest says nothing about freshness where there is a tag beside it.
        let tag = reference.tag?.description ?? reference.digest?.description ?? "latest"
        return ManifestName(repository: repository, reference: tag)
    }

    /// The digest that was built and pushed under this name, if the registry serves another now.
    private func overwritten(_ name: ManifestName?, _ served: Digest?, _ built: [BuiltImage])
        -> Digest?
    {
        let mine = built.first { $0.name == name?.repository && $0.tag == name?.reference }
        return mine?.digest == served ? nil : mine?.digest
    }

    private func firstVerdict(
        _ subject: ContainerImage, _ name: ManifestName?, _ answer: RegistryAnswer<Digest>?,
        built: [BuiltImage]
    ) -> JudgedContainer {
        let running = subject.runningDigest
        func judged(_ verdict: ImageVerdict, _ reason: String?) -> JudgedContainer {
            JudgedContainer(
                subject: subject, verdict: verdict, running: running, served: answer?.value,
                reason: reason)
        }
        if let exemption = subject.exemption { return judged(.notJudged, exemption) }
        guard let name, let answer else { return judged(.notOurs, nil) }
        guard !subject.imageID.isEmpty else {
            return judged(.unknown, "the container was not created yet")
        }
        guard let running else {
            return judged(.unknown, "'\(ShownText.line(subject.imageID))' holds no digest")
        }
        switch answer {
        case .unknown(let reason): return judged(.unknown, reason)
        case .missing:
            return judged(
                .unknown, "the registry does not have \(name.repository):\(name.reference)")
        case .found(let served):
            if let digest = overwritten(name, served, built) {
                return judged(
                    .stale,
                    "the registry serves \(served.short) for \(name.reference), not"
                        + " \(digest.short), which was built and pushed")
            }
            return served == running
                ? judged(.match, nil)
                : judged(.stale, StaleReason.text(subject, running: running, served: served))
        }
    }
}

/// Why a container runs something else than its tag, from what its pod says.
enum StaleReason {
    static func text(_ subject: ContainerImage, running: Digest, served: Digest) -> String {
        let difference = "it runs \(running.short), the registry serves \(served.short)"
        let pinned = (try? ImageReference(subject.image))?.digest
        if let pinned, pinned != served {
            return difference + ": the spec pins \(pinned.short)"
        }
        if subject.pullPolicy == "Always" {
            return difference + ": the tag was pushed again after the container started"
        }
        let node = subject.node.map { " on \($0)" } ?? ""
        return difference + ": the tag was pushed again, and \(subject.pullPolicy ?? "its policy")"
            + " serves the image cached\(node)"
    }
}
