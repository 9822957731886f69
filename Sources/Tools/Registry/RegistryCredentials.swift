import ChildProcess
import StateFiles
import SystemLibraries
import Vocabulary

/// User and password for a registry; only ever written to a child's standard input.
package struct RegistryCredentials: Sendable, Equatable {
    package let user: String
    package let password: String

    /// Makes sure that the password is never shown, whoever repeats it.
    init(user: String, password: String) {
        self.user = user
        self.password = password
        KnownSecrets.add(password)
    }

    /// Value of an `Authorization` header.
    var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}

/// Credentials, and what they are for.
package struct RegistryLogin: Sendable, Equatable {
    /// The host as the engine's file names it, or the host with the first parts of a path.
    package var key: String
    package var credentials: RegistryCredentials
}

/// The credentials that podman and docker keep after a login.
///
/// The files and their order are those of containers-auth.json(5), then docker's own.
package struct CredentialStore: Sendable {
    let environment: [String: String]
    let runner: any Runner

    package init(environment: [String: String], runner: any Runner) {
        self.environment = environment
        self.runner = runner
    }

    private struct AuthFile: Decodable {
        struct Entry: Decodable { var auth: String? }
        var auths: [String: Entry]?
        var credHelpers: [String: String]?
        var credsStore: String?
    }

    private var paths: [String] {
        let home = environment["HOME"] ?? "/"
        let docker = environment["DOCKER_CONFIG"] ?? home + "/.docker"
        return [
            environment["REGISTRY_AUTH_FILE"],
            environment["XDG_RUNTIME_DIR"].map { $0 + "/containers/auth.json" },
            // Root's own, whose folder nobody else may enter.
            geteuid() == 0 ? "/run/containers/0/auth.json" : nil,
            (environment["XDG_CONFIG_HOME"] ?? home + "/.config") + "/containers/auth.json",
            docker + "/config.json",
        ].compactMap { $0 }
    }

    /// The login for a host, or for a path there; nil when nobody logged in there.
    ///
    /// Of several the one for the longest path counts (containers-auth.json(5)).
    /// - Throws: `DevClusterError` for a file that is there and cannot be read, cancellation; a
    ///   credential helper that does not work is passed over.
    package func login(for host: String, below path: RepositoryName? = nil) async throws
        -> RegistryLogin?
    {
        for file in paths {
            guard let data = try WholeFile.read(file),
                let content = try? JSONDecoder().decode(AuthFile.self, from: data)
            else { continue }
            if let helper = content.credHelpers?[host],
                let found = try await ask(helper, for: host)
            {
                return RegistryLogin(key: CredentialStore.key(of: host), credentials: found)
            }
            for key in CredentialStore.keys(for: host, below: path) {
                guard let entry = content.auths?[key] else { continue }
                if let auth = entry.auth, let found = CredentialStore.decode(auth) {
                    return RegistryLogin(key: key, credentials: found)
                }
                if let store = content.credsStore, let found = try await ask(store, for: host) {
                    return RegistryLogin(key: key, credentials: found)
                }
            }
        }
        return nil
    }

    /// How a host and a path there may stand in `auths`, the longest first.
    private static func keys(for host: String, below path: RepositoryName?) -> [String] {
        let parts = (path?.description ?? "").split(separator: "/")
        let deeper = (1...parts.count + 1).dropLast().reversed().map { count in
            "\(host)/\(parts.prefix(count).joined(separator: "/"))"
        }
        let plain = [host, "https://\(host)", "http://\(host)", "https://\(host)/v2/"]
        return deeper + (key(of: host) == host ? plain : plain + [key(of: host)])
    }

    /// How docker writes a host: its hub as a URL.
    private static func key(of host: String) -> String {
        host == "docker.io" ? "https://index.docker.io/v1/" : host
    }

    private static func decode(_ auth: String) -> RegistryCredentials? {
        guard let data = Data(base64Encoded: auth) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return RegistryCredentials(user: String(parts[0]), password: String(parts[1]))
    }

    /// Asks a credential helper, whose protocol is docker's: the host goes in, JSON comes out.
    private func ask(_ helper: String, for host: String) async throws -> RegistryCredentials? {
        struct Answer: Decodable {
            var Username: String
            var Secret: String
        }
        // The name is part of a file's name, and must stay one.
        guard !helper.contains("/") else { return nil }
        let server = host == "docker.io" ? "https://index.docker.io/v1/" : host
        let invocation = Invocation(
            "docker-credential-\(helper)", ["get"], input: .bytes(Data(server.utf8)),
            deadline: .seconds(10))
        do {
            let outcome = try await runner.run(invocation)
            let answer = try? JSONDecoder().decode(Answer.self, from: outcome.output)
            // An identity token is no password; getting one from it is not this tool's work.
            guard outcome.succeeded, let answer, answer.Username != "<token>" else { return nil }
            return RegistryCredentials(user: answer.Username, password: answer.Secret)
        } catch let error as InvocationError where error.reason != .cancelled {
            return nil
        }
    }
}
