import Testing

@testable import DevCluster

/// Messages recorded with Kubernetes 1.20 on two nodes; `untolerated` is how newer ones say it.
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
            "0/2 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) had"
                + " taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate.",
            "its volume is on another node: see 'kubectl describe pv'"
        ),
    ]) func `what keeps a pod waiting is told from what always keeps pods away`(
        message: String, remedy: String
    ) {
        #expect(SchedulerMessage.remedy(message) == remedy)
    }
}
