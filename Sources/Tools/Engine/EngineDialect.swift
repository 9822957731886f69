import SystemLibraries
import Vocabulary

/// An engine, as far as it differs from the others; what all have in common stands in `Engine`.
///
/// Another engine is a folder beside `Podman` and `Docker` with a type of this protocol, its case
/// of `EngineName`, and its line in `EngineName.dialect`.
package protocol EngineDialect: Sendable {
    /// Variable that names the engine's service where that is on another machine.
    var hostVariable: String { get }
    /// How people get it.
    var installation: String { get }
    /// Where it looks for the certificates of registries, in a folder for each.
    var certificateFolder: String { get }

    /// Files that say what a build leaves out; the first that is there counts.
    var ignoreFiles: [String] { get }
    /// What a build's environment has besides.
    var buildEnvironment: [String: String] { get }
    /// Variable that names the folder which cache mounts are in; nil where a daemon keeps them.
    var cacheMountFolder: String? { get }
    /// Command that empties cache mounts, where `--no-cache` leaves them as they are.
    ///
    /// - Parameter isRemote: whether the engine works in a machine or service of its own.
    func emptyCacheMounts(isRemote: Bool) -> String?
    /// Extra arguments of a push to a registry on loopback without TLS, and of a pull from it.
    var withoutTLS: [String] { get }
    /// Whether push can write the digest of what it pushed into a file.
    var hasDigestFile: Bool { get }

    /// Whether a build can take an image on this machine by its ID.
    var buildsOnIDs: Bool { get }
    /// The names by which `build --build-context` knows an image that a Containerfile names.
    func contextNames(of base: NamedContext) -> [String]
    /// Arguments that remove a container without waiting for it to end.
    func removeNow(_ container: String) -> [String]

    /// Whether containers on a network find each other by name, as far as that can be told.
    func hasNameService(_ network: String, of engine: Engine) async throws -> Bool
    /// Containers of these names that are half removed, so that the engine does not inspect them.
    func halfRemoved(_ names: [String], of engine: Engine) async throws -> [String: Container]
    /// Removes what a killed run left under one of these names; whether there was anything.
    func removeRemains(named names: [String], of engine: Engine) async throws -> Bool
    /// Removes what builds left that were interrupted since then. Best effort.
    func removeBuildRemains(since start: Date, of engine: Engine) async
    /// Removes what is left of a folder of cache mounts, where this user may not. Best effort.
    func remove(cacheMounts folder: String, of engine: Engine) async
}

/// Of an engine that leaves nothing behind when it is killed.
extension EngineDialect {
    var buildEnvironment: [String: String] { [:] }
    package func hasNameService(_ network: String, of engine: Engine) async throws -> Bool { true }
    package func halfRemoved(_ names: [String], of engine: Engine) async throws
        -> [String: Container]
    { [:] }
    package func removeRemains(named names: [String], of engine: Engine) async throws -> Bool {
        false
    }
    package func removeBuildRemains(since start: Date, of engine: Engine) async {}
    package func remove(cacheMounts folder: String, of engine: Engine) async {}
}

extension EngineName {
    /// What is particular to the engine.
    package var dialect: any EngineDialect {
        switch self {
        case .podman: Podman()
        case .docker: Docker()
        }
    }
}

extension Engine {
    package var dialect: any EngineDialect { name.dialect }

    /// The variable and value that send the engine's work to another machine; nil when they do not.
    package func remote(_ environment: [String: String]) -> (variable: String, host: String)? {
        guard let host = environment[dialect.hostVariable], !host.isEmpty,
            !host.hasPrefix("unix:")
        else { return nil }
        return (dialect.hostVariable, host)
    }

    /// The same where containers' ports are on that machine, too: what answers on this one is a machine
    /// of the engine's own, which brings them here (podman's, through gvproxy).
    package func remotePorts(_ environment: [String: String]) -> (variable: String, host: String)? {
        guard let remote = remote(environment) else { return nil }
        let here = ["127.0.0.1", "localhost", "[::1]"].flatMap { ["//\($0)", "@\($0)"] }
        let isHere = here.contains { start in
            guard let end = remote.host.firstRange(of: start)?.upperBound else { return false }
            return remote.host[end...].first.map { ":/".contains($0) } ?? true
        }
        return isHere ? nil : remote
    }

    /// Whether containers on this network find each other by name, as far as that can be told.
    ///
    /// - Throws: `InvocationError` when the engine cannot run.
    package func hasNameService(_ network: String) async throws -> Bool {
        try await dialect.hasNameService(network, of: self)
    }

    /// Removes what a killed run left in storage under one of these names, which no other container
    /// can have then.
    ///
    /// - Returns: whether there was anything; what cannot be listed is not there.
    @discardableResult
    package func removeRemains(named names: [String]) async throws -> Bool {
        try await dialect.removeRemains(named: names, of: self)
    }

    /// Removes what interrupted builds left since then. Best effort: it only takes space.
    package func removeBuildRemains(since start: Date) async {
        await dialect.removeBuildRemains(since: start, of: self)
    }
}
