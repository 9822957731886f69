import Tools
import Vocabulary

/// How a forward follows its target from pod to pod: which kubectls it has.
extension SupervisedForward {
    /// Forgets the kubectls that have ended.
    func buryDeadChildren(now: ContinuousClock.Instant) {
        for child in children where child.hasEnded {
            if child === next {
                next = nil
            } else if child === current {
                current = nil
            } else {
                continue
            }
            note(error: child.complaint ?? "kubectl ended by itself")
            starting.fail(timing, now: now)
            isChanged = true
        }
    }

    /// Lets kubectl follow the pod that is chosen.
    ///
    /// The kubectl of a pod that is not ready yet is started already: it takes 0.2 s.
    func follow(now: ContinuousClock.Instant) {
        if case .impossible = choice, let child = current {
            drain(child)
            current = nil
        }
        guard let target else {
            if choice != .unknown { next = nil }
            return
        }
        if target.pod.uid != lastPod {
            // Whatever failed before failed with another pod.
            starting.reset()
            probing.reset()
            lastPod = target.pod.uid
            isWell = false
        }
        if let child = next, !child.destination.isSame(as: target) { next = nil }
        if let child = next, child.port != nil, case .pod = choice, isFit(child) {
            if let old = current { drain(old) }
            (current, next) = (child, nil)
            (provingSince, lastComplaint) = (nil, nil)
            journal.write("leads to pod \(target.pod.name), port \(target.port)")
            isChanged = true
        }
        guard current?.destination.isSame(as: target) != true, next == nil, isInUse(now),
            starting.isDue(timing, isHeld: isHeld, now: now)
        else { return }
        start(target, now: now)
    }

    private func start(_ target: ClusterView.Destination, now: ContinuousClock.Instant) {
        do {
            let child = try ForwardChild(kubectl, namespace: spec.namespace, to: target)
            next = child
            if hasRun { record.restarts.add(1) }
            hasRun = true
            record.process = child.process
            record.arguments = child.arguments
        } catch {
            note(error: "\(error)")
            starting.fail(timing, now: now)
        }
        isChanged = true
    }

    func drain(_ child: ForwardChild) {
        if relays.contains(where: { $0.child === child }) { draining.append(child) }
    }
}
