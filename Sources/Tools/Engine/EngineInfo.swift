import ChildProcess
import SystemLibraries
import Vocabulary

/// What both engines' `info` say, podman's nested and docker's flat.
package struct EngineInfo: Decodable, Sendable {
    /// `v1` or `v2`.
    package var cgroupVersion: String?
    /// cgroup controllers that the engine may use.
    package var controllers: [String]
    package var isRootless: Bool
    /// `netavark` or `cni`; nil with docker.
    package var networkBackend: String?
    /// Absolute path of the name service's program; nil where the engine does not say.
    package var nameService: String?
    package var isRemote: Bool
    /// The folder of images and containers.
    package var root: String?

    private struct Podman: Decodable {
        struct Host: Decodable {
            struct Security: Decodable { var rootless: Bool? }
            struct Backend: Decodable { var dns: Program? }
            struct Program: Decodable { var path: String? }
            var cgroupVersion: String?
            var cgroupControllers: [String]?
            var networkBackend: String?
            var networkBackendInfo: Backend?
            var serviceIsRemote: Bool?
            var security: Security?
        }
        struct Store: Decodable { var graphRoot: String? }
        var host: Host
        var store: Store?
    }

    private struct Docker: Decodable {
        var CgroupVersion: String?
        var DockerRootDir: String?
        var SecurityOptions: [String]?
    }

    /// Reads `podman info --format json` or `docker info --format json`.
    package init(from decoder: any Decoder) throws {
        if let podman = try? Podman(from: decoder) {
            cgroupVersion = podman.host.cgroupVersion
            controllers = podman.host.cgroupControllers ?? []
            isRootless = podman.host.security?.rootless ?? false
            networkBackend = podman.host.networkBackend
            nameService = podman.host.networkBackendInfo?.dns?.path
            isRemote = podman.host.serviceIsRemote ?? false
            root = podman.store?.graphRoot
        } else {
            let docker = try Docker(from: decoder)
            cgroupVersion = docker.CgroupVersion.map { "v\($0)" }
            controllers = ["cpu", "memory", "pids"]
            isRootless = docker.SecurityOptions?.contains { $0.contains("rootless") } ?? false
            networkBackend = nil
            nameService = nil
            isRemote = false
            root = docker.DockerRootDir
        }
    }
}

extension Engine {
    /// What the engine says of itself; nil where that is not understood.
    ///
    /// - Throws: `InvocationError` when it does not work.
    package func info() async throws -> EngineInfo? {
        let outcome = try await printedInfo().checked()
        return try? JSONDecoder().decode(EngineInfo.self, from: outcome.output)
    }
}
