import ChildProcess
import StateFiles
import SystemLibraries
import Vocabulary

/// A registry that is not the cluster's own, reached with the engine's credentials.
package struct RemoteRegistry: Sendable {
    /// The host as image references name it.
    let host: String
    let curl: Curl
    /// Where credentials are; nil asks without any.
    let credentials: CredentialStore?
    /// What the repositories have in common, for which there may be a login of its own.
    var path: RepositoryName?

    /// Uses what the engine would: its logins, and its certificates.
    package init(
        host: String, path: RepositoryName? = nil, runner: any Runner,
        environment: [String: String], state: StateFolder
    ) {
        self.init(
            host: host,
            curl: Curl(
                runner: runner,
                certificates: CertificateStore(environment: environment, state: state)),
            credentials: CredentialStore(environment: environment, runner: runner))
        self.path = path
    }

    package init(host: String, curl: Curl, credentials: CredentialStore?) {
        self.host = host
        self.curl = curl
        self.credentials = credentials
    }

    /// Where its API is: Docker Hub has another host for it.
    var baseURL: String {
        if host == "docker.io" { return "https://registry-1.docker.io" }
        return (usesTLS ? "https://" : "http://") + host
    }

    /// Whether it is spoken to with TLS: only this machine is trusted without, as podman and
    /// docker do, and not where somebody has put certificates for it.
    package var usesTLS: Bool {
        let isLoopback = (try? RegistryHost(host))?.isLoopback ?? false
        do {
            return try !isLoopback || curl.certificates?.certificates(for: host) != nil
        } catch {
            // The request itself then says what cannot be read.
            return true
        }
    }

    /// A client that may read these repositories, as far as the registry lets us.
    ///
    /// A registry that refuses says so again to each question, which makes a verdict unknown.
    /// - Throws: `InvocationError` when curl cannot run.
    package func client(for repositories: Set<String>) async throws -> RegistryClient {
        var client = RegistryClient(baseURL: baseURL, curl: curl)
        client.use(try await passes(for: repositories))
        return client
    }

    /// What opens these repositories; those that stay closed are absent.
    ///
    /// - Throws: `InvocationError` when curl cannot run.
    func passes(for repositories: Set<String>) async throws -> [String: RegistryPass] {
        func same(_ authorization: String?) -> [String: RegistryPass] {
            Dictionary(
                uniqueKeysWithValues: repositories.map {
                    ($0, RegistryPass(authorization: authorization))
                })
        }
        let hello = try await curl.send([HTTPRequest(.get, baseURL + "/v2/")])[0]
        if hello.isSuccess { return same(nil) }
        guard hello.failure == nil, hello.status == 401,
            let challenge = hello.headers["www-authenticate"].map(AuthChallenge.init)
        else { return [:] }
        let known = try await credentials?.login(for: host, below: path)?.credentials
        switch challenge.scheme {
        case "basic": return known.map { same($0.basic) } ?? [:]
        case "bearer": return try await tokens(challenge, repositories.sorted(), known)
        default: return [:]
        }
    }

    /// A token for each repository (distribution's token specification), all in one curl.
    private func tokens(
        _ challenge: AuthChallenge, _ repositories: [String], _ known: RegistryCredentials?
    ) async throws -> [String: RegistryPass] {
        struct Answer: Decodable {
            var token: String?
            var access_token: String?
            /// Seconds; without it 60, as the specification says.
            var expires_in: BoundedInteger?
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
        var tokens: [String: RegistryPass] = [:]
        for (repository, response) in zip(repositories, try await curl.send(requests)) {
            let answer =
                response.isSuccess
                ? try? JSONDecoder().decode(Answer.self, from: response.body) : nil
            guard let token = answer?.token ?? answer?.access_token, let answer,
                token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else {
                // Asked for again with the next question.
                tokens[repository] = RegistryPass(
                    lifetime: .zero, refusal: refusal(of: realm, response))
                continue
            }
            // Not used to the end: a question takes a while too.
            let lifetime = min(3600, max(0, (answer.expires_in ?? 60).subtracting(30)))
            tokens[repository] = RegistryPass(
                authorization: "Bearer \(token)", lifetime: lifetime.seconds)
        }
        return tokens
    }

    /// Why a token server gave no token that can be used, in words.
    private func refusal(of realm: String, _ response: HTTPResponse) -> String {
        let server = "the token server of the registry, \(ShownText.line(realm)),"
        if let failure = response.failure {
            return "\(server) does not answer: \(ShownText.line(failure))"
        }
        return response.isSuccess
            ? "\(server) sends no token" : "\(server) answers HTTP \(response.status)"
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
