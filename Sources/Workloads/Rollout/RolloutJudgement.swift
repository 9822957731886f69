import ChildProcess
import Sessions
import StateFiles
import SystemLibraries
import Tools
import Vocabulary

/// How far workloads are, beyond what their own status says.
extension RolloutWait {
    /// How far a workload is, by all that its pods tell.
    func state(
        of workload: KubernetesWorkload, _ pods: [KubernetesPod], _ objects: RolloutObjects,
        _ course: inout RolloutCourse
    ) -> RolloutState {
        var state = objects.state(of: workload)
        if workload.kind == "Pod", let pod = pods.first, isReplaced(pod, &course) {
            state = pod.isReady ? .complete("ready") : .progressing("not ready")
        }
        if waitsForEnd, workload.kind == "Pod", !workload.endsByItself {
            return .progressing(pods.contains(where: \.isReady) ? "it runs" : "not ready")
        }
        guard case .complete = state, !workload.endsByItself,
            !course.steadiness.isSteady(pods, at: clock.now())
        else { return state }
        return .progressing("started a moment ago")
    }

    /// Whether a pod by itself runs its spec, though its status names another image.
    private func isReplaced(_ pod: KubernetesPod, _ course: inout RolloutCourse) -> Bool {
        guard !pod.otherNamed.isEmpty, !pod.isFinished else { return false }
        // Looked at each time, since only what was seen before can be seen to change.
        let isReplaced = course.steadiness.isReplaced(pod)
        // What runs for longer than a replacement takes is not about to be replaced.
        let isOld = course.steadiness.isSteady(
            [pod], for: pod.replacementTime, at: clock.now())
        return isReplaced || isOld || wasMade(pod)
    }

    /// Whether the pod was made by what is waited for, so that none of its programs is of before.
    private func wasMade(_ pod: KubernetesPod) -> Bool {
        guard session.place.existingContext == nil,
            let made = pod.metadata.creationTimestamp.flatMap({ Date(timestamp: $0) })
        else { return false }
        // Whole seconds, cut off, by a clock that nodes have from this machine.
        return made.addingTimeInterval(1) > since
    }

    /// A Job that ended may be removed while it is waited for; nothing else may.
    func endGone(
        _ reference: WorkloadReference, _ objects: RolloutObjects, _ course: inout RolloutCourse,
        _ step: ActivityStep
    ) async throws {
        guard reference.kind == .job else { throw try await gone(reference) }
        guard course.results[reference] == nil else { return }
        let last = objects.workload(reference) ?? course.jobs[reference]?.workload
        let ending = JobEnding(
            reader: RolloutReader(
                kubectl: session.kubectl, namespace: namespace, workloads: [reference]),
            namespace: reference.namespace ?? namespace, since: since, clock: clock)
        switch try await ending.find(reference, last: last) {
        case .complete(let words)?:
            course.note(.complete(words), of: reference, isCreating: false, at: clock.now())
            show(reference, nil, .complete, &course, step)
        case .failed(let words)?, .progressing(let words)?:
            throw failed(reference, words, nil, [], &course, step)
        case nil: throw try await gone(reference)
        }
    }
}
