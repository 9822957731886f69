import ChildProcess
import Sessions
import Settings
import Tools
import Vocabulary

/// Locks that a rollout runs into, found by what holds them and cleared on the way.
extension RolloutWait {
    /// The problem as the lock that it is, where another pod of the workload has what its pod
    /// needs.
    func askingHolders(
        _ problem: RolloutProblem, of workload: KubernetesWorkload, _ objects: RolloutObjects,
        _ course: inout RolloutCourse
    ) async throws -> RolloutProblem {
        guard
            let pod = objects.pods(of: workload).first(where: { $0.metadata.name == problem.pod })
        else { return problem }
        switch problem.kind {
        case .unschedulable where SchedulerMessage.lacksPorts(problem.message):
            return objects.portLock(of: pod, in: workload).map { problem.locked($0) } ?? problem
        case .unschedulable where SchedulerMessage.lacksClaim(problem.message),
            .mount where StartFailure.isAttachedElsewhere(problem.message):
            return objects.dataLock(of: pod, in: workload).map { problem.locked($0) } ?? problem
        case .crash(let crash) where !crash.isOfJob && !crash.isOutOfMemory:
            return try await crashLock(problem, crash, pod, workload, objects, &course)
        // Some wait for the lock for minutes before they end, or for ever.
        case .probe, .initializing:
            guard let lock = objects.dataLock(of: pod, in: workload) else { return problem }
            return try await waitingLock(problem, lock, pod, &course)
        default: return problem
        }
    }

    /// The problem of a program that runs beside the one that has its data.
    private func waitingLock(
        _ problem: RolloutProblem, _ lock: PodLock, _ pod: KubernetesPod,
        _ course: inout RolloutCourse
    ) async throws -> RolloutProblem {
        let log = try await lockLog(problem, pod, &course) ?? ""
        if let database = LockingDatabase.locked(in: log)?.database {
            return problem.locked(lock, database: database.name)
        }
        guard lock.isPlain else { return problem }
        if LockWords.line(in: log) != nil { return problem.locked(lock) }
        return restarted(problem, pod, lock) ?? problem.beside(lock)
    }

    /// The problem of a program that ended beside the one that has its data, and was just started
    /// anew.
    private func restarted(_ problem: RolloutProblem, _ pod: KubernetesPod, _ lock: PodLock)
        -> RolloutProblem?
    {
        guard let status = pod.status(of: problem.container), let restarts = status.restartCount,
            let last = status.lastState?.terminated, restarts > 0, last.isOwnEnd
        else { return nil }
        var problem = problem
        problem.reason = last.reason ?? "Error"
        problem.message = "it ended with exit code \(last.exitCode)"
        return problem.locked(lock, isCertain: restarts > 1)
    }

    private func crashLock(
        _ problem: RolloutProblem, _ crash: RolloutProblem.Crash, _ pod: KubernetesPod,
        _ workload: KubernetesWorkload, _ objects: RolloutObjects, _ course: inout RolloutCourse
    ) async throws -> RolloutProblem {
        let start = pod.lastEnd(of: problem.container)?.startedAt
        if let lock = objects.dataLock(of: pod, in: workload, start: start) {
            let log = try await lockLog(problem, pod, &course) ?? ""
            if let database = LockingDatabase.locked(in: log)?.database {
                return problem.locked(lock, database: database.name, crash: crash)
            }
            // A first end may have any reason, as may that of a program which shares its data.
            guard lock.isPlain, !crash.isByProbe,
                pod.lastEnd(of: problem.container)?.isOwnEnd == true
            else { return problem }
            let isCertain = crash.restarts > 0 || LockWords.line(in: log) != nil
            return problem.locked(lock, isCertain: isCertain, crash: crash)
        }
        guard let lock = objects.networkLock(of: pod, in: workload, start: start),
            let log = try await lockLog(problem, pod, &course), PodLock.isAddressInUse(log)
        else { return problem }
        return problem.locked(lock, crash: crash)
    }

    /// The end of the log in which a lock would be named; nil where there is none.
    ///
    /// What a program said does not change after its end; one that runs is asked every 2 s.
    private func lockLog(
        _ problem: RolloutProblem, _ pod: KubernetesPod, _ course: inout RolloutCourse
    ) async throws -> String? {
        guard let status = pod.status(of: problem.container) else { return nil }
        let isRunning = status.state?.running != nil
        let key = RolloutCourse.LockLog.Key(
            namespace: problem.namespace, pod: pod.metadata.name, container: status.name,
            restarts: status.restartCount ?? 0, isRunning: isRunning)
        let hasEnded = problem.crash != nil
        if let known = course.lockLogs[key],
            hasEnded || clock.now() - known.time < .seconds(2)
        {
            return known.text
        }
        let lines = try await RolloutEvidence(
            kubectl: session.kubectl, namespace: problem.namespace ?? namespace
        ).lines(
            of: pod.metadata.name, container: status.name,
            which: !hasEnded ? .current : isRunning ? .previous : .ended, count: 100)
        let text = lines.joined(separator: "\n")
        course.lockLogs[key] = .init(text: text, time: clock.now())
        return text
    }

