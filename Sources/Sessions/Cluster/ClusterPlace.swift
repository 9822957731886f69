import StateFiles
import Vocabulary

/// Which cluster and which registry are meant, and the names that belong to them.
public struct ClusterPlace: Sendable, Equatable {
    /// The engine.
    public var engine: EngineName
    /// The project's name, which is the cluster's as kind knows it where we make it.
    public var cluster: String
    /// Folder of its state.
    public var folder: String
    /// How our own registry has to be; means nothing beside `externalRegistry`.
    public var registry: RegistrySpec
    /// Context of a cluster that others made; nil means the kind cluster of ours.
    public var existingContext: String?
    /// A registry that others run; nil means our own container.
    public var externalRegistry: RegistryLocation?

    /// The context that every call names: the existing cluster's, else the one that kind gives.
    public var context: String { existingContext ?? "kind-\(cluster)" }
    /// Our own kubeconfig, which kind wrote; there is none for an existing cluster.
    package var kubeconfig: String { "\(folder)/kubeconfig" }
    /// Lock of up, down and stop.
    package var lock: String { "\(folder)/lock" }
    /// What is remembered of the cluster.
    package var record: StoredFile<ClusterRecord> { StoredFile(path: "\(folder)/cluster.json") }
    /// The registry as the host reaches it, and as image references name it: with the path below
    /// which an external one has our repositories.
    package var registryHost: String {
        externalRegistry?.description ?? "localhost:\(registry.port)"
    }
    /// Our registry as the nodes reach it.
    package var registryNodeHost: String { "\(registry.name):5000" }
    /// Our registry's address for our own requests: a number, so that no resolver is asked.
    package var registryURL: String { "http://127.0.0.1:\(registry.port)" }
    /// The image that proves a pull, named through one of the registry's names.
    package func proofImage(_ host: String) -> String {
        "\(host)/\(ProofImage.repository):\(ProofImage.tag)"
    }

    /// Every name under which a reference can mean this registry.
    package var registryNames: [String] {
        if let externalRegistry { return [externalRegistry.description] }
        return [registryHost, "127.0.0.1:\(registry.port)", registryNodeHost]
    }

    /// The repository that a reference names in this registry, without what stands before ours;
    /// nil when it is another registry's.
    package func repository(of reference: ImageReference) -> String? {
        guard let external = externalRegistry else {
            return reference.registry.map(registryNames.contains) == true ? reference.path : nil
        }
        let full = reference.normalized
        guard full.registry == external.host.description else { return nil }
        guard let path = external.path else { return full.path }
        return full.path.hasPrefix("\(path)/")
            ? String(full.path.dropFirst(path.description.count + 1)) : nil
    }
}

/// The tiny image that nodes pull to prove that they reach the registry.
package enum ProofImage {
    package static let repository = "devcluster-proof"
    package static let tag = "1"
}
