import Tools
import Vocabulary

/// A document of YAML that is no object of Kubernetes: another tool's file among the manifests.
struct ForeignFile: Sendable, Equatable {
    /// What it is, as `a configuration of kind`.
    let what: String

    /// What kustomize reads.
    static let kustomization = ForeignFile(what: "a kustomization")

    /// API groups of files that look like objects and that no cluster serves.
    private static let groups = [
        "skaffold": "a configuration of Skaffold", "kind.x-k8s.io": "a configuration of kind",
        "k3d.io": "a configuration of k3d", "ctlptl.dev": "a configuration of ctlptl",
        "devcluster.dev": "a configuration of devcluster",
        "kustomize.config.k8s.io": kustomization.what, "eksctl.io": "a configuration of eksctl",
        "kubeadm.k8s.io": "a configuration of kubeadm",
        "scaffolder.backstage.io": "a template of Backstage",
    ]

    /// An operator serves kinds of this group too.
    private static let backstageKinds: Set = [
        "API", "Component", "Domain", "Group", "Location", "Resource", "System", "Template", "User",
    ]

    private init(what: String) { self.what = what }

    /// A document that has a kind; nil for one that an API may serve.
    init?(_ object: JSONValue) {
        let manifest = ManifestObject(object)
        if let what = ForeignFile.groups[manifest.group] {
            self.init(what: what)
        } else if manifest.group == "backstage.io",
            ForeignFile.backstageKinds.contains(manifest.kind)
        {
            self.init(what: "a catalogue of Backstage")
        } else if manifest.apiVersion == "v1", manifest.kind == "Config" {
            self.init(what: "a kubeconfig")
        } else {
            return nil
        }
    }

    /// Any document of a file; nil for what may be an object of Kubernetes.
    init?(_ document: JSONValue, inFile path: String) {
        guard document["kind"]?.string == nil else {
            self.init(document)
            return
        }
        self.init(what: ForeignFile.description(document, ConfigurationPath.name(of: path)))
    }

    private static func description(_ document: JSONValue, _ name: String) -> String {
        guard let members = document.object else { return "\(document.kindName)" }
        if name == "Chart.yaml" { return "the description of a Helm chart" }
        if members["apiVersion"] != nil || members["metadata"] != nil {
            return "an object without a kind"
        }
        if name.hasPrefix("values") { return "values for a Helm chart" }
        if ["kustomization.yaml", "kustomization.yml"].contains(name) { return kustomization.what }
        let services = members["services"]?.object?.values
        if let services, services.contains(where: { ($0["image"] ?? $0["build"]) != nil }) {
            return "a Compose file"
        }
        return "a document without apiVersion and kind"
    }
}
