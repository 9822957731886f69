import ChildProcess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// User and password for a registry; only ever written to a child's standard input.
struct RegistryCredentials: Sendable, Equatable {
    var user: String
    var password: String

    /// Value of an `Authorization` header.
    var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}

/// The credentials that podman and docker keep after a login.
///
/// The files and their order are those of containers-auth.json(5), then docker's own.
struct CredentialStore: Sendable {
    let environment: [String: String]
    let runner: any Runner

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
            "/run/containers/0/auth.json",
            (environment["XDG_CONFIG_HOME"] ?? home + "/.config") + "/containers/auth.json",
            docker + "/config.json",
        ].compactMap { $0 }
    }

    /// The credentials for a host; nil when nobody logged in there.
    ///
    /// - Throws: cancellation; a file or a credential helper that does not work is passed over.
    func credentials(for host: String) async throws -> RegistryCredentials? {
        for path in paths {
            guard let data = FileManager.default.contents(atPath: path),
                let file = try? JSONDecoder().decode(AuthFile.self, from: data)
            else { continue }
            if let helper = file.credHelpers?[host],
                let found = try await ask(helper, for: host)
            {
                return found
            }
            let entry = CredentialStore.keys(for: host).lazy.compactMap { file.auths?[$0] }.first
            if let auth = entry?.auth, let found = CredentialStore.decode(auth) { return found }
            if entry != nil, let store = file.credsStore,
                let found = try await ask(store, for: host)
            {
                return found
            }
        }
        return nil
    }

    /// How a host may stand in `auths`: docker writes its hub as a URL.
    private static func keys(for host: String) -> [String] {
        let plain = [host, "https://\(host)", "http://\(host)", "https://\(host)/v2/"]
        return host == "docker.io" ? plain + ["https://index.docker.io/v1/"] : plain
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
