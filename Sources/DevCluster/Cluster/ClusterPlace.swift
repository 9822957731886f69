/// The names that belong to one cluster of ours and its registry.
public struct ClusterPlace: Sendable, Equatable {
    /// The engine.
    public var engine: EngineName
    /// The cluster's name as kind knows it.
    public var cluster: String
    /// Folder of its state.
    public var folder: String
    /// How its registry has to be.
    public var registry: RegistryWish

    /// The context that kind gives it.
    public var context: String { "kind-\(cluster)" }
    /// Our own kubeconfig, which kind wrote.
    public var kubeconfig: String { "\(folder)/kubeconfig" }
    /// Lock of up, down and stop.
    public var lock: String { "\(folder)/lock" }
    /// What is remembered of the cluster.
    public var record: StoredFile<ClusterRecord> { StoredFile(path: "\(folder)/cluster.json") }
    /// The registry as the host reaches it, and as image references name it.
    public var registryHost: String { "localhost:\(registry.port)" }
    /// The registry as the nodes reach it.
    public var registryNodeHost: String { "\(registry.name):5000" }
    /// The registry's address for our own requests: a number, so that no resolver is asked.
    public var registryURL: String { "http://127.0.0.1:\(registry.port)" }
    /// The image that proves a pull, named through one of the registry's names.
    func proofImage(_ host: String) -> String {
        "\(host)/\(ProofImage.repository):\(ProofImage.tag)"
    }

    /// Every name under which a reference can mean this registry.
    public var registryNames: [String] {
        [
            registryHost, "127.0.0.1:\(registry.port)", registryNodeHost,
        ]
    }
}

/// The tiny image that nodes pull to prove that they reach the registry.
enum ProofImage {
    static let repository = "devcluster-proof"
    static let tag = "1"
}
