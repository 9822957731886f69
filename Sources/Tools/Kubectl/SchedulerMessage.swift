import Vocabulary

/// What the scheduler misses, from the message of a pod's `PodScheduled` condition.
///
/// There is no field that says it.
package enum SchedulerMessage {
    /// What to do about it.
    package static func remedy(_ message: String) -> String {
        if SchedulerText.claim.isIn(message), message.contains("not found") {
            return "create the claim that the pod names"
        }
        if SchedulerText.unbound.isIn(message) {
            return "the claim has no volume: see 'kubectl describe pvc', and its storage class"
        }
        if SchedulerText.insufficient.isIn(message) {
            let resources = message.split(separator: SchedulerText.insufficient.words).dropFirst()
                .map { $0.prefix { $0.isLetter || $0.isNumber || "-./".contains($0) } }
                .map { $0.hasSuffix(".") ? $0.dropLast() : $0 }
            let names = Set(resources.map(String.init)).sorted().joined(separator: " and ")
            return "no node has that much \(names) left: request less, or remove something"
        }
        if SchedulerText.volumeElsewhere.areIn(message) {
            return "its volume is on another node: see 'kubectl describe pv'"
        }
        var causes: [String] = []
        if message.contains("affinity") || message.contains("selector") {
            causes.append("no node has the labels that nodeSelector or affinity ask for")
        }
        if lacksPorts(message) { causes.append("another pod has the host port") }
        let keys = taints(message)
        // A control plane keeps pods away on purpose: that is the reason only beside no other.
        let others = keys.filter { !$0.hasPrefix("node-role.") }
        causes += (causes.isEmpty && others.isEmpty ? keys : others).map(taint)
        if keys.isEmpty && SchedulerText.unnamedTaints.isIn(message) {
            causes.append(
                "the pod does not tolerate the nodes' taints: 'kubectl describe nodes' shows them")
        }
        if !causes.isEmpty { return causes.joined(separator: "; ") }
        return "see what the scheduler says above"
    }

    /// Whether a node would take the pod if its host ports were free there.
    package static func lacksPorts(_ message: String) -> Bool { SchedulerText.ports.isIn(message) }

    /// Whether a pod on a node has the claim to itself.
    package static func lacksClaim(_ message: String) -> Bool {
        SchedulerText.claimInUse.isIn(message)
    }

    /// The message with the taints by name, as earlier versions say it, where it leaves them out.
    ///
    /// - Parameter nodes: none where they could not be read.
    package static func naming(
        taintsOf nodes: [KubernetesNode], for pod: KubernetesPod, _ message: String
    )
        -> String
    {
        guard SchedulerText.unnamedTaints.isIn(message) else { return message }
        let taints = nodes.flatMap { $0.spec?.taints ?? [] }.filter { taint in
            taint.effect != "PreferNoSchedule"
                && !(pod.spec.tolerations ?? []).contains { $0.tolerates(taint) }
        }
        let names = Set(taints.map { "taint {\($0.key): \($0.value ?? "")}" }).sorted()
        return names.isEmpty
            ? message
            : message.replacing(
                SchedulerText.unnamedTaints.words,
                with: "untolerated " + names.joined(separator: ", "))
    }

    /// Keys of the taints in `had taint {KEY: VALUE}, that the pod didn't tolerate`, or
    /// `had untolerated taint {KEY: VALUE}` as newer versions say.
    private static func taints(_ message: String) -> [String] {
        var keys: [String] = []
        for part in message.split(separator: SchedulerText.taint.words).dropFirst() {
            let key = String(part.prefix { !":}".contains($0) })
            if !key.isEmpty, !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    private static func taint(_ key: String) -> String {
        // These are set by the node's own controller, which takes them away again.
        key.hasPrefix("node.kubernetes.io/")
            ? "a node is not well (\(ShownText.line(key))): see 'kubectl describe nodes'"
            : "tolerate the taint \(ShownText.line(key)), or remove it with"
                + " 'kubectl taint nodes NODE \(ShownText.line(key))-'"
    }
}

extension KubernetesPod.Toleration {
    /// Whether it lets the pod on a node with this taint.
    fileprivate func tolerates(_ taint: KubernetesNode.Taint) -> Bool {
        if let effect, !effect.isEmpty, effect != taint.effect { return false }
        if `operator` == "Exists" { return (key ?? "").isEmpty || key == taint.key }
        return key == taint.key && (value ?? "") == (taint.value ?? "")
    }
}
