import ChildProcess
import Foundation
import Testing
import Vocabulary

/// The engine of the environment that the tests are started in, which devcluster takes too.
///
/// Whatever the tests do or expect differently on an engine stands here and nowhere else; the table
/// in `docs/contributing.md` has a row for each.
struct LiveEngine: Sendable, CustomStringConvertible {
    let name: EngineName

    var description: String { name.rawValue }

    /// The one that `DEVCLUSTER_ENGINE` names, or the first that is installed.
    static let ofEnvironment: LiveEngine = {
        let variable = ProcessInfo.processInfo.environment["DEVCLUSTER_ENGINE"] ?? ""
        let installed = EngineName.allCases.first { findExecutable($0.rawValue) != nil }
        return LiveEngine(name: EngineName(rawValue: variable) ?? installed ?? .podman)
    }()

    private var isPodman: Bool { name == .podman }

    /// docker needs nothing to do without TLS on loopback.
    var withoutTLS: [String] { isPodman ? ["--tls-verify=false"] : [] }
    /// Arguments that remove a container without waiting for its end, which docker never does.
    var remove: [String] { ["rm", "--force"] + (isPodman ? ["--time", "0"] : []) }
    /// Arguments that list every container, also those that only builds know.
    var listAll: [String] { ["ps", "--all"] + (isPodman ? ["--external"] : []) }
    /// Variables that make it and devcluster use the logins in a folder's `config.json`.
    func login(folder: String) -> [String: String] {
        isPodman
            ? ["REGISTRY_AUTH_FILE": "\(folder)/config.json"] : ["DOCKER_CONFIG": folder]
    }
    /// Where it looks for the authority of a registry; docker's daemon knows no user's folder.
    func certificateFolder(home: String) -> String {
        isPodman ? "\(home)/.config/containers/certs.d" : "/etc/docker/certs.d"
    }

    /// Arguments that empty the cache mounts of builds, where a daemon keeps them.
    var emptyCacheMounts: [String]? {
        isPodman ? nil : ["builder", "prune", "--force", "--filter", "type=exec.cachemount"]
    }
    /// Whether a build can take an old result although a bind mount's files changed; BuildKit
    /// compares their content.
    var mayMissBindMounts: Bool { isPodman }

    /// Arguments that choose the format of an image when it is built; docker's classic store has
    /// only its own.
    func formatOfBuild(_ format: ImageFormat?) -> [String] {
        guard isPodman else { return [] }
        return ["--format", format == .docker ? "docker" : "oci"]
    }
    /// Whether push can change the format and the name.
    var pushesInAnyFormat: Bool { isPodman }
    /// Whether it makes an index of images that it has.
    var makesIndexes: Bool { isPodman }
}

/// The format of an image's manifest.
enum ImageFormat: Sendable {
    case oci
    case docker
}

extension LiveWorld {
    static let engine = LiveEngine.ofEnvironment

    /// What the cluster's state is in.
    var stateFolder: String { "\(folder)/state/clusters/\(LiveWorld.engine)-\(cluster)" }

    /// Runs the engine and expects it to succeed.
    @discardableResult
    func engine(_ arguments: String...) async throws -> String {
        try await engine(arguments)
    }

    /// Runs the engine, with variables besides, and expects it to succeed.
    @discardableResult
    func engine(_ arguments: [String], environment more: [String: String] = [:]) async throws
        -> String
    {
        try await runner.run(
            Invocation(
                LiveWorld.engine.description, arguments,
                environment: environment.merging(more) { $1 }, deadline: .seconds(180))
        ).orFailure.text
    }

    /// Runs something in a container, such as a node.
    @discardableResult
    func inside(_ container: String, _ command: String...) async throws -> String {
        try await engine(["exec", container] + command)
    }

    /// The names of the containers that run, or of all.
    func containers(all: Bool = false) async throws -> Set<String> {
        let list = try await engine(
            ["ps"] + (all ? ["--all"] : []) + ["--format", "{{.Names}}"])
        return Set(list.split(separator: "\n").map(String.init))
    }

    /// Stops a container, which is killed after so many seconds.
    func stop(_ container: String, after seconds: Int = 0) async throws {
        try await engine("stop", "-t", "\(seconds)", container)
    }

    /// Removes a container at once.
    ///
    /// - Parameter volumes: whether the volumes without a name go with it.
    func remove(_ container: String, volumes: Bool = false) async throws {
        try await engine(LiveWorld.engine.remove + (volumes ? ["--volumes"] : []) + [container])
    }
}
