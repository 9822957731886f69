/// What the scheduler misses, from the message of a pod's `PodScheduled` condition.
///
/// There is no field that says it; recorded with Kubernetes 1.20.
enum SchedulerMessage {
    /// What to do about it.
    static func remedy(_ message: String) -> String {
        if message.contains("persistentvolumeclaim"), message.contains("not found") {
            return "create the claim that the pod names"
        }
        if message.contains("unbound") {
            return "the claim has no volume: see 'kubectl describe pvc', and its storage class"
        }
        if message.contains("Insufficient ") {
            let resources = message.split(separator: "Insufficient ").dropFirst()
                .map { $0.prefix { $0.isLetter || $0.isNumber || "-./".contains($0) } }
                .map { $0.hasSuffix(".") ? $0.dropLast() : $0 }
            let names = Set(resources.map(String.init)).sorted().joined(separator: " and ")
            return "no node has that much \(names) left: request less, or remove something"
        }
        if message.contains("volume node affinity") {
            return "its volume is on another node: see 'kubectl describe pv'"
        }
        var causes: [String] = []
        if message.contains("affinity") || message.contains("selector") {
            causes.append("no node has the labels that nodeSelector or affinity ask for")
        }
        let keys = taints(message)
        // A control plane keeps pods away on purpose: that is the reason only beside no other.
        let others = keys.filter { !$0.hasPrefix("node-role.") }
        causes += (causes.isEmpty && others.isEmpty ? keys : others).map(taint)
        if !causes.isEmpty { return causes.joined(separator: "; ") }
        if message.contains("free ports") { return "another pod has the host port" }
        return "see what the scheduler says above"
    }

    /// Keys of the taints in `had taint {KEY: VALUE}, that the pod didn't tolerate`, or
    /// `had untolerated taint {KEY: VALUE}` as newer versions say.
    private static func taints(_ message: String) -> [String] {
        var keys: [String] = []
        for part in message.split(separator: "taint {").dropFirst() {
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
