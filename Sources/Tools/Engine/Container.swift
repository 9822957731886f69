import SystemLibraries
import Vocabulary

/// A container as `podman inspect` or `docker inspect` describes it.
package struct Container: Sendable, Decodable, Equatable {
    /// A directory of the container that comes from outside it.
    package struct Mount: Sendable, Decodable, Equatable {
        /// `volume`, `bind`, …
        package var type: String
        /// The volume's name; nil for a bind mount.
        package var name: String?
        /// The path outside.
        package var source: String
        /// The path inside.
        package var destination: String

        private enum CodingKeys: String, CodingKey {
            case type = "Type"
            case name = "Name"
            case source = "Source"
            case destination = "Destination"
        }

        init(type: String, name: String?, source: String, destination: String) {
            self.type = type
            self.name = name
            self.source = source
            self.destination = destination
        }
    }

    /// A published port.
    package struct Publication: Sendable, Equatable {
        /// Port and protocol inside, as `5000/tcp`.
        package var containerPort: String
        /// Address on the host; empty means every interface.
        package var hostAddress: String
        /// Port on the host.
        package var hostPort: Int
    }

    /// Full ID.
    package var id: String
    /// Name without a leading slash.
    package var name: String
    /// `created`, `running`, `paused`, `exited`, `dead`, `removing`, …
    package var status: String
    /// The reference it was made from.
    package var image: String
    /// Labels.
    package var labels: [String: String]
    /// `NAME=value` of its environment.
    package var environment: [String]
    /// Networks it is on, with its address there (empty while it is stopped).
    package var networks: [String: String]
    /// What is mounted.
    package var mounts: [Mount]
    /// Ports as they were asked for, also while it is stopped.
    package var publications: [Publication]
    /// Whether the engine says what it was made with, which podman does not of one half removed.
    package var isInspected = true

    /// Whether its removal has begun, so that nothing can be done with it but to end that.
    package var isBeingRemoved: Bool { status == "removing" }

    /// Whether it runs now.
    package var isRunning: Bool { status == "running" }

    /// Whether its ports on the host are taken by itself; a paused container keeps them.
    package var holdsPorts: Bool {
        ["running", "paused", "stopping", "initialized"].contains(status)
    }

    /// Whether devcluster made it.
    package var isManaged: Bool { labels[DevClusterLabel.managed] == "true" }
}

extension Container {
    private struct Raw: Decodable {
        struct State: Decodable { var Status: String }
        struct Config: Decodable {
            var Image: String?
            var Labels: [String: String]?
            var Env: [String]?
        }
        struct Binding: Decodable {
            var HostIp: String?
            var HostPort: String?
        }
        struct HostConfig: Decodable { var PortBindings: [String: [Binding]?]? }
        struct Network: Decodable { var IPAddress: String? }
        struct NetworkSettings: Decodable { var Networks: [String: Network]? }
        var Id: String
        var Name: String
        var State: State
        var Config: Config?
        var HostConfig: HostConfig?
        var NetworkSettings: NetworkSettings?
        var Mounts: [Mount]?
    }

    /// What is known of a container that is half removed: nothing of what it was made with.
    init(removing id: String, name: String, image: String, labels: [String: String]) {
        self.init(
            id: id, name: name, status: "removing", image: image, labels: labels, environment: [],
            networks: [:], mounts: [], publications: [], isInspected: false)
    }

    /// Reads one entry of the engine's `inspect`.
    package init(from decoder: any Decoder) throws {
        let raw = try Raw(from: decoder)
        id = raw.Id
        name = raw.Name.hasPrefix("/") ? String(raw.Name.dropFirst()) : raw.Name
        for text in [id, name] {
            // What is none could be an option of the engine.
            guard let reason = NameGrammar.engineObject(text) else { continue }
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: reason))
        }
        status = raw.State.Status
        image = raw.Config?.Image ?? ""
        labels = raw.Config?.Labels ?? [:]
        environment = raw.Config?.Env ?? []
        networks = (raw.NetworkSettings?.Networks ?? [:]).mapValues { $0.IPAddress ?? "" }
        mounts = raw.Mounts ?? []
        publications = (raw.HostConfig?.PortBindings ?? [:])
            .flatMap { port, bindings in
                (bindings ?? []).compactMap { binding in
                    Int(binding.HostPort ?? "").map {
                        Publication(
                            containerPort: port, hostAddress: binding.HostIp ?? "", hostPort: $0)
                    }
                }
            }
            .sorted { ($0.hostPort, $0.containerPort) < ($1.hostPort, $1.containerPort) }
    }
}
