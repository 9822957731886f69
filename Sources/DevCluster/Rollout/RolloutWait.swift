import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

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
struct RolloutWait: Sendable {
    /// How often a crashing container is started anew before it is given up.
    static let defaultMaxRestarts = 4

    let session: Session
    let namespace: String
    let deadline: Duration
    var maxRestarts = RolloutWait.defaultMaxRestarts
    var clock = WaitClock.continuous

    /// Waits for all of them at once, on fresh reads.
    ///
    /// - Returns: how each ended, and the read that showed it.
    /// - Throws: `DevClusterError` with every workload's reason, as soon as one cannot end well.
    func run(_ workloads: [WorkloadReference]) async throws
        -> (results: [RolloutResult], objects: RolloutObjects)
    {
        guard !workloads.isEmpty, !session.isDryRun else {
            return ([], RolloutObjects(workloads: [], pods: []))
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
        -> (results: [RolloutResult], objects: RolloutObjects)
    {
        let reader = RolloutReader(
            kubectl: session.kubectl, namespace: namespace, workloads: course.workloads)
        var failures = ReadFailures(clock: clock)
        var looked: ContinuousClock.Instant?
        var isFirst = true
        while true {
            // The first read is the only one where nothing changed; it needs no more than it says.
            let details = !isFirst && looked.map { clock.now() - $0 >= .milliseconds(800) } ?? true
            let wasSilent = failures.isSilent
            if let objects = try await failures.attempt({ try await reader.read(details: details) })
            {
                if details { looked = clock.now() }
                isFirst = false
                try await judge(objects, details: details, &course, step)
                if course.isComplete {
                    return (course.workloads.compactMap { course.results[$0] }, objects)
                }
            } else if !wasSilent {
                session.activity.report(
                    .warning("the API of context \(session.place.context) does not answer"))
            }
            let waited = clock.now() - course.start
            guard waited < deadline else { throw timeout(course) }
            try await clock.sleep(.milliseconds(waited < .seconds(10) ? 200 : 500))
        }
    }

    private func judge(
        _ objects: RolloutObjects, details: Bool, _ course: inout RolloutCourse,
        _ step: ActivityStep
    ) async throws {
        guard !objects.endingNamespaces.contains(namespace) else { throw namespaceIsGone() }
        if details { course.noteEvents(objects.events) }
        var news: [(WorkloadReference, RolloutProblem, [String])] = []
        for reference in course.workloads {
            guard let workload = objects.workload(reference),
                workload.metadata.deletionTimestamp == nil
            else { throw try await gone(reference) }
            let state = RolloutState.judge(workload)
            let creates = objects.currentPods(of: workload).contains(where: \.isCreating)
            course.note(state, of: reference, isCreating: creates, at: clock.now())
            if case .complete = state {
                show(reference, nil, .complete, &course, step)
            } else if details {
                let found = try await explain(reference, workload, state, objects, &course, step)
                if let found { news.append((reference, found.problem, found.lines)) }
            } else if course.clocks.problem(of: reference) == nil {
                show(reference, nil, .waiting, &course, step)
            }
        }
        try await giveUpCrashes(objects, &course, step)
        for (reference, problem, lines) in news {
            let text = problem.description(of: "\(reference)")
            session.activity.report(.warning(RolloutWait.text(text, lines)))
        }
    }

    /// What keeps a workload from coming up, where that was not said yet.
    ///
    /// - Throws: `DevClusterError` when it cannot change any more.
    private func explain(
        _ reference: WorkloadReference, _ workload: KubernetesWorkload, _ state: RolloutState,
        _ objects: RolloutObjects, _ course: inout RolloutCourse, _ step: ActivityStep
    ) async throws -> (problem: RolloutProblem, lines: [String])? {
        let diagnosis = RolloutDiagnosis(objects: objects, known: course.known ?? [:])
        var found = diagnosis.problem(of: workload)
        if let problem = found { found = try await askingRegistry(problem, &course) }
        guard var problem = found else {
            course.clocks.clear(reference)
            if case .failed(let words) = state {
                throw failed(reference, words, nil, [], &course, step)
            }
            show(reference, nil, .waiting, &course, step)
            return nil
        }
        let isNew = course.clocks.note(
            problem, of: reference, state: course.state(of: reference), at: clock.now())
        var lines = isNew ? try await log(of: problem, objects) : []
        if lines.contains(where: StartFailure.isExecFormat) { problem.kind = .execFormat }
        if case .failed(let words) = state {
            if lines.isEmpty { lines = try await log(of: problem, objects) }
            throw failed(reference, words, problem, lines, &course, step)
        }
        let age = course.clocks.age(of: reference, at: clock.now())
        if RolloutPatience(problem).isOver(after: age) {
            throw givenUp(reference, problem, lines, after: age, &course, step)
        }
        show(reference, problem, .stuck, &course, step)
        return isNew ? (problem, lines) : nil
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
