import ChildProcess
import SystemLibraries
import Vocabulary

/// The registry's HTTP API (OCI distribution), through curl.
package struct RegistryClient: Sendable {
    /// Scheme, host and port, without a slash at the end.
    package let baseURL: String
    let curl: Curl
    /// Value of the `Authorization` header by repository; none for a registry without a lock.
    var authorizations: [String: String] = [:]
    /// Opens repositories as they are asked for; nil for a registry without a lock.
    private var access: RegistryAccess?
    /// What stands before each repository's name, with its slash: `team/`.
    private var prefix = ""
    /// What to do about a registry that does not answer as it should.
    package private(set) var remedy = "devcluster up"
    /// Bounds of what a registry is believed to hold.
    var listLimits = ListLimits()
    /// Why the token server gave nothing for a repository, by its name.
    var refusals: [String: String] = [:]

    /// A client for the registry at this address.
    package init(baseURL: String, curl: Curl) {
        self.baseURL = baseURL
        self.curl = curl
    }

    /// A client for a registry that others run, and the repositories below a path of it.
    package init(access: RegistryAccess, path: RepositoryName?) {
        self.init(baseURL: access.remote.baseURL, curl: access.remote.curl)
        self.access = access
        prefix = path.map { "\($0)/" } ?? ""
        remedy = access.remedy
    }

    /// All four types: with only some, an index answers 404, or a docker list is silently
    /// replaced by its linux/amd64 child (distribution's manifests.go).
    static let acceptManifests =
        "Accept: application/vnd.oci.image.index.v1+json, "
        + "application/vnd.docker.distribution.manifest.list.v2+json, "
        + "application/vnd.oci.image.manifest.v1+json, "
        + "application/vnd.docker.distribution.manifest.v2+json"

    /// Requests a child: bounds what one curl holds in memory.
    private static let batch = 200

    /// Whether the registry's API answers.
    ///
    /// - Returns: nil when it does, else why not.
    package func problem() async throws -> String? {
        let response = try await curl.send([HTTPRequest(.get, baseURL + "/v2/")])[0]
        guard response.isSuccess else { return RegistryClient.reason(response) }
        guard
            response.headers["docker-distribution-api-version"] != nil
                || response.body.trimmingSpace == "{}"
        else {
            return "what answers there is no image registry"
        }
        return nil
    }

    /// The digests that the registry serves now for these manifests, without their content.
    ///
    /// - Throws: `InvocationError` when curl cannot run; what a registry answers never throws.
    package func digests(of names: [ManifestName]) async throws
        -> [ManifestName: RegistryAnswer<Digest>]
    {
        try await ask(names.map { .digest($0) }).digests
    }

    /// The manifests or indexes themselves.
    ///
    /// - Throws: `InvocationError` when curl cannot run; what a registry answers never throws.
    package func manifests(_ names: [ManifestName]) async throws
        -> [ManifestName: RegistryAnswer<ManifestDocument>]
    {
        try await ask(names.map { .manifest($0) }).manifests
    }

    /// Answers questions of any kind, with one curl for all of them.
    ///
    /// Only what has to be asked for again, or goes on on a next page, costs a further one.
    /// - Throws: `InvocationError` when curl cannot run; what a registry answers never throws.
    package func ask(_ questions: [RegistryQuestion]) async throws -> RegistryAnswers {
        if let access {
            var client = self
            client.access = nil
            let passes = try await access.passes(
                for: Set(questions.map { prefix + $0.repository }))
            client.use(passes)
            return try await client.ask(questions)
        }
        var answers = RegistryAnswers()
        let open = Set(questions).sorted { $0.path < $1.path }
        let responses = try await responses(
            to: open.map { request($0) })
        var withoutHeader: [ManifestName] = []
        let end = ContinuousClock.now + listLimits.time
        for (question, plain) in zip(open, responses) {
            let response = explained(plain, question.repository)
            switch question {
            case .digest(let name):
                answers.digests[name] = RegistryClient.answer(response) {
                    $0.headers["docker-content-digest"].flatMap { try? Digest($0) }
                }
                if answers.digests[name] == .unknown(RegistryClient.unusable) {
                    withoutHeader.append(name)
                }
            case .manifest(let name):
                answers.manifests[name] = RegistryClient.answer(
                    response, RegistryClient.manifest)
            case .tags(let repository):
                answers.tags[repository] = try await tags(
                    of: repository, from: response, until: end)
            case .configuration(let blob):
                answers.configurations[blob] = RegistryClient.answer(response) {
                    try? JSONDecoder().decode(ImageConfiguration.self, from: $0.body)
                }
            }
        }
        try await hashBodies(of: withoutHeader, into: &answers)
        return answers
    }

    /// The header is optional in the OCI specification: without it the body is hashed.
    private func hashBodies(of names: [ManifestName], into answers: inout RegistryAnswers)
        async throws
    {
        let responses = try await responses(
            to: names.map {
                request(.manifest($0))
            })
        for (name, response) in zip(names, responses) {
            // The page of some other server has a digest too, but one that means nothing.
            answers.digests[name] = RegistryClient.answer(response) { response in
                RegistryClient.manifest(in: response).flatMap { _ in
                    try? Digest("sha256:" + SHA256.hex(response.body))
                }
            }
        }
    }

    /// A repository's tags, from the first page on.
    private func tags(
        of repository: String, from first: HTTPResponse, until end: ContinuousClock.Instant
    ) async throws -> RegistryAnswer<[String]> {
        /// registry:2 gives null where the last tag was deleted.
        struct Page: Decodable {
            var tags: [String]

            private enum Keys: String, CodingKey { case tags }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Keys.self)
                tags = try values.decode([String]?.self, forKey: .tags) ?? []
            }
        }
        return try await pages(from: first, of: repository, until: end) { response in
            (try? JSONDecoder().decode(Page.self, from: response.body))?.tags
        }
    }

    /// The manifest or index in a body; nil when it is something else.
    private static func manifest(in response: HTTPResponse) -> ManifestDocument? {
        let document = try? JSONDecoder().decode(ManifestDocument.self, from: response.body)
        return document.flatMap { $0.config != nil || $0.isIndex ? $0 : nil }
    }

    private static let unusable = "the answer is not what a registry sends"

    /// Sends all requests, and again those that failed on the server's side.
    func responses(to requests: [HTTPRequest]) async throws -> [HTTPResponse] {
        var responses: [Int: HTTPResponse] = [:]
        var open = Array(requests.indices)
        // registry:2 answers 500 to a read of a manifest that is being pushed again just then.
        for pause in [Duration.milliseconds(150), .milliseconds(400), nil] {
            for start in stride(from: 0, to: open.count, by: RegistryClient.batch) {
                let batch = open[start..<min(start + RegistryClient.batch, open.count)]
                let answered = try await curl.send(batch.map { requests[$0] })
                for (index, response) in zip(batch, answered) { responses[index] = response }
            }
            open = open.filter { (responses[$0]?.status ?? 0) >= 500 }
            guard !open.isEmpty, let pause else { break }
            try await Task.sleep(for: pause)
        }
        return requests.indices.map { responses[$0] ?? .none("it was not asked") }
    }

    /// Asks with these from now on.
    mutating func use(_ passes: [String: RegistryPass]) {
        authorizations = passes.compactMapValues(\.authorization)
        refusals = passes.compactMapValues(\.refusal)
    }

    /// The answer with the true reason of a refusal, where no token was to be had.
    func explained(_ response: HTTPResponse, _ repository: String?) -> HTTPResponse {
        guard [401, 403].contains(response.status), response.failure == nil,
            let refusal = repository.flatMap({ refusals[prefix + $0] })
        else { return response }
        var explained = response
        explained.failure = refusal
        return explained
    }

    private func request(_ question: RegistryQuestion) -> HTTPRequest {
        request(
            question.isHead ? .head : .get, "/v2/" + prefix + question.path.dropFirst(4),
            of: question.repository, headers: question.accept.map { [$0] } ?? [])
    }

    /// A request for a path of the API that belongs to a repository.
    func request(
        _ method: HTTPRequest.Method, _ path: String, of repository: String? = nil,
        headers: [String] = []
    ) -> HTTPRequest {
        let authorization = repository.flatMap { authorizations[prefix + $0] }
        return HTTPRequest(
            method, baseURL + path,
            headers: headers + (authorization.map { ["Authorization: \($0)"] } ?? []))
    }

    static func answer<Value: Sendable & Equatable>(
        _ response: HTTPResponse, _ read: (HTTPResponse) -> Value?
    ) -> RegistryAnswer<Value> {
        if response.failure == nil && response.status == 404 { return .missing }
        guard response.isSuccess else { return .unknown(reason(response)) }
        return read(response).map { .found($0) } ?? .unknown(unusable)
    }

    /// Why a response is no answer, in words.
    static func reason(_ response: HTTPResponse) -> String {
        if let failure = response.failure { return failure }
        switch response.status {
        case 401, 403: return "the registry refuses access (HTTP \(response.status))"
        case 404: return "the registry has no such thing (HTTP 404)"
        case 500...: return "the registry failed (HTTP \(response.status))"
        default: return "HTTP \(response.status)"
        }
    }
}

extension Data {
    /// The bytes as text without white space at its ends.
    fileprivate var trimmingSpace: String { String(decoding: self, as: UTF8.self).trimmingSpace }
}
