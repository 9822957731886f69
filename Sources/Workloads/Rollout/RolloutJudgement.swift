import ChildProcess
import Sessions
import Tools
import Vocabulary

/// How far workloads are, beyond what their own status says.
extension RolloutWait {
    /// How far a workload is, by all that its pods tell.
    func state(
        of workload: KubernetesWorkload, _ pods: [KubernetesPod], _ objects: RolloutObjects,
        _ course: inout RolloutCourse
    ) -> RolloutState {
        let state = objects.state(of: workload)
        // What looks replaced already may still be the program of before.
        if workload.kind == "Pod", workload.status?.updatedReplicas == 0,
            let pod = pods.first,
            course.steadiness.isSteady(pods, for: pod.replacementTime, at: clock.now())
        {
            return .complete("ready")
        }
        guard case .complete = state, !workload.endsByItself,
            !course.steadiness.isSteady(pods, at: clock.now())
        else { return state }
        return .progressing("started a moment ago")
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
