import Tools

extension ClusterItem {
    /// Where everybody may read what a cluster says of itself.
    package static let namespace = "kube-public"

    /// Nodes and the ConfigMaps of `kube-public`, in one call.
    package static func read(_ session: Session, kubeconfig: String?) async throws -> [ClusterItem]
    {
        let kubectl = Kubectl(
            context: session.place.context, kubeconfig: kubeconfig, runner: session.runner)
        return try await kubectl.list(
            "nodes,configmaps", namespace: namespace, as: ClusterItem.self,
            deadline: .seconds(5))
    }
}
