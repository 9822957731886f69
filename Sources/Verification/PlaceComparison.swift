import Images
import Sessions
import SystemLibraries
import Tools
import Vocabulary
import Workloads

/// Finds the containers that were given another image than the last deploy put there.
///
/// The registry serves that one, too, or it is none of ours: only what was deployed tells.
struct PlaceComparison: Sendable {
    /// References by the container's name, by workload, by namespace.
    private var placed: [String: [String: [String: String]]] = [:]
    private let targets: ImageTargets
    /// What each reference was when it was deployed.
    private var digests: [String: Set<Digest>] = [:]
    private let tags: OwnTags

    /// - Parameters:
    ///   - built: what is being deployed, which no record knows yet.
    ///   - builds: every recorded build.
    /// - Throws: `DevClusterError` when what was deployed cannot be read.
    init(
        session: Session, namespaces: Set<String>, built: [BuiltImage], builds: [BuildRecord]
    ) throws {
        targets = ImageTargets(session: session, includesOthers: false)
        for namespace in namespaces {
            let workloads = try session.placed(in: namespace)
            if !workloads.isEmpty { placed[namespace] = workloads }
        }
        guard !placed.isEmpty else {
            tags = OwnTags()
            return
        }
        tags = OwnTags(builds)
        for image in builds.map(\.image) + built {
            if let digest = image.digest { digests[image.reference, default: []].insert(digest) }
        }
    }

    /// Whether the last deploy put an image of ours into the container.
    func isKnown(_ subject: ContainerImage) -> Bool { reference(of: subject) != nil }

    /// The same container, stale if it runs, or its workload names, another image altogether.
    ///
    /// What is stale for another reason, or not judged, stays so.
    func judged(_ container: JudgedContainer) -> JudgedContainer {
        let subject = container.subject
        guard ![.stale, .notJudged].contains(container.verdict),
            let reference = reference(of: subject),
            let other = [subject.image, subject.templateImage].compactMap(\.self).first(where: {
                targets.repository(of: $0) != targets.repository(of: reference)
            }),
            // A mirror of the cluster's may serve the very same.
            !(container.running.map { digests[reference, default: []].contains($0) } ?? false)
        else { return container }
        let verb = other == subject.image ? "it runs" : "\(subject.owner ?? "its workload") names"
        return stale(container, "\(verb) \(other)", reference)
    }

    /// A container of a workload's template that no pod has; nil where it is what was deployed.
    ///
    /// A later build is no earlier one, however it came there.
    func judged(template subject: ContainerImage) -> JudgedContainer? {
        guard let reference = reference(of: subject), reference != subject.image,
            !isLater(subject.image, than: reference)
        else { return nil }
        let container = JudgedContainer(subject, .notJudged, nil)
        return stale(container, "\(subject.owner ?? subject.pod) names \(subject.image)", reference)
    }

    private func reference(of subject: ContainerImage) -> String? {
        placed[subject.namespace]?[subject.owner ?? "pod/\(subject.pod)"]?[subject.container]
    }

    private func isLater(_ image: String, than reference: String) -> Bool {
        guard let repository = targets.repository(of: reference),
            targets.repository(of: image) == repository,
            let new = (try? ImageReference(image))?.tag.flatMap({
                tags.time(of: $0.description, in: repository)
            }),
            let old = (try? ImageReference(reference))?.tag.flatMap({
                tags.time(of: $0.description, in: repository)
            })
        else { return false }
        return new > old
    }

    private func stale(_ container: JudgedContainer, _ fact: String, _ reference: String)
        -> JudgedContainer
    {
        var container = container
        container.verdict = .stale
        container.cause = .otherImage
        container.deployed = reference
        container.origin = nil
        container.reason = ShownText.line("\(fact); the last deploy put \(reference) there")
        return container
    }
}
