import Sessions
import Settings
import Tools
import Vocabulary

/// A pull-through cache of one registry: a container of ours on the cluster's network.
package struct Mirror: Sendable, Equatable {
    /// The registry it caches.
    package let host: RegistryHost
    /// Its container's name, and its host name on the network.
    package let container: String

    /// The cache of a registry, beside our own registry of this name.
    init(of host: RegistryHost, beside registry: String) {
        self.host = host
        let safe = host.description.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        container = "\(registry)-mirror-\(String(safe))"
    }

    /// The volume with what it has cached.
    package var volume: String { "\(container)-data" }

    /// Where it gets images from.
    ///
    /// Docker Hub's API is not at its name. A host name of one word is a container's on the
    /// cluster's network: it has no certificate.
    package var upstream: String {
        if host == .dockerHub { return "https://registry-1.docker.io" }
        return (host.name.contains(".") || host.name.contains(":") ? "https" : "http")
            + "://\(host)"
    }

    /// What makes the `registry` program a cache (distribution's `proxy.remoteurl`).
    var setting: String { "REGISTRY_PROXY_REMOTEURL=\(upstream)" }

    /// Why its container has to be made again; empty when it is right.
    package func faults(_ container: Container, _ spec: RegistrySpec) -> [String] {
        var faults: [String] = []
        if !container.isRunning { faults.append("it is \(container.status)") }
        if container.networks[spec.network] == nil {
            faults.append("it is not on the network '\(spec.network)'")
        }
        if !container.environment.contains(setting) {
            faults.append("it caches another registry")
        }
        return faults
    }
}

extension Session {
    /// The caches that the configuration asks for.
    package var mirrors: [Mirror] {
        configuration.registry.mirrors.map { Mirror(of: $0, beside: place.registry.name) }
    }
}
