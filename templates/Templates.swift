/// The files that devcluster writes, carried in the executable.
public enum Template: Sendable {
    /// containerd's host configuration for one name of the registry; `{{registry}}`.
    case hosts
    /// containerd's host configuration for a registry with a cache; `{{upstream}}`, `{{mirror}}`.
    case mirrorHosts
    /// The patch that makes containerd read the host configuration.
    case containerd
    /// KEP-1755's ConfigMap; `{{registry}}`, `{{port}}`.
    case localRegistryHosting
    /// The ConfigMap that says who made the cluster; `{{cluster}}`, `{{registry}}`, `{{project}}`.
    case ownership
    /// How the image that proves a pull is built, from `proof.txt` beside it.
    case proofContainerfile
    /// The only file of the image that proves a pull.
    case proofText
    /// How the demo's image is built.
    case demoContainerfile
    /// The demo's page.
    case demoIndex
    /// The demo's manifests.
    case demoManifests
    /// The demo's configuration; `{{registryPort}}`, `{{forwardPort}}`, `{{baseImage}}`.
    case demoConfiguration

    /// A Containerfile for Rust; `{{name}}` is the program.
    case rustContainerfile
    /// A Containerfile for Go.
    case goContainerfile
    /// A Containerfile for Swift; `{{name}}` is the product.
    case swiftContainerfile
    /// A Containerfile for Node.
    case nodeContainerfile
    /// A Containerfile for Python.
    case pythonContainerfile
    /// The ignore file beside them.
    case ignoredFiles

    /// The file's text as it stands in the source tree.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text with each `{{name}}` replaced.
    ///
    /// Values are put in as they are: pass only values whose characters mean nothing in the
    /// file's syntax, such as names that were checked when they were read.
    public func filled(_ values: [String: String]) -> String {
        var result = text
        for (name, value) in values {
            result = result.split(separator: "{{\(name)}}", omittingEmptySubsequences: false)
                .joined(separator: value)
        }
        return result
    }

    private var bytes: [UInt8] {
        switch self {
        case .hosts: PackageResources.hosts_toml
        case .mirrorHosts: PackageResources.mirror_hosts_toml
        case .containerd: PackageResources.containerd_toml
        case .localRegistryHosting: PackageResources.local_registry_hosting_yaml
        case .ownership: PackageResources.ownership_yaml
        case .proofContainerfile: PackageResources.proof_Containerfile
        case .proofText: PackageResources.proof_txt
        case .demoContainerfile: PackageResources.demo_Containerfile
        case .demoIndex: PackageResources.demo_index_html
        case .demoManifests: PackageResources.demo_manifests_yaml
        case .demoConfiguration: PackageResources.demo_configuration_yaml
        case .rustContainerfile: PackageResources.rust_Containerfile
        case .goContainerfile: PackageResources.go_Containerfile
        case .swiftContainerfile: PackageResources.swift_Containerfile
        case .nodeContainerfile: PackageResources.node_Containerfile
        case .pythonContainerfile: PackageResources.python_Containerfile
        case .ignoredFiles: PackageResources.ignored_files_txt
        }
    }
}
