import Vocabulary

/// What is remembered of each workload while its rollout is waited for: since when it has its
/// problem, and how often it crashed since something else came further.
struct RolloutClocks: Sendable {
    private struct Problem {
        var problem: RolloutProblem
        var since: ContinuousClock.Instant
        /// How far the workload was then.
        var state: String
    }

    private struct Crashes {
        var exit: String
        /// Restarts when this exit was seen first.
        var first: BoundedInteger
        /// Restarts when something else of this deploy came further the last time.
        var elsewhere: BoundedInteger
        var latest: BoundedInteger
    }

    private var problems: [WorkloadReference: Problem] = [:]
    private var crashes: [WorkloadReference: Crashes] = [:]
    private var reported: Set<String> = []

    /// Notes what a workload suffers from now.
    ///
    /// - Parameter state: how far it is; a workload that comes further starts its time anew.
    /// - Returns: whether it is time to say it: not said yet, and more than a passing moment.
    mutating func note(
        _ problem: RolloutProblem, of workload: WorkloadReference, state: String,
        at now: ContinuousClock.Instant
    ) -> Bool {
        let isSame =
            problems[workload].map {
                $0.problem.family == problem.family && $0.state == state
            } ?? false
        let since = isSame ? problems[workload]?.since ?? now : now
        problems[workload] = Problem(problem: problem, since: since, state: state)
        if let crash = problem.crash { note(crash, of: workload) }
        guard now - since >= problem.settling else { return false }
        return reported.insert("\(workload) \(problem.family)").inserted
    }

    private mutating func note(
        _ crash: RolloutProblem.Crash, of workload: WorkloadReference
    ) {
        guard var known = crashes[workload] else {
            crashes[workload] = Crashes(
                exit: crash.exit, first: 0, elsewhere: 0, latest: crash.restarts)
            return
        }
        // Another pod, or another end: what came before says nothing about it.
        if known.exit != crash.exit || crash.restarts < known.latest {
            known.exit = crash.exit
            known.first = crash.restarts < known.latest ? 0 : crash.restarts
            known.elsewhere = min(known.elsewhere, known.first)
        }
        known.latest = crash.restarts
        crashes[workload] = known
    }

    /// Whether something is seen and not said yet: the next look decides.
    var isSettling: Bool {
        problems.contains { !reported.contains("\($0.key) \($0.value.problem.family)") }
    }

    /// The workload has no problem just now; one that crashed may do so again.
    mutating func clear(_ workload: WorkloadReference) { problems[workload] = nil }

    /// The workload gets new pods, of which nothing is known.
    mutating func forget(_ workload: WorkloadReference) {
        (problems[workload], crashes[workload]) = (nil, nil)
    }

    /// Something else came further: every crash loop gets another try, for it may have waited
    /// for just that.
    mutating func noteProgress(except workload: WorkloadReference) {
        for (other, known) in crashes where other != workload {
            crashes[other]?.elsewhere = known.latest
        }
    }

    /// How long the workload has had its problem.
    func age(of workload: WorkloadReference, at now: ContinuousClock.Instant) -> Duration {
        problems[workload].map { now - $0.since } ?? .zero
    }

    /// What the workload suffers from.
    func problem(of workload: WorkloadReference) -> RolloutProblem? {
        problems[workload]?.problem
    }

    /// Whether it crashed so often with the same exit, and again after all else stood still.
    func isHopeless(_ workload: WorkloadReference, maxRestarts: Int) -> Bool {
        guard let known = crashes[workload], problems[workload]?.problem.crash != nil else {
            return false
        }
        return known.latest.subtracting(known.first) >= BoundedInteger(maxRestarts)
            && (known.elsewhere == 0 || known.latest > known.elsewhere)
    }
}