    /// Whether a problem is a lock that this wait clears.
    func clears(
        _ problem: RolloutProblem, of workload: WorkloadReference, _ course: RolloutCourse
    ) -> Bool {
        guard case .locked(let lock) = problem.kind else { return false }
        return lock.isCertain && lock.lock.canBeCleared && !course.cleared.contains(workload)
    }

    /// Takes the pods of locked workloads away, as `locks clear` does, and gives them back.
    ///
    /// - Throws: `DevClusterError` where that would lose something, or not help.
    func clearLocks(
        _ locked: [LockedWorkload], _ course: inout RolloutCourse, _ step: ActivityStep
    ) async throws {
        guard !locked.isEmpty else { return }
        let start = clock.now()
        defer { course.clearing += clock.now() - start }
        let places = Dictionary(grouping: locked) { $0.workload.namespace ?? namespace }
        for (place, locked) in places.sorted(by: { $0.key < $1.key }) {
            try await clearLocks(locked, in: place, &course, step)
        }
    }

    private func clearLocks(
        _ locked: [LockedWorkload], in place: String, _ course: inout RolloutCourse,
        _ step: ActivityStep
    ) async throws {
        let survey = try await LockSurvey.read(session, namespace: place)
        var items: [LockRelease.Item] = []
        for one in locked {
            let local = WorkloadReference(one.workload.kind, one.workload.name)
            guard case .locked(let lock) = one.problem.kind, let object = survey.object(local)
            else { continue }
            let isConfigured =
                place == namespace && LockSurvey.configured(local, session) != nil
            if let objection = WorkloadStorage(object).objection(
                isPort: lock.lock.isPort, isConfigured: isConfigured)
            {
                throw givenUp(
                    one.workload, one.problem, one.lines + ["it is not cleared: \(objection)"],
                    after: nil, &course, step)
            }
            let name = lock.database.map { " (\($0))" } ?? ""
            items.append(
                LockRelease.Item(
                    object: object, method: .scale,
                    reason: "\(lock.lock.description)\(name)"))
            session.activity.report(
                .note(
                    "\(one.workload) has to be stopped for its lock: \(lock.lock.advice) to make"
                        + " that needless"))
        }
        let release = LockRelease(session: session, namespace: place)
        let released = try await release.release(items)
        try await release.restore(released)
        course.locks += release.cleared(released)
        for one in locked {
            course.cleared.insert(one.workload)
            course.clocks.forget(one.workload)
        }
    }
}

/// A workload whose pods wait for what an older one has.
struct LockedWorkload {
    var workload: WorkloadReference
    var problem: RolloutProblem
    /// The last lines of its program.
    var lines: [String]
}

extension RolloutProblem {
    /// The same as a lock.
    fileprivate func locked(
        _ lock: PodLock, database: String? = nil, isCertain: Bool = true, crash: Crash? = nil
    ) -> RolloutProblem {
        var problem = self
        problem.kind = .locked(
            Lock(lock: lock, database: database, isCertain: isCertain, crash: crash))
        if isCertain { problem.reason = "locked" }
        problem.message =
            kind == .unschedulable
            ? "no node takes it while \(lock.description)"
            : "\(message), while \(lock.description)"
        return problem
    }

    /// The same with the word that it may wait for a lock.
    fileprivate func beside(_ lock: PodLock) -> RolloutProblem {
        var problem = self
        problem.more =
            "\(lock.description): where it waits for that, \(lock.advice), or name it in"
            + " spec.locks"
        return problem
    }
}

extension KubernetesPod {
    /// What the kubelet says of a container.
    fileprivate func status(of container: String?) -> ContainerStatus? {
        ((status?.initContainerStatuses ?? []) + (status?.containerStatuses ?? []))
            .first { $0.name == container }
    }

    /// How a container ended last.
    fileprivate func lastEnd(of container: String?) -> State.Terminated? {
        let status = status(of: container)
        return status?.state?.terminated ?? status?.lastState?.terminated
    }
}
