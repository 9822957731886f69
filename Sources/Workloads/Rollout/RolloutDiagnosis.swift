import Tools
import Vocabulary

/// Finds what keeps a workload from coming up, in what was read at one time.
package struct RolloutDiagnosis: Sendable {
    let objects: RolloutObjects
    /// How often each event had happened when the wait began.
    var known: [String: BoundedInteger] = [:]

    package init(objects: RolloutObjects, known: [String: BoundedInteger] = [:]) {
        self.objects = objects
        self.known = known
    }

    /// The most telling problem of a workload; nil when it just needs time.
    ///
    /// Only pods of its newest template are judged: what an old one suffers from may be just what
    /// the new template cures.
    package func problem(of workload: KubernetesWorkload) -> RolloutProblem? {
        let pods = objects.currentPods(of: workload)
        // A StatefulSet whose first pod is refused never writes a status at all.
        let isFirst = workload.kind == "Job" || workload.metadata.generation == 1
        if workload.kind != "Deployment" || workload.isObserved,
            let refused = refusal(of: workload, pods: pods)
        {
            return refused
        }
        // Before its controller saw the new template, its pods are those of the old one.
        guard isFirst || workload.isObserved else { return nil }
        let found = pods.compactMap { pod in
            // The kubelet itself ends the sidecars of a Job's pod that did its work.
            let isDone =
                ["Job", "Pod"].contains(workload.kind)
                ? pod.status?.phase == "Succeeded" : pod.isFinished
            return isDone || pod.isReady ? nil : problem(of: pod)
        }
        return found.min { ($0.rank, $1.restarts) < ($1.rank, $0.restarts) }
            ?? blocked(workload, current: pods)
    }

    private func problem(of pod: KubernetesPod) -> RolloutProblem? {
        if let node = objects.nodes.first(where: { $0.metadata.name == pod.spec.nodeName }),
            !node.isReady
        {
            let ready = node.status?.conditions?.first { $0.type == "Ready" }
            return RolloutProblem(
                pod: pod.metadata.name, kind: .node, reason: "NodeNotReady",
                message: "node \(node.metadata.name): \(ready?.message ?? "it is not ready")")
        }
        var problem = RolloutProblem.find(in: pod, events: objects.events)
        if case .unschedulable? = problem?.kind, let message = problem?.message {
            problem?.message = SchedulerMessage.naming(taintsOf: objects.nodes, for: pod, message)
            if SchedulerMessage.lacksPorts(message) { problem?.more = portOwner(pod) }
        }
        return problem
    }

    /// Who else has a host port that a pod wants.
    private func portOwner(_ pod: KubernetesPod) -> String? {
        let owners = pod.hostPorts.compactMap { port in
            (objects.index.portOwners[port] ?? []).lazy.map { objects.pods[$0] }
                .first { $0.metadata.uid != pod.metadata.uid }.map { (port, $0) }
        }
        return owners.first.map { "pod \(ShownText.line($1.metadata.name)) has \($0)" }
    }

    /// Why the pods are not even made.
    private func refusal(of workload: KubernetesWorkload, pods: [KubernetesPod])
        -> RolloutProblem?
    {
        let set = objects.newestReplicaSet(of: workload)
        if let condition = set?.condition("ReplicaFailure"), condition.status == "True" {
            return refusal(condition.reason, condition.message, of: workload, pods)
        }
        guard workload.kind != "Deployment",
            workload.wantedPods.map({ BoundedInteger(pods.count) < $0 }) ?? true
        else { return nil }
        // A Job is never changed; others may have events of an earlier template.
        let isNew = workload.kind == "Job" || workload.metadata.generation == 1
        let event = objects.events.filter {
            $0.reason == "FailedCreate" && $0.involvedObject.uid == workload.metadata.uid
                && (isNew || $0.times > known[$0.metadata.uid ?? "", default: 0])
        }.newest
        return event.flatMap { refusal($0.reason, $0.message, of: workload, pods) }
    }

    private func refusal(
        _ reason: String?, _ message: String?, of workload: KubernetesWorkload,
        _ current: [KubernetesPod]
    ) -> RolloutProblem? {
        let message = message ?? ""
        // Pods that are going still count; their place is free when they are gone.
        if PodRefusal.isQuota(message),
            objects.index.namespacesWithEndingPods.contains(workload.metadata.namespace)
        {
            return nil
        }
        var problem = RolloutProblem(
            kind: PodRefusal.isQuota(message) ? .quota : .refused,
            reason: reason ?? "FailedCreate", message: message)
        if problem.kind == .quota, workload.kind == "Deployment",
            objects.pods(of: workload).count > current.count
        {
            problem.more =
                "its old pods use the quota too: 'strategy: {type: Recreate}' lets them go first"
        }
        return problem
    }

    /// A StatefulSet goes on with its next pod only when all others are ready, the broken old
    /// ones included (kubernetes/kubernetes#67250).
    private func blocked(_ workload: KubernetesWorkload, current: [KubernetesPod])
        -> RolloutProblem?
    {
        guard workload.kind == "StatefulSet", workload.isObserved,
            workload.status?.currentRevision != workload.status?.updateRevision
        else { return nil }
        let names = Set(current.map(\.metadata.name))
        let old = objects.pods(of: workload).filter {
            !names.contains($0.metadata.name) && !$0.isBeingDeleted && !$0.isReady
        }
        for pod in old {
            guard let problem = problem(of: pod) else { continue }
            return RolloutProblem(
                pod: pod.metadata.name, container: problem.container, kind: .blocked,
                reason: "an old pod is not ready, and its successor waits for it",
                message: "\(problem.reason): \(problem.message)")
        }
        return nil
    }
}

extension KubernetesWorkload {
    /// How many pods it should have; nil where its status does not say it.
    fileprivate var wantedPods: BoundedInteger? {
        switch kind {
        // Its controller writes no status while a pod is refused, so 0 would be an old truth.
        case "DaemonSet": isObserved ? status?.desiredNumberScheduled : nil
        case "Job": spec?.completions ?? 1
        default: spec?.replicas ?? 1
        }
    }
}
