import ChildProcess
import Sessions
import SystemLibraries
import Tools
import Vocabulary

/// How a workload's rollout ended.
public struct RolloutResult: Codable, Sendable, Equatable {
    /// The workload, as `deployment/web`.
    public var workload: String
    /// What was reached, as `2/2`.
    public var state: String
    /// Seconds from the apply.
    public var seconds: Double
}

/// Waits for rollouts, and says why one does not end as soon as the cluster knows it.
package struct RolloutWait: Sendable {
    /// How often a crashing container is started anew before it is given up.
    package static let defaultMaxRestarts = 4

    let session: Session
    /// The namespace of workloads that name none.
    let namespace: String
    let deadline: Duration
    var maxRestarts = RolloutWait.defaultMaxRestarts
    var clock = WaitClock.continuous
    /// When what is waited for was begun to be applied.
    package var since = Date()
    /// Whether a pod by itself has to end, as one does that is a hook; else it has to be ready.
    var waitsForEnd = false

    package init(
        session: Session, namespace: String, deadline: Duration,
        maxRestarts: Int = RolloutWait.defaultMaxRestarts, clock: WaitClock = WaitClock.continuous,
        since: Date = Date(), waitsForEnd: Bool = false
    ) {
        self.session = session
        self.namespace = namespace
        self.deadline = deadline
        self.maxRestarts = maxRestarts
        self.clock = clock
        self.since = since
        self.waitsForEnd = waitsForEnd
    }

    /// Waits for all of them at once, on fresh reads.
    ///
    /// - Returns: how each ended, the read that showed it, and the locks cleared on the way.
    /// - Throws: `DevClusterError` with every workload's reason, as soon as one cannot end well.
    package func run(_ workloads: [WorkloadReference]) async throws
        -> (results: [RolloutResult], objects: RolloutObjects, locks: [ClearedLock])
    {
        guard !workloads.isEmpty, !session.isDryRun else {
            return ([], RolloutObjects(workloads: [], pods: []), [])
        }
        let name = workloads.count == 1 ? "\(workloads[0])" : "\(workloads.count) workloads"
        return try await session.activity.step("rollout of \(name)") { step in
            var course = RolloutCourse(workloads, start: clock.now())
            do {
                return try await follow(&course, step)
            } catch  where DevClusterError.Code(of: error) == .interrupted {
                throw interrupted(course)
            }
        }
    }

    private func follow(_ course: inout RolloutCourse, _ step: ActivityStep) async throws
        -> (results: [RolloutResult], objects: RolloutObjects, locks: [ClearedLock])
    {
        let reader = RolloutReader(
            kubectl: session.kubectl, namespace: namespace, workloads: course.workloads)
        var silence = APISilence(clock: clock)
        while true {
            let start = clock.now()
            let details = course.needsDetails(at: start)
            let wasSilent = silence.isSilent
            if let read = try await read(reader, details: details, &silence, course) {
                if wasSilent { session.activity.report(.note("the API answers again")) }
                let objects = course.merge(read, hasDetails: details, start: start)
                try await judge(objects, isFresh: details, &course, step)
                if course.isComplete {
                    var objects = objects
                    objects.add(course.goneJobs(in: objects))
                    let results = course.workloads.compactMap { course.results[$0] }
                    return (results, objects, course.locks)
                }
            } else if !wasSilent {
                session.activity.report(
                    .warning("the API of context \(session.place.context) does not answer"))
            }
            let waited = clock.now() - course.start - course.clearing
            guard waited < deadline else { throw try await timeout(course) }
            try await clock.sleep(.milliseconds(waited < .seconds(10) ? 200 : 500))
        }
    }

    private func read(
        _ reader: RolloutReader, details: Bool, _ silence: inout APISilence,
        _ course: RolloutCourse
    ) async throws -> RolloutObjects? {
        do {
            return try await silence.attempt { try await reader.read(details: details) }
        } catch let error as DevClusterError where silence.isSilent {
            throw silent(course, error)
        }
    }

    /// What was found of a workload that is not complete.
    private struct Finding {
        var workload: WorkloadReference
        var problem: RolloutProblem?
        /// The last lines of its program.
        var lines: [String] = []
        /// Whether it was not said yet.
        var isNew = false
        /// Whether it is a lock that is cleared.
        var isCleared = false
        var end: End?
    }

    /// Why waiting for a workload cannot help any more.
    private enum End {
        /// Its controller gave up, in these words.
        case failed(String)
        /// It suffered from the same for so long.
        case unchanged(Duration)
    }

    private func judge(
        _ objects: RolloutObjects, isFresh: Bool, _ course: inout RolloutCourse,
        _ step: ActivityStep
    ) async throws {
        let places = course.workloads.map { $0.namespace ?? namespace }
        if let ending = places.first(where: objects.endingNamespaces.contains) {
            throw namespaceIsGone(ending)
        }
        var findings: [Finding] = []
        for reference in course.workloads {
            guard let workload = objects.workload(reference),
                workload.metadata.deletionTimestamp == nil
            else {
                try await endGone(reference, objects, &course, step)
                continue
            }
            let pods = objects.currentPods(of: workload)
            course.noteJob(workload, pods, of: reference)
            let state = state(of: workload, pods, objects, &course)
            let creates = pods.contains(where: \.isCreating)
            course.note(state, of: reference, isCreating: creates, at: clock.now())
            if case .complete = state {
                show(reference, nil, .complete, &course, step)
            } else if course.known != nil {
                findings += try await explain(
                    reference, workload, state, objects, isFresh: isFresh, &course, step)
            } else {
                show(reference, nil, .waiting, &course, step)
            }
        }
        // Only now is known what else is wrong.
        for finding in findings { try end(finding, &course, step) }
        try await giveUpCrashes(objects, &course, step)
        for finding in findings where finding.isNew {
            guard let problem = finding.problem else { continue }
            session.activity.report(
                .warning(
                    told(
                        problem, of: finding.workload, finding.lines, isCleared: finding.isCleared))
            )
        }
        let locked = findings.filter(\.isCleared).compactMap { finding in
            finding.problem.map {
                LockedWorkload(workload: finding.workload, problem: $0, lines: finding.lines)
            }
        }
        try await clearLocks(locked, &course, step)
    }

    /// What keeps a workload from coming up; nothing when it just needs time.
    private func explain(
        _ reference: WorkloadReference, _ workload: KubernetesWorkload, _ state: RolloutState,
        _ objects: RolloutObjects, isFresh: Bool, _ course: inout RolloutCourse,
        _ step: ActivityStep
    ) async throws -> [Finding] {
        let diagnosis = RolloutDiagnosis(objects: objects, known: course.known ?? [:])
        var seen = diagnosis.problem(of: workload)
        seen?.namespace = reference.namespace
        if let seen, !isFresh, course.awaitsEvents(seen, of: reference) { return [] }
        var finding = Finding(workload: reference)
        if case .failed(let words) = state { finding.end = .failed(words) }
        guard let seen else {
            course.clocks.clear(reference)
            if finding.end == nil { show(reference, nil, .waiting, &course, step) }
            return finding.end == nil ? [] : [finding]
        }
        var problem = try await askingHolders(
            askingRegistry(seen, &course), of: workload, objects, &course)
        finding.isNew = course.clocks.note(
            problem, of: reference, state: course.state(of: reference), at: clock.now())
        if finding.isNew || finding.end != nil {
            finding.lines = try await log(of: problem, objects)
        }
        if finding.lines.contains(where: StartFailure.isExecFormat) { problem.kind = .execFormat }
        finding.problem = problem
        finding.isCleared = finding.end == nil && clears(problem, of: reference, course)
        if finding.end == nil, !finding.isCleared {
            finding.end = end(of: problem, reference, workload, course)
            // What a program that runs says now, not what it said when it was noticed.
            if finding.end != nil, !finding.isNew {
                finding.lines = try await log(of: problem, objects)
            }
        }
        if finding.end == nil { show(reference, problem, .stuck, &course, step) }
        return [finding]
    }

    /// The end of a wait that cannot help any more; nil while it can.
    private func end(
        of problem: RolloutProblem, _ reference: WorkloadReference, _ workload: KubernetesWorkload,
        _ course: RolloutCourse
    ) -> End? {
        let age = course.clocks.age(of: reference, at: clock.now())
        let isUpdate = (workload.metadata.generation ?? 1) > 1
        guard RolloutPatience(problem).isOver(after: age),
            !course.mayFree(problem, of: reference, isUpdate: isUpdate, at: clock.now())
        else { return nil }
        return .unchanged(age)
    }

    /// Ends the wait where it cannot help any more.
    private func end(
        _ finding: Finding, _ course: inout RolloutCourse, _ step: ActivityStep
    ) throws {
        switch finding.end {
        case nil: break
        case .failed(let words):
            throw failed(finding.workload, words, finding.problem, finding.lines, &course, step)
        case .unchanged(let age):
            guard let problem = finding.problem else { break }
            throw givenUp(finding.workload, problem, finding.lines, after: age, &course, step)
        }
    }

    /// Ends the wait for containers that crashed too often, unless what they may wait for is
    /// still coming up.
    private func giveUpCrashes(
        _ objects: RolloutObjects, _ course: inout RolloutCourse, _ step: ActivityStep
    ) async throws {
        for reference in course.open {
            guard let problem = course.clocks.problem(of: reference),
                RolloutPatience(problem) == .restarts,
                course.clocks.isHopeless(reference, maxRestarts: maxRestarts),
                !course.movesElsewhere(
                    than: reference, maxRestarts: maxRestarts, at: clock.now())
            else { continue }
            let lines = try await log(of: problem, objects)
            throw givenUp(reference, problem, lines, after: nil, &course, step)
        }
    }
}

extension KubernetesPod {
    /// Whether its node is pulling an image or starting a container.
    fileprivate var isCreating: Bool {
        (status?.containerStatuses ?? []).contains {
            $0.state?.waiting?.reason == "ContainerCreating"
        }
    }
}
