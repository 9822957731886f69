#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A registry that is not the cluster's own, reached with the engine's credentials.
struct RemoteRegistry: Sendable {
    /// The host as image references name it.
    let host: String
    let curl: Curl
    /// Where credentials are; nil asks without any.
    let credentials: CredentialStore?

    init(host: String, session: Session) {
        self.init(
            host: host, curl: Curl(runner: session.runner),
            credentials: CredentialStore(
                environment: session.environment, runner: session.runner))
    }

    init(host: String, curl: Curl, credentials: CredentialStore?) {
        self.host = host
        self.curl = curl
        self.credentials = credentials
    }

    /// Where its API is: Docker Hub has another host for it, and only this machine is trusted
    /// to speak plain HTTP, as podman and docker do.
    private var baseURL: String {
        if host == "docker.io" { return "https://registry-1.docker.io" }
        let isLoopback = (try? RegistryHost(host))?.isLoopback ?? false
        return (isLoopback ? "http://" : "https://") + host
    }

    /// A client that may read these repositories, as far as the registry lets us.
    ///
    /// A registry that refuses says so again to each question, which makes a verdict unknown.
    /// - Throws: `InvocationError` when curl cannot run.
    func client(for repositories: Set<String>) async throws -> RegistryClient {
        var client = RegistryClient(baseURL: baseURL, curl: curl)
        let hello = try await curl.send([HTTPRequest(.get, baseURL + "/v2/")])[0]
        guard hello.failure == nil, hello.status == 401,
            let challenge = hello.headers["www-authenticate"].map(AuthChallenge.init)
        else { return client }
        let known = try await credentials?.credentials(for: host)
        switch challenge.scheme {
        case "basic":
            guard let known else { return client }
            for repository in repositories { client.authorizations[repository] = known.basic }
        case "bearer":
            client.authorizations = try await tokens(challenge, repositories.sorted(), known)
        default: break
        }
        return client
    }

    /// A token for each repository (distribution's token specification), all in one curl.
    private func tokens(
        _ challenge: AuthChallenge, _ repositories: [String], _ known: RegistryCredentials?
    ) async throws -> [String: String] {
        struct Answer: Decodable {
            var token: String?
            var access_token: String?
        }
        // A password goes over the network only where it cannot be read on the way.
        guard let realm = challenge.parameters["realm"],
            realm.hasPrefix("https://") || Curl.isLoopback(realm)
        else { return [:] }
        let requests = repositories.map { repository in
            let scope = "repository:\(repository):pull"
            let query = [("service", challenge.parameters["service"]), ("scope", scope)]
                .compactMap { name, value in value.map { "\(name)=\(percentEncoded($0))" } }
            return HTTPRequest(
                .get, realm + (realm.contains("?") ? "&" : "?") + query.joined(separator: "&"),
                headers: known.map { ["Authorization: \($0.basic)"] } ?? [])
        }
        var tokens: [String: String] = [:]
        for (repository, response) in zip(repositories, try await curl.send(requests)) {
            guard response.isSuccess,
                let answer = try? JSONDecoder().decode(Answer.self, from: response.body),
                let token = answer.token ?? answer.access_token
            else { continue }
            tokens[repository] = "Bearer \(token)"
        }
        return tokens
    }

    /// A value of a URL's query: everything but RFC 3986's unreserved characters is encoded.
    private func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII && (character.isLetter || character.isNumber)
                || "-._~".contains(character)
            {
                return String(character)
            }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count < 2 ? "0" : "") + hex
        }.joined()
    }
}

/// What a `WWW-Authenticate` header asks for: `Bearer realm="https://…",service="…"`.
struct AuthChallenge: Sendable, Equatable {
    /// The scheme, in lower case.
    var scheme: String
    /// Parameters by name, in lower case.
    var parameters: [String: String] = [:]

    init(_ header: String) {
        let parts = header.split(separator: " ", maxSplits: 1)
        scheme = parts.first?.lowercased() ?? ""
        var rest = parts.count > 1 ? parts[1] : ""
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].trimmingSpace.lowercased()
            rest = rest[rest.index(after: equals)...]
            let isQuoted = rest.first == "\""
            if isQuoted { rest = rest.dropFirst() }
            let value = rest.prefix { $0 != (isQuoted ? "\"" : ",") }
            parameters[name] = String(value)
            rest = rest.dropFirst(value.count + (isQuoted ? 1 : 0)).drop { ", ".contains($0) }
        }
    }
}
