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
        if message.contains("taint") {
            return "tolerate the taint, or remove it with 'kubectl taint nodes NODE KEY-'"
        }
        if message.contains("affinity") || message.contains("selector") {
            return "no node has the labels that nodeSelector or affinity ask for"
        }
        if message.contains("free ports") { return "another pod has the host port" }
        return "see what the scheduler says above"
    }
}
