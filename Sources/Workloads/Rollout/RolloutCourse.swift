import Sessions
import Tools
import Vocabulary

/// What is known of each workload of one wait, from one read to the next.
struct RolloutCourse: Sendable {
    let workloads: [WorkloadReference]
    let start: ContinuousClock.Instant
    /// How long locks took to be cleared: in that time nothing could come up.
    var clearing = Duration.zero
    var clocks = RolloutClocks()
    var steadiness = RolloutSteadiness()
    /// How each workload that is complete got there.
    var results: [WorkloadReference: RolloutResult] = [:]
    /// What our registry said of an image that could not be pulled.
    var pulls: [String: PullFailure] = [:]
    /// The Jobs as they were seen last, with their pods.
    private(set) var jobs: [WorkloadReference: SeenJob] = [:]
    /// What was read of logs to find locks.
    var lockLogs: [LockLog.Key: LockLog] = [:]
    /// The workloads whose locks were cleared on the way, which helps once or not at all.
    var cleared: Set<WorkloadReference> = []
    /// The same for the report.
    var locks: [ClearedLock] = []
    /// How often each event had happened when it was seen first.
    private(set) var known: [String: BoundedInteger]?

    /// What was read last.
    private(set) var seen = RolloutObjects(workloads: [], pods: [])
    /// What was read with the details last, for the reads in between.
    private var details: RolloutObjects?
    private var looked: ContinuousClock.Instant?
    /// Whether something was seen that only fresh events explain.
    private var isAsking = false

    /// A Job that may be gone before the wait ends.
    struct SeenJob: Sendable {
        var workload: KubernetesWorkload
        var pods: [KubernetesPod]
    }

    /// The end of a container's log at one time.
    struct LockLog: Sendable {
        struct Key: Hashable {
            var namespace: String?
            var pod: String
            var container: String
            var restarts: BoundedInteger
            var isRunning: Bool
        }
        var text: String
        var time: ContinuousClock.Instant
    }

    private var states: [WorkloadReference: String] = [:]
    private var moved: [WorkloadReference: ContinuousClock.Instant] = [:]
    private var shown: [WorkloadReference: RolloutProgress] = [:]
    private var creating: Set<WorkloadReference> = []

    init(_ workloads: [WorkloadReference], start: ContinuousClock.Instant) {
        self.workloads = workloads
        self.start = start
    }

    var isComplete: Bool { results.count == workloads.count }
    var open: [WorkloadReference] { workloads.filter { results[$0] == nil } }

    /// What a workload was last said to be at, in words.
    func state(of workload: WorkloadReference) -> String { states[workload] ?? "not read yet" }

    /// Notes how far a workload is.
    ///
    /// - Parameter isCreating: whether a node is pulling or starting something for it.
    mutating func note(
        _ state: RolloutState, of workload: WorkloadReference, isCreating: Bool,
        at now: ContinuousClock.Instant
    ) {
        if isCreating { creating.insert(workload) } else { creating.remove(workload) }
        var text: String
        switch state {
        case .complete(let reached):
            text = reached
            results[workload] =
                results[workload]
                ?? RolloutResult(
                    workload: "\(workload)", state: reached, seconds: (now - start).inSeconds)
            clocks.clear(workload)
        case .progressing(let words), .failed(let words):
            text = words
            results[workload] = nil
        }
        guard states[workload] != text else { return }
        let isFirst = states[workload] == nil
        states[workload] = text
        moved[workload] = now
        // What was complete from the beginning did not come further.
        if !isFirst { clocks.noteProgress(except: workload) }
    }

    /// Remembers a Job: its pods are gone with it.
    mutating func noteJob(
        _ workload: KubernetesWorkload, _ pods: [KubernetesPod], of reference: WorkloadReference
    ) {
        guard workload.kind == "Job" else { return }
        let seen = jobs[reference].flatMap {
            $0.workload.metadata.uid == workload.metadata.uid ? $0.pods : nil
        }
        jobs[reference] = SeenJob(workload: workload, pods: pods.isEmpty ? seen ?? [] : pods)
    }

