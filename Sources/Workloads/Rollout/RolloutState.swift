import Tools
import Vocabulary

/// How far a workload's rollout is.
package enum RolloutState: Sendable, Equatable {
    /// Every pod has the newest template and is available.
    case complete(String)
    /// Not yet; how far, in words.
    case progressing(String)
    /// It can never end well by itself.
    case failed(String)

    /// Judges a workload by its own status; the rules are those of `kubectl rollout status`.
    package static func judge(_ workload: KubernetesWorkload) -> RolloutState {
        guard ["Job", "CronJob"].contains(workload.kind) || workload.isObserved else {
            return .progressing("not yet seen by its controller")
        }
        switch workload.kind {
        case "Deployment": return deployment(workload)
        case "StatefulSet": return statefulSet(workload)
        case "DaemonSet": return daemonSet(workload)
        case "Job": return job(workload)
        case "CronJob": return cronJob(workload)
        case "Pod": return pod(workload)
        default: return replicas(workload)
        }
    }

    /// A ReplicaSet or ReplicationController, which never replaces a pod.
    private static func replicas(_ workload: KubernetesWorkload) -> RolloutState {
        let desired = workload.spec?.replicas ?? 1
        let ready = workload.status?.readyReplicas ?? 0
        let surplus = (workload.status?.replicas ?? 0).subtracting(desired)
        if surplus > 0 { return .progressing("\(surplus) too many still there") }
        return ready < desired
            ? .progressing("\(ready) of \(desired) ready") : .complete("\(ready)/\(desired)")
    }

    /// A pod that nothing owns; see `KubernetesWorkload(_ pod:)`.
    private static func pod(_ workload: KubernetesWorkload) -> RolloutState {
        if workload.condition("Complete") != nil { return .complete("completed") }
        if let failed = workload.condition("Failed") {
            return .failed(failed.message ?? failed.reason ?? "the pod failed")
        }
        if workload.status?.updatedReplicas == 0 {
            return .progressing("its container is not replaced yet")
        }
        return workload.status?.readyReplicas == 1 ? .complete("ready") : .progressing("not ready")
    }

    /// There is nothing to wait for: its next Job is started when its time comes.
    private static func cronJob(_ workload: KubernetesWorkload) -> RolloutState {
        let schedule = workload.spec?.schedule ?? ""
        return .complete(
            workload.spec?.suspend == true
                ? "suspended: it starts nothing" : "starts its next job at '\(schedule)'")
    }

    private static func deployment(_ workload: KubernetesWorkload) -> RolloutState {
        let status = workload.status
        let desired = workload.spec?.replicas ?? 1
        let updated = status?.updatedReplicas ?? 0
        let available = status?.availableReplicas ?? 0
        if let condition = workload.condition("Progressing"),
            condition.reason == "ProgressDeadlineExceeded"
        {
            return .failed(condition.message ?? "its progress deadline passed")
        }
        if workload.spec?.paused == true && updated < desired {
            return .failed("it is paused; 'kubectl rollout resume' lets it go on")
        }
        if updated < desired { return .progressing("\(updated) of \(desired) updated") }
        let old = (status?.replicas ?? 0).subtracting(updated)
        if old > 0 { return .progressing("\(old) old still there") }
        if available < updated { return .progressing("\(available) of \(updated) available") }
        return .complete("\(available)/\(desired)")
    }

    private static func statefulSet(_ workload: KubernetesWorkload) -> RolloutState {
        let status = workload.status
        let desired = workload.spec?.replicas ?? 1
        let updated = status?.updatedReplicas ?? 0
        let ready = status?.readyReplicas ?? 0
        if workload.spec?.updateStrategy?.type == "OnDelete" {
            let behind =
                status?.currentRevision == status?.updateRevision ? 0 : desired.subtracting(updated)
            if behind > 0 {
                return .complete(
                    "\(ready)/\(desired), \(behind) keep the old template until they are deleted"
                        + " (OnDelete)")
            }
            return ready < desired
                ? .progressing("\(ready) of \(desired) ready") : .complete("\(ready)/\(desired)")
        }
        let partition = workload.spec?.updateStrategy?.rollingUpdate?.partition ?? 0
        let wanted = max(0, desired.subtracting(partition))
        // Before its first pod is replaced, a StatefulSet reports no updated replicas at all.
        let isCurrent = status?.currentRevision == status?.updateRevision
        if !isCurrent && updated < wanted {
            return .progressing("\(updated) of \(wanted) updated")
        }
        if ready < desired { return .progressing("\(ready) of \(desired) ready") }
        return .complete("\(ready)/\(desired)")
    }

    private static func daemonSet(_ workload: KubernetesWorkload) -> RolloutState {
        let status = workload.status
        let desired = status?.desiredNumberScheduled ?? 0
        let updated = status?.updatedNumberScheduled ?? 0
        let available = status?.numberAvailable ?? 0
        if workload.spec?.updateStrategy?.type == "OnDelete" {
            // Pods that keep the old template are not waited for.
            return updated < desired || available >= desired
                ? .complete("\(available)/\(desired) (OnDelete)")
                : .progressing("\(available) of \(desired) available")
        }
        if updated < desired { return .progressing("\(updated) of \(desired) updated") }
        if available < desired { return .progressing("\(available) of \(desired) available") }
        return .complete("\(available)/\(desired)")
    }

    private static func job(_ workload: KubernetesWorkload) -> RolloutState {
        if workload.condition("Complete")?.status == "True" {
            return .complete("completed")
        }
        if let failed = workload.condition("Failed"), failed.status == "True" {
            return .failed(failed.message ?? failed.reason ?? "the job failed")
        }
        if workload.spec?.suspend == true { return .complete("suspended: it starts no pod") }
        if workload.spec?.parallelism == 0 {
            return .complete("parallelism is 0: it starts no pod")
        }
        let succeeded = workload.status?.succeeded ?? 0
        let wanted = workload.spec?.completions ?? 1
        return .progressing("\(succeeded) of \(wanted) completed")
    }
}
