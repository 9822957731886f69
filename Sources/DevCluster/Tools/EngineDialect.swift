#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Everything in which docker's command line differs from podman's.
struct EngineDialect: Sendable {
    /// Extra arguments of a push to a registry on loopback without TLS. docker needs none there.
    let insecurePush: [String]
    /// Whether push can write the digest of what it pushed into a file.
    let hasDigestFile: Bool
    /// Arguments that remove a container without waiting for it to end.
    let removeNow: @Sendable (String) -> [String]

    /// Format of `ps` that prints one label's value.
    let labelFormat: @Sendable (String) -> String

    static let podman = EngineDialect(
        insecurePush: ["--tls-verify=false"], hasDigestFile: true,
        removeNow: { ["rm", "--force", "--time", "0", $0] },
        labelFormat: { "{{index .Labels \"\($0)\"}}" })

    static let docker = EngineDialect(
        insecurePush: [], hasDigestFile: false,
        removeNow: { ["rm", "--force", $0] },
        labelFormat: { "{{.Label \"\($0)\"}}" })
}

extension Engine {
    var dialect: EngineDialect {
        switch name {
        case .podman: .podman
        case .docker: .docker
        }
    }
}