    /// Jobs that ended and are not there any more, with their pods.
    func goneJobs(in objects: RolloutObjects) -> RolloutObjects {
        let gone = workloads.filter { objects.workload($0) == nil }.compactMap { jobs[$0] }
        return RolloutObjects(
            workloads: gone.map(\.workload), pods: gone.flatMap(\.pods))
    }

    /// Whether the next read needs the details: each costs a second child.
    func needsDetails(at now: ContinuousClock.Instant) -> Bool {
        // The first read is the only one where nothing changed; it needs no more than it says.
        guard !states.isEmpty else { return false }
        return looked.map { isAsking || clocks.isSettling || now - $0 >= .milliseconds(800) }
            ?? true
    }

    /// Notes what was read with the details, or adds what the last such read saw.
    ///
    /// - Parameter start: when the read began.
    mutating func merge(
        _ objects: RolloutObjects, hasDetails: Bool, start: ContinuousClock.Instant
    ) -> RolloutObjects {
        guard hasDetails else {
            var objects = objects
            objects.events = details?.events ?? []
            objects.nodes = details?.nodes ?? []
            seen = objects
            return objects
        }
        (details, looked, isAsking, seen) = (objects, start, false, objects)
        if known == nil {
            known = Dictionary(
                objects.events.compactMap { event in event.metadata.uid.map { ($0, event.times) } },
                uniquingKeysWith: max)
        }
        return objects
    }

    /// Whether a problem has to wait for fresh events; then they are read next.
    mutating func awaitsEvents(_ problem: RolloutProblem, of workload: WorkloadReference) -> Bool {
        guard problem.needsEvents, clocks.problem(of: workload)?.family != problem.family else {
            return false
        }
        isAsking = true
        return true
    }

    /// Whether the program of a workload ended with an error, and ended again.
    var crashes: Bool {
        open.contains { (clocks.problem(of: $0)?.restarts ?? 0) > 0 }
    }

    /// Whether something else of this deploy may still come up that a crashing workload waits for.
    func movesElsewhere(
        than workload: WorkloadReference, maxRestarts: Int, at now: ContinuousClock.Instant
    ) -> Bool {
        open.contains { other in
            guard other != workload else { return false }
            if clocks.problem(of: other)?.crash != nil {
                return !clocks.isHopeless(other, maxRestarts: maxRestarts)
            }
            return creating.contains(other)
                || moved[other].map { now - $0 < .seconds(30) } ?? true
        }
    }

    /// Whether a quota that is used up may become free: by the pods that this workload replaces, of
    /// which the controllers hear late, or by those of others of this deploy.
    func mayFree(
        _ problem: RolloutProblem, of workload: WorkloadReference, isUpdate: Bool,
        at now: ContinuousClock.Instant
    ) -> Bool {
        guard problem.kind == .quota else { return false }
        if isUpdate, clocks.age(of: workload, at: now) < .seconds(15) { return true }
        return open.contains { other in
            other != workload && clocks.problem(of: other) == nil
                && (creating.contains(other)
                    || moved[other].map { now - $0 < .seconds(30) } ?? true)
        }
    }

    /// The progress to show, if it is not what was shown last.
    mutating func change(
        of workload: WorkloadReference, problem: RolloutProblem?, state: RolloutProgress.State,
        remedy: String? = nil, at now: ContinuousClock.Instant
    ) -> RolloutProgress? {
        var progress = RolloutProgress(
            workload: "\(workload)", state: state,
            detail: problem?.reason ?? self.state(of: workload),
            seconds: (now - start).inSeconds, count: workloads.count)
        progress.pod = problem?.pod
        progress.container = problem?.container
        progress.reason = problem?.reason
        progress.message = problem?.message
        progress.remedy = remedy
        var before = shown[workload]
        before?.seconds = progress.seconds
        guard before != progress else { return nil }
        shown[workload] = progress
        return progress
    }
}
