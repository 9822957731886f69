import Images
import Sessions
import Tools
import Vocabulary

/// Judges containers by one registry: first by their tags' digests, and those that differ by what
/// is behind the digests.
struct RegistryComparison: Sendable {
    /// A container, and the manifest it should run.
    struct Pair: Sendable {
        /// Its place among all subjects.
        var index: Int
        var subject: VerificationSubject
        var target: ImageTarget

        /// What the container should run.
        var name: ManifestName { target.name }
    }

    let session: Session
    let registry: RegistryClient
    /// Whether it is the registry to which the recorded builds were pushed.
    let isOurs: Bool
    let built: [BuiltImage]
    /// Every recorded build, oldest first.
    let builds: [BuildRecord]
    /// Whether what runs has to be what was built, not only what is served by now.
    let requiresBuilds: Bool

    /// The verdicts, in the order of the pairs.
    ///
    /// At most four rounds of questions to the registry and one to the cluster.
    func judge(_ pairs: [Pair], _ budget: inout RequestBudget) async throws -> [JudgedContainer] {
        let names = pairs.map(\.name)
        let served = try await registry.digests(of: names)
        budget.spend(Set(names).count)
        let replaced = try await replacedPushes(served, &budget)
        var judged = pairs.map { firstVerdict($0, served[$0.name], replaced[$0.name]) }
        let open = judged.indices.filter { judged[$0].needsSecondLook }
        let undecided = judged.indices.filter { judged[$0].verdict == .unknown }
        guard !open.isEmpty || !undecided.isEmpty else { return judged }
        let records = RecordedOrigins(isOurs ? builds : [])
        if !open.isEmpty {
            let look = try await SecondLook.take(
                open.map { SecondLook.Case(container: judged[$0], pair: pairs[$0]) },
                session: session, registry: registry, records: records, budget: &budget)
            for index in open { judged[index] = look.judge(judged[index], pairs[index]) }
        }
        for index in undecided {
            judged[index].origin = records.origin(of: judged[index], in: pairs[index].name)
        }
        return judged
    }

    /// What was built and pushed under the names for which the registry serves another image now.
    ///
    /// The same image that is pushed again can have another digest: its configuration is the same.
    private func replacedPushes(
        _ served: [ManifestName: RegistryAnswer<Digest>], _ budget: inout RequestBudget
    ) async throws -> [ManifestName: Digest] {
        guard isOurs, requiresBuilds || !built.isEmpty else { return [:] }
        var pushed: [ManifestName: [BuiltImage]] = [:]
        for image in builds.map(\.image) + built where image.digest != nil {
            let name = ManifestName(repository: image.name, reference: image.tag)
            if served[name] != nil { pushed[name, default: []].append(image) }
        }
        let other = pushed.filter { name, images in
            guard let now = served[name]?.value else { return false }
            return !images.contains { $0.digest == now }
        }
        guard !other.isEmpty else { return [:] }
        let manifests = try await registry.manifests(other.keys.sorted { "\($0)" < "\($1)" })
        budget.spend(other.count)
        return other.compactMapValues(\.last?.digest).filter { name, _ in
            let content = manifests[name]?.value?.config?.digest
            return !(other[name] ?? []).contains { $0.imageID == content?.description }
        }
    }

    private func firstVerdict(
        _ pair: Pair, _ answer: RegistryAnswer<Digest>?, _ pushed: Digest?
    ) -> JudgedContainer {
        let container = pair.subject.container
        var judged = JudgedContainer(container, .unknown, nil)
        judged.served = answer?.value
        judged.reason = undecided(container, pair.name, answer)
        guard judged.reason == nil, let served = judged.served else { return judged }
        if let digest = pushed {
            judged.verdict = .stale
            judged.cause = .overwritten
            judged.reason =
                "the registry serves \(served.short) for \(pair.name.reference), not"
                + " \(digest.short), which was built and pushed"
        } else {
            judged.verdict = served == judged.running ? .match : .stale
        }
        return judged
    }

    /// Why nothing can be said of a container; nil when it can.
    private func undecided(
        _ container: ContainerImage, _ name: ManifestName, _ answer: RegistryAnswer<Digest>?
    ) -> String? {
        if container.imageID.isEmpty {
            let why = container.waitingFor.map { ": \(ShownText.line($0))" } ?? ""
            return "the container was not created yet" + why
        }
        guard container.runningDigest != nil else {
            return "'\(ShownText.line(container.imageID))' holds no digest"
        }
        switch answer {
        case .found: return nil
        case .unknown(let reason): return reason
        case .missing, nil:
            let isPinned = name.reference.contains(":")
            return "the registry does not have"
                + " \(name.repository)\(isPinned ? "@" : ":")\(name.reference)"
        }
    }
}

extension JudgedContainer {
    /// What was pushed over our own push is stale, whatever the pods run.
    fileprivate var needsSecondLook: Bool { verdict == .stale && cause == nil }
}
