import Foundation
import Testing

@testable import Tools

/// Messages recorded with Kubernetes 1.20 on two nodes; `untolerated`, `taint(s)` and
/// `PersistentVolume's` are from the source of newer ones.
struct SchedulerMessageTests {
    @Test(arguments: [
        (
            "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity, 1 node(s) had"
                + " taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate.",
            "no node has the labels that nodeSelector or affinity ask for"
        ),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint"
                + " {node-role.kubernetes.io/control-plane: }. preemption: 0/1 nodes are available",
            "tolerate the taint node-role.kubernetes.io/control-plane, or remove it with"
                + " 'kubectl taint nodes NODE node-role.kubernetes.io/control-plane-'"
        ),
        (
            "0/2 nodes are available: 1 node(s) had taint {maintenance: yes}, that the pod didn't"
                + " tolerate, 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod"
                + " didn't tolerate.",
            "tolerate the taint maintenance, or remove it with"
                + " 'kubectl taint nodes NODE maintenance-'"
        ),
        (
            "0/1 nodes are available: 1 node(s) had taint {node.kubernetes.io/disk-pressure: },"
                + " that the pod didn't tolerate.",
            "a node is not well (node.kubernetes.io/disk-pressure): see 'kubectl describe nodes'"
        ),
        (
            "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports,"
                + " 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't"
                + " tolerate.",
            "another pod has the host port"
        ),
        (
            "0/2 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) had"
                + " taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate.",
            "its volume is on another node: see 'kubectl describe pv'"
        ),
        (
            "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1"
                + " node(s) had untolerated taint(s).",
            "its volume is on another node: see 'kubectl describe pv'"
        ),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: 0/1 nodes are"
                + " available",
            "the pod does not tolerate the nodes' taints: 'kubectl describe nodes' shows them"
        ),
    ]) func `what keeps a pod waiting is told from what always keeps pods away`(
        message: String, remedy: String
    ) {
        #expect(SchedulerMessage.remedy(message) == remedy)
    }

    @Test func `taints that the scheduler does not name are read from the nodes`() throws {
        func node(_ taints: String) throws -> KubernetesNode {
            let text = #"{"metadata": {"name": "n"}, "spec": {"taints": ["# + taints + "]}}"
            return try JSONDecoder().decode(KubernetesNode.self, from: Data(text.utf8))
        }
        let nodes = [
            try node(#"{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}"#),
            try node(#"{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}"#),
            try node(#"{"key": "gpu", "value": "yes", "effect": "NoSchedule"}"#),
        ]
        let pod = try JSONDecoder().decode(
            KubernetesPod.self,
            from: Data(
                (#"{"metadata": {"name": "p"}, "spec": {"containers": [], "tolerations": "#
                    + #"[{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]}}"#).utf8))
        let message = SchedulerMessage.naming(
            taintsOf: nodes, for: pod,
            "0/3 nodes are available: 3 node(s) had untolerated taint(s).")
        #expect(
            SchedulerMessage.remedy(message)
                == "a node is not well (node.kubernetes.io/disk-pressure): see 'kubectl describe"
                + " nodes'")
        #expect(!message.contains("gpu"))
    }
}
