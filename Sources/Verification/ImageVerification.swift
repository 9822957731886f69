import Images
import Sessions
import Tools
import Vocabulary
import Workloads

/// Compares what runs with what the registry serves.
///
/// The digest in a pod's `imageID` is that of the manifest, or index, that was pulled; never the
/// configuration's, with which it is usually compared. See `docs/verification.md`.
public struct ImageVerification: Sendable {
    let session: Session
    /// Whether images of other registries are judged too, by asking those.
    let asksOthers: Bool

    /// Verifies in this session's cluster.
    public init(session: Session, asksOthers: Bool = false) {
        self.session = session
        self.asksOthers = asksOthers
    }

    /// Reads the pods in scope and judges every container.
    ///
    /// - Parameter built: digests that the images of this deploy must have, by name.
    /// - Throws: `DevClusterError` when the cluster does not answer. What a registry answers
    ///   never throws: it makes verdicts unknown.
    public func run(_ scope: VerificationScope, built: [BuiltImage] = []) async throws
        -> VerificationReport
    {
        VerificationReport(containers: try await findings(scope, built: built).map(\.judged))
    }

    /// Like `run`, with what else is known of each container.
    func findings(_ scope: VerificationScope, built: [BuiltImage] = []) async throws
        -> [VerificationFinding]
    {
        try await session.requireCluster(for: .reading)
        return try await judge(try await scope.read(session), built: built)
    }

    /// Judges the containers of some workloads, from objects that were just read.
    ///
    /// - Parameter built: digests that the images of this deploy must have, by name.
    package func run(
        _ references: [WorkloadReference], in objects: RolloutObjects, namespace: String,
        built: [BuiltImage] = []
    ) async throws -> VerificationReport {
        let subjects = try VerificationSubject.all(of: references, in: objects, namespace)
            .map(\.withoutDeployer)
        return VerificationReport(
            containers: try await judge(subjects, built: built).map(\.judged))
    }

    /// - Parameter requiresBuilds: whether what runs has to be what was built under its tag, as after
    ///   a deploy, and not only what the registry serves by now.
    func judge(
        _ subjects: [VerificationSubject], built: [BuiltImage], requiresBuilds: Bool = false
    ) async throws -> [VerificationFinding] {
        let targets = ImageTargets(session: session, includesOthers: asksOthers)
        let wanted = subjects.map { targets.target(of: $0.container) }
        let others = try OtherConfigurations(
            session: session,
            repositories: Set(wanted.compactMap(\.self).filter(\.isOurs).map(\.name.repository)))
        var judged: [Int: JudgedContainer] = [:]
        var groups: [ImageSource: [RegistryComparison.Pair]] = [:]
        let builds = try session.buildRecords.all()
        let places = try PlaceComparison(
            session: session, namespaces: Set(subjects.map(\.container.namespace)), built: built,
            builds: builds)
        for (index, (subject, target)) in zip(subjects, wanted).enumerated() {
            if subject.isTemplate {
                judged[index] = places.judged(template: subject.container)
            } else if let exemption = subject.container.exemption {
                judged[index] = JudgedContainer(subject.container, .notJudged, exemption)
            } else if let target, target.isOurs,
                let claim = others.claim(on: subject, running: target.name)
            {
                let own = places.judged(JudgedContainer(subject.container, .notOurs, nil))
                judged[index] =
                    own.verdict == .stale
                    ? own : JudgedContainer(subject.container, .notJudged, claim)
            } else if let target {
                groups[target.source, default: []].append(
                    RegistryComparison.Pair(index: index, subject: subject, target: target))
            } else {
                judged[index] = JudgedContainer(subject.container, .notOurs, nil)
            }
        }
        let deployed = try DeployedImages(session: session, built: built, builds: builds)
        var budget = RequestBudget()
        for (source, pairs) in groups.sorted(by: { $0.key < $1.key }) {
            let comparison = RegistryComparison(
                session: session, registry: try await targets.client(source, pairs.map(\.name)),
                isOurs: source == .ours, built: built, builds: builds,
                requiresBuilds: requiresBuilds)
            for (pair, result) in zip(pairs, try await comparison.judge(pairs, &budget)) {
                judged[pair.index] = source == .ours ? deployed.judged(result, pair) : result
            }
        }
        return subjects.indices.compactMap { index in
            judged[index].map { judged in
                var finding = VerificationFinding(
                    judged: places.judged(judged), owner: subjects[index].owner)
                if finding.judged.verdict == .stale {
                    finding.judged.isMendable = ImageFixPlan.mends(finding, session.place)
                }
                return finding
            }
        }
    }
}

/// A container with its verdict, and what is needed to mend it.
struct VerificationFinding: Sendable {
    var judged: JudgedContainer
    var owner: PodOwner?
}

extension JudgedContainer {
    /// A verdict for which no digests were compared.
    init(_ subject: ContainerImage, _ verdict: ImageVerdict, _ reason: String?) {
        self.init(
            subject: subject, verdict: verdict, running: subject.runningDigest, served: nil,
            reason: reason, cause: nil, origin: nil)
    }
}

/// How many requests a verification may spend on explaining, beyond those that judge.
struct RequestBudget: Sendable {
    private(set) var left = 200

    /// Takes what a round of questions costs.
    mutating func spend(_ count: Int) { left = max(0, left - count) }
}
