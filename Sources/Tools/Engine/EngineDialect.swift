import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Everything in which docker's command line differs from podman's.
package struct EngineDialect: Sendable {
    /// Variable that names the engine's service where that is on another machine.
    let hostVariable: String

    /// Extra arguments of a push to a registry on loopback without TLS. docker needs none there.
    let insecurePush: [String]
    /// Whether push can write the digest of what it pushed into a file.
    let hasDigestFile: Bool
    /// Arguments that remove a container without waiting for it to end.
    let removeNow: @Sendable (String) -> [String]

    /// Variable that names the folder which cache mounts are in; nil where a daemon keeps them.
    package let cacheMountFolder: String?
    /// Command that empties cache mounts, where `--no-cache` leaves them as they are.
    package let emptyCacheMounts: String?

    /// Format of `ps` that prints one label's value.
    package let labelFormat: @Sendable (String) -> String

    static let podman = EngineDialect(
        hostVariable: "CONTAINER_HOST", insecurePush: ["--tls-verify=false"], hasDigestFile: true,
        removeNow: { ["rm", "--force", "--time", "0", $0] },
        // buildah's GetTempDir; tried with podman 4.3.1, where --no-cache alone keeps them.
        cacheMountFolder: "TMPDIR", emptyCacheMounts: nil,
        labelFormat: { "{{index .Labels \"\($0)\"}}" })

    static let docker = EngineDialect(
        hostVariable: "DOCKER_HOST", insecurePush: [], hasDigestFile: false,
        removeNow: { ["rm", "--force", $0] },
        cacheMountFolder: nil,
        emptyCacheMounts: "docker builder prune --filter type=exec.cachemount",
        labelFormat: { "{{.Label \"\($0)\"}}" })
}

extension Engine {
    package var dialect: EngineDialect {
        switch name {
        case .podman: .podman
        case .docker: .docker
        }
    }

    /// The variable and value that send the engine's work to another machine; nil when they do not.
    package func remote(_ environment: [String: String]) -> (variable: String, host: String)? {
        guard let host = environment[dialect.hostVariable], !host.isEmpty,
            !host.hasPrefix("unix:")
        else { return nil }
        return (dialect.hostVariable, host)
    }
}
