import ChildProcess
import Images
import Sessions
import Settings
import Tools
import Vocabulary
import Workloads

/// Judges what runs after a deploy: every pod of every namespace that it touched, as far as the
/// pod runs an image of ours, whoever made it.
package struct DeployVerification: Sendable {
    let session: Session
    /// What was applied and has pods.
    let workloads: [WorkloadReference]
    /// The namespaces that were touched.
    let namespaces: Set<String>
    /// Digests that the images of this deploy must have, by name.
    let built: [BuiltImage]
    /// What operators are to run.
    var custom: [CustomUse] = []
    var clock = WaitClock.continuous

    package init(
        session: Session, workloads: [WorkloadReference], namespaces: Set<String>,
        built: [BuiltImage], custom: [CustomUse] = [], clock: WaitClock = WaitClock.continuous
    ) {
        self.session = session
        self.workloads = workloads
        self.namespaces = namespaces
        self.built = built
        self.custom = custom
        self.clock = clock
    }

    /// How long pods are waited for that nobody's rollout waited for: operators make their own.
    private static let patience = Duration.seconds(30)
    /// How long an operator may need to make its pods.
    private static let operatorTime = Duration.seconds(3)

    private var home: String { session.configuration.namespace.description }
    private var targets: ImageTargets { ImageTargets(session: session, includesOthers: false) }

    /// Judges them, after pods that just start have had a moment for it.
    ///
    /// - Parameter seen: what the rollouts were judged by last.
    /// - Throws: `DevClusterError` when the cluster does not answer.
    package func run(_ seen: RolloutObjects) async throws -> VerificationReport {
        let objects = try await withOwners(settled(seen))
        let places = try PlaceComparison(
            session: session, namespaces: namespaces, built: built,
            builds: session.buildRecords.all())
        let subjects = subjects(objects, places)
        let found = try await ImageVerification(session: session).judge(
            subjects, built: built, requiresBuilds: true)
        let others = Set(othersPods(in: objects).map(PodName.init))
        return VerificationReport(
            containers: zip(found, subjects).map { finding, subject in
                guard others.contains(PodName(finding.judged.subject)) else {
                    return finding.judged
                }
                return superseded(finding.judged, isOfOperator: subject.isOfOperator)
            } + withoutPods(objects, places))
    }

    /// A read of all namespaces in which every container of ours was created, or will not be.
    private func settled(_ seen: RolloutObjects) async throws -> RolloutObjects {
        let read = Set(workloads.map { $0.namespace ?? home })
        var operators = try OperatorPods(
            session: session, custom: custom, namespaces: namespaces)
        var elsewhere = await places(of: &operators)
        var hasLookedAgain = elsewhere == nil
        if read == namespaces, elsewhere?.isEmpty ?? true, !isStarting(seen),
            idle(in: seen).isEmpty, outdated(in: seen) == 0
        {
            return seen
        }
        let start = clock.now()
        var silence = APISilence(clock: clock)
        var pace = OperatorPace()
        while true {
            let places = elsewhere ?? []
            let reader = RolloutReader(
                kubectl: session.kubectl, namespace: home, workloads: workloads,
                places: namespaces.union(places))
            if var objects = try await silence.attempt({ try await reader.read(details: false) }) {
                objects = operators.only(in: objects, of: places)
                objects.addJobs(goneSince: seen, workloads)
                let waited = clock.now() - start
                let isSettled = !isStarting(objects) || waited >= DeployVerification.patience
                let idle = idle(in: objects)
                pace.note(outdated(in: objects), at: clock.now())
                if isSettled, idle.isEmpty || waited >= DeployVerification.operatorTime,
                    pace.isOver(at: clock.now(), patience: DeployVerification.patience)
                {
                    if !idle.isEmpty, !hasLookedAgain {
                        hasLookedAgain = true
                        elsewhere = await self.places(of: &operators)
                        if elsewhere?.isSubset(of: places) == false { continue }
                    }
                    Set(idle.map(\.statement)).sorted().forEach(tell)
                    return objects
                }
            }
            try await clock.sleep(.milliseconds(500))
        }
    }

    /// The namespaces beyond those of the deploy in which operators run its images; nil where that
    /// cannot be told.
    private func places(of operators: inout OperatorPods) async -> Set<String>? {
        do {
            return try await operators.places()
        } catch {
            // Whoever waits for it is told of the interruption.
            guard !Task.isCancelled else { return nil }
            tell(
                "what operators run in other namespaces is not judged, as the pods of all"
                    + " namespaces cannot be read")
            return nil
        }
    }

    /// What no pod runs that somebody is to make of it.
    private func idle(in objects: RolloutObjects) -> [CustomUse] {
        guard !custom.isEmpty else { return [] }
        let others = othersPods(in: objects)
        return custom.filter { !$0.isRun(by: $0.isBesidePods ? objects.pods : others) }
    }

    /// The pods that are none of a workload that was applied, by this or another configuration.
    private func othersPods(in objects: RolloutObjects) -> [KubernetesPod] {
        guard !custom.isEmpty else { return [] }
        let own = workloads.compactMap(objects.workload).flatMap { objects.pods(of: $0) }
        let uids = Set(own.map(\.metadata.uid))
        let owners = PodOwners(objects)
        return objects.pods.filter {
            !uids.contains($0.metadata.uid)
                && owners.deployer(of: $0)?.isAnother(than: session) != true
        }
    }

    /// How many containers of operators' pods still run an earlier build of what these were told.
    private func outdated(in objects: RolloutObjects) -> Int {
        othersPods(in: objects).flatMap { ContainerImage.all(of: $0) }.count {
            $0.exemption == nil && newer(than: $0) != nil
        }
    }

    /// What names another build of the image that the container runs, where nothing names its own.
    private func newer(than container: ContainerImage) -> CustomUse? {
        guard let target = targets.target(of: container), target.isOurs else { return nil }
        let uses = custom.filter { $0.image == target.name.repository }
        return uses.contains { $0.reference == container.image } ? nil : uses.first
    }

    /// An earlier build is not what was deployed, however fresh its tag is.
    ///
    /// - Parameter isOfOperator: whether its pod has no label of any configuration, so that it is also
    ///   this one's where it runs a build of another.
    private func superseded(_ judged: JudgedContainer, isOfOperator: Bool) -> JudgedContainer {
        let isClaimed =
            judged.verdict == .notJudged && isOfOperator && judged.subject.exemption == nil
        // What names it now says more than that another build was deployed.
        guard judged.verdict.isFresh || judged.cause == .notDeployed || isClaimed,
            let use = newer(than: judged.subject)
        else { return judged }
        var judged = judged
        judged.deployed = nil
        judged.isMendable = false
        judged.verdict = .stale
        judged.cause = .notReplaced
        judged.reason = ShownText.line(
            "\(use.object) names \(use.reference) at \(use.place) now, and whatever made this pod did"
                + " not replace it")
        return judged
    }

    private func tell(_ statement: String) {
        session.activity.report(.note(statement))
    }

    private func isStarting(_ objects: RolloutObjects) -> Bool {
        let waiting: Set<String?> = [nil, "ContainerCreating", "PodInitializing"]
        return objects.pods.contains { pod in
            ContainerImage.all(of: pod).contains { container in
                container.exemption == nil && container.imageID.isEmpty
                    && container.role != .ephemeral && waiting.contains(container.waitingFor)
                    && targets.target(of: container) != nil
            }
        }
    }

    /// The same, with the workloads of pods that no rollout was about: their labels say whose they
    /// are, where another configuration gave its image the same name.
    private func withOwners(_ objects: RolloutObjects) async throws -> RolloutObjects {
        let names = Set(session.configuration.images.map(\.name.description))
        let owners = PodOwners(objects)
        let open = objects.pods.filter { pod in
            pod.metadata.controller?.builtIn != nil && owners.owner(of: pod)?.workload == nil
                && ContainerImage.all(of: pod).contains { container in
                    targets.target(of: container).map { names.contains($0.name.repository) }
                        ?? false
                }
        }
        let kubectl = session.kubectl
        let places = Set(open.compactMap(\.metadata.namespace)).sorted()
        let found = try await places.concurrentMap { place in
            let outcome = try await kubectl.read(VerificationScope.resources, namespace: place)
            // What may not be read leaves it open whose they are.
            guard outcome.succeeded else { return [KubernetesWorkload]() }
            return try kubectl.decode(RolloutObjects.self, outcome).workloads
        }
        let known = Set(objects.workloads.map(\.metadata.uid))
        var result = objects
        result.workloads += found.flatMap(\.self).filter { !known.contains($0.metadata.uid) }
        return result
    }

    /// The containers of all pods in which one runs an image of ours, or was given one.
    private func subjects(_ objects: RolloutObjects, _ places: PlaceComparison)
        -> [VerificationSubject]
    {
        let owners = PodOwners(objects)
        let applied = workloads.compactMap(objects.workload)
        let ending = applied.filter { ["Job", "Pod"].contains($0.kind) }
        let ended = Set(ending.flatMap { objects.pods(of: $0) }.compactMap(\.metadata.uid))
        let pods = objects.pods.sorted {
            ($0.metadata.namespace ?? "", $0.metadata.name)
                < ($1.metadata.namespace ?? "", $1.metadata.name)
        }
        return pods.flatMap { pod -> [VerificationSubject] in
            let uid = pod.metadata.uid ?? ""
            let subjects = VerificationSubject.all(
                of: pod, owners, includesFinished: ended.contains(uid))
            let isOurs = subjects.contains {
                targets.target(of: $0.container) != nil || places.isKnown($0.container)
            }
            return isOurs ? subjects : []
        }
    }

    /// What was applied and has no pod that could be judged, each with the reason.
    private func withoutPods(_ objects: RolloutObjects, _ places: PlaceComparison)
        -> [JudgedContainer]
    {
        workloads.flatMap { reference -> [JudgedContainer] in
            guard let workload = objects.workload(reference) else { return [] }
            guard workload.kind == "CronJob" || objects.pods(of: workload).isEmpty else {
                return []
            }
            return ContainerImage.all(
                ofTemplate: workload, named: reference.local,
                exemption: DeployVerification.reason(workload)
            ).compactMap { container in
                if var stale = places.judged(template: container) {
                    let finding = VerificationFinding(
                        judged: stale, owner: PodOwner(workload))
                    stale.isMendable = ImageFixPlan.mends(finding, session.place)
                    return stale
                }
                return targets.target(of: container) == nil
                    ? nil : JudgedContainer(container, .notJudged, container.exemption)
            }
        }
    }

    private static func reason(_ workload: KubernetesWorkload) -> String {
        switch workload.kind {
        case "CronJob":
            if case .complete(let words) = RolloutState.judge(workload) { return words }
            return "it runs at its next time"
        case "DaemonSet": return "no node takes its pods"
        case "Job":
            if workload.isParked, case .complete(let words) = RolloutState.judge(workload) {
                return words
            }
            return "its pods were gone before they could be looked at"
        default:
            return workload.spec?.replicas == 0
                ? "it is to have no pods: replicas is 0" : "it has no pods"
        }
    }
}

/// How long an operator has replaced no pod.
private struct OperatorPace {
    private var left = 0
    private var since: ContinuousClock.Instant?

    /// Notes how many are to be replaced yet.
    mutating func note(_ count: Int, at now: ContinuousClock.Instant) {
        if count != left || since == nil { since = now }
        left = count
    }

    /// Whether none is left, or none was replaced for so long.
    func isOver(at now: ContinuousClock.Instant, patience: Duration) -> Bool {
        left == 0 || since.map { now - $0 >= patience } ?? false
    }
}

/// Which pod it is.
private struct PodName: Hashable {
    var namespace: String
    var name: String

    init(_ pod: KubernetesPod) {
        (namespace, name) = (pod.metadata.namespace ?? "", pod.metadata.name)
    }

    init(_ container: ContainerImage) {
        (namespace, name) = (container.namespace, container.pod)
    }
}
