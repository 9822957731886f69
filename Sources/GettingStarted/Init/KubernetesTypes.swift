import Vocabulary

/// Which types a new cluster has, and which are no cluster's at all.
enum KubernetesTypes {
    private static let groups: Set<String> = [
        "", "apps", "batch", "autoscaling", "policy", "extensions", "networking.k8s.io",
        "rbac.authorization.k8s.io", "storage.k8s.io", "apiextensions.k8s.io",
        "apiregistration.k8s.io", "admissionregistration.k8s.io", "scheduling.k8s.io",
        "coordination.k8s.io", "discovery.k8s.io", "node.k8s.io", "certificates.k8s.io",
        "flowcontrol.apiserver.k8s.io", "events.k8s.io", "resource.k8s.io",
    ]
    /// Kinds of the group without a name that are files of tools.
    private static let toolKinds: Set<String> = ["Config", "Kustomization", "Preferences"]
    /// Groups of files that tools read and no API serves; parts of the names, from their ends.
    private static let toolGroups = [
        "skaffold", "kind.x-k8s.io", "k3d.io", "ctlptl.dev", "devcluster.dev", "backstage.io",
        "config.k8s.io", "kubeadm.k8s.io", "eksctl.io", "kops.k8s.io", "audit.k8s.io",
        "scorecard.operatorframework.io", "googlecontainertools.github.com", "tilt.dev",
        "client.authentication.k8s.io", "apiserver.k8s.io", "kuttl.dev",
        "controller-runtime.sigs.k8s.io",
        "mirror.openshift.io", "install.openshift.io", "kubebuilder.io", "devspace.sh",
        "k0sproject.io",
        "microk8s.io", "container-structure-test.sh", "conftest.dev", "imageset.openshift.io",
        "operators.coreos.com",
    ]

    /// The type of an object: `Deployment.apps`, `Pod`.
    static func type(of object: JSONValue) -> String {
        let group = group(of: object)
        let kind = object["kind"]?.string ?? ""
        return group.isEmpty ? kind : "\(kind).\(group)"
    }

    /// Whether a new cluster serves it.
    static func isBuiltIn(_ object: JSONValue) -> Bool {
        groups.contains(group(of: object)) && !isTools(object)
    }

    /// Whether it is a file of a tool, with a kind as Kubernetes' objects have one.
    static func isTools(_ object: JSONValue) -> Bool {
        let group = group(of: object)
        if group.isEmpty { return toolKinds.contains(object["kind"]?.string ?? "") }
        return toolGroups.contains { group == $0 || group.hasSuffix("." + $0) }
    }

    /// The type that a definition makes.
    static func defined(by object: JSONValue) -> String? {
        guard object["kind"]?.string == "CustomResourceDefinition",
            let kind = object["spec"]?["names"]?["kind"]?.string,
            let group = object["spec"]?["group"]?.string
        else { return nil }
        return "\(kind).\(group)"
    }

    /// The types of these objects that a new cluster does not have, nor they themselves define.
    static func missing(in objects: [JSONValue], defined: Set<String> = []) -> [String] {
        let known = defined.union(objects.compactMap { self.defined(by: $0) })
        let types = objects.filter { !isBuiltIn($0) }.map { type(of: $0) }
        return Set(types.filter { !known.contains($0) }).sorted()
    }

    private static func group(of object: JSONValue) -> String {
        let version = object["apiVersion"]?.string ?? ""
        return version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
    }
}
