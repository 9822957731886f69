import ChildProcess
import Tools
import Vocabulary
import Workloads

/// The nodes as Kubernetes sees them, and what it runs for itself in `kube-system`.
struct SystemChecks: Sendable {
    /// kubectl of the cluster, with a deadline.
    let kubectl: Kubectl

    private static let namespace = "kube-system"
    private static let types =
        "nodes," + BuiltInKind.resources(.deployment, .replicaSet, .daemonSet, .pod)

    /// An API that does not answer has a finding of its own: nothing is said here then.
    func findings() async -> [Finding] {
        let read = try? await kubectl.read(
            SystemChecks.types, namespace: SystemChecks.namespace)
        guard let read, read.succeeded, let objects = try? kubectl.decode(RolloutObjects.self, read)
        else { return [] }
        return objects.nodes.filter { !$0.isReady }.map(finding) + components(objects)
    }

    private func finding(_ node: KubernetesNode) -> Finding {
        let condition = node.status?.conditions?.first { $0.type == "Ready" }
        let why = condition?.message ?? condition?.reason ?? ""
        return Finding(
            "node \(node.metadata.name)", .error,
            "it is not ready" + (why.isEmpty ? "" : ": \(ShownText.line(why))"),
            remedy: "devcluster up", fix: .up)
    }

    private func components(_ objects: RolloutObjects) -> [Finding] {
        let subject = SystemChecks.namespace
        let components = ComponentCount(objects: objects, annotation: nil).components()
        var findings = components.flatMap { component in
            component.problems.map { problem in
                // One of several, or a pod that starts with its node, comes by itself as a rule.
                let isDown = component.ready == 0 && !component.name.hasPrefix("pod/")
                return Finding(
                    subject, isDown ? .error : .warning, ShownText.line(problem),
                    remedy: "kubectl --context \(kubectl.context) --namespace \(subject) describe"
                        + " pods")
            }
        }
        // Every version of kubeadm makes it; a CNI or kube-proxy may be somebody's own.
        if !components.contains(where: { $0.name == "deployment/coredns" }) {
            findings.append(
                Finding(
                    subject, .error,
                    "there is no deployment/coredns: pods find no Service by its name",
                    remedy: "devcluster up --recreate makes the cluster anew; what runs in it is"
                        + " lost"))
        }
        return findings.isEmpty
            ? [Finding(subject, .ok, "\(components.count) components are ready")] : findings
    }
}
