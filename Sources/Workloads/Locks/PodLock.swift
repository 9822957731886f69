import Tools
import Vocabulary

/// What another pod of the same workload has that a pod needs.
struct PodLock: Sendable, Hashable {
    var holding: PodHolding
    /// Name of the pod that has it.
    var holder: String
    /// Whether the newest template takes that pod away, as soon as its own pods are ready.
    var isOld = true
    /// Whether several ready pods of the workload have it together: by design, one would think.
    var isShared = false
    /// Whether the workload's pods can be taken away for a moment.
    var canBeCleared = true
    /// How many pods the workload should have.
    var replicas: BoundedInteger = 1
    /// What makes it impossible.
    var advice: String

    /// Whether it is a port, of which nobody's data depends.
    var isPort: Bool {
        switch holding {
        case .hostPort, .hostNetwork: true
        case .claim, .hostPath: false
        }
    }

    /// Whether a program that ended beside it needs no words to be believed.
    var isPlain: Bool { isOld && !isShared && replicas <= 1 && holding != .hostNetwork }

    /// Whether several pods want one volume, which no clearing can end.
    var isContested: Bool { !isPort && replicas > 1 }

    /// `pod db-1 of the same workload has claim data`.
    var description: String {
        "pod \(ShownText.line(holder)) of the same workload has \(holding)"
    }

    /// Whether a log says that a port is taken.
    static func isAddressInUse(_ log: String) -> Bool {
        ["ddress already in use", "address in use", "EADDRINUSE", "port is already allocated"]
            .contains { log.contains($0) }
    }
}

extension RolloutObjects {
    /// The pod of the same workload that has a volume which this one writes as well.
    ///
    /// - Parameter start: when this one's program was started last, as the API writes it; one that
    ///   was started later took nothing from it.
    func dataLock(of pod: KubernetesPod, in workload: KubernetesWorkload, start: String? = nil)
        -> PodLock?
    {
        for holding in pod.writtenVolumes {
            let holders = holders(of: holding, before: pod, in: workload).filter { other in
                other.writtenVolumes.contains(holding) && other.isRunning(since: start)
            }
            if let lock = lock(holding, holders, workload) { return lock }
        }
        return nil
    }

    /// The pod of the same workload that has a port of the node for which this one waits.
    func portLock(of pod: KubernetesPod, in workload: KubernetesWorkload) -> PodLock? {
        for holding in pod.hostPorts {
            let holders = holders(of: holding, before: pod, in: workload).filter { other in
                other.spec.nodeName != nil && other.hostPorts.contains(holding)
            }
            if let lock = lock(holding, holders, workload) { return lock }
        }
        return nil
    }

    /// The pod of the same workload that has the network of this one's node.
    func networkLock(
        of pod: KubernetesPod, in workload: KubernetesWorkload, start: String? = nil
    ) -> PodLock? {
        guard pod.spec.hostNetwork == true else { return nil }
        let holders = holders(of: .hostNetwork, before: pod, in: workload).filter { other in
            other.spec.hostNetwork == true && other.isRunning(since: start)
        }
        return lock(.hostNetwork, holders, workload)
    }

    private func holders(
        of holding: PodHolding, before pod: KubernetesPod, in workload: KubernetesWorkload
    ) -> [KubernetesPod] {
        pods(of: workload).filter { other in
            // One that is ending gives it back by itself.
            other.metadata.name != pod.metadata.name && !other.isBeingDeleted && !other.isFinished
                && (other.metadata.creationTimestamp ?? "")
                    <= (pod.metadata.creationTimestamp ?? "")
                && (!holding.isOfNode || pod.spec.nodeName == nil
                    || other.spec.nodeName == pod.spec.nodeName)
        }
    }

    private func lock(
        _ holding: PodHolding, _ holders: [KubernetesPod], _ workload: KubernetesWorkload
    ) -> PodLock? {
        let current = Set(currentPods(of: workload).map(\.metadata.name))
        let old = holders.filter { !current.contains($0.metadata.name) }
        guard let holder = old.first(where: \.isReady) ?? old.first ?? holders.first else {
            return nil
        }
        var lock = PodLock(
            holding: holding, holder: holder.metadata.name, isOld: !old.isEmpty,
            isShared: holders.count(where: \.isReady) > 1,
            canBeCleared: ["Deployment", "StatefulSet"].contains(workload.kind) && !old.isEmpty,
            replicas: workload.spec?.replicas ?? 1, advice: "")
        lock.advice = advice(lock, workload.kind)
        return lock
    }

    private func advice(_ lock: PodLock, _ kind: String) -> String {
        if lock.isPort && !lock.isOld {
            return "a node can have one of its pods only: set fewer replicas, or do without"
                + " \(lock.holding)"
        }
        if lock.isContested {
            return "set replicas: 1: \(lock.replicas) pods cannot share \(lock.holding)"
        }
        return kind == "DaemonSet"
            ? "set updateStrategy.rollingUpdate.maxSurge: 0 in its manifest"
            : "set 'strategy: {type: Recreate}' in its manifest"
    }
}

extension KubernetesPod {
    /// Whether one of its programs runs, and did so before this time.
    fileprivate func isRunning(since start: String?) -> Bool {
        (status?.containerStatuses ?? []).contains { status in
            guard let running = status.state?.running else { return false }
            guard let start, let own = running.startedAt else { return true }
            // Both are the kubelet's, in the same form, which sorts by time.
            return own <= start
        }
    }
}
